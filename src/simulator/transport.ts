// Wires without a network: joins simulated charge points to the protocol's sessions on a virtual clock, with latency, in order.
import type { Clock } from '../clock.ts'
import type { Connection } from '../protocol/connection.ts'
import type { Socket } from '../protocol/ports.ts'
import type { Attempt } from '../protocol/session.ts'
import type { Sessions } from '../protocol/sessions.ts'
import type { Dial, LineEnds } from './link.ts'
import { between, type Random } from './random.ts'

export interface Exchange {
  readonly dial: Dial
  /** Who takes calls from now on; null = nobody listens. */
  attach(sessions: Pick<Sessions, 'connect'> | null): void
  /** Every wire breaks now, as when the process at the far end is killed. */
  cutAll(): void
}

export interface ExchangeOptions {
  readonly clock: Clock
  readonly random: Random
  /** One way, ms; drawn anew for each message. */
  readonly latencyMs: readonly [number, number]
}

/** Delivers in the order of posting, each after its own latency. */
function createPipe(options: ExchangeOptions): (deliver: () => void) => void {
  const { clock, random, latencyMs } = options
  let lastMs = 0
  return (deliver) => {
    lastMs = Math.max(lastMs, clock.mono() + between(random, latencyMs[0], latencyMs[1]))
    clock.after(lastMs - clock.mono(), deliver)
  }
}

export function createExchange(options: ExchangeOptions): Exchange {
  let listening: Pick<Sessions, 'connect'> | null = null
  const wires = new Set<() => void>()

  function connect(clientID: string, ends: LineEnds): void {
    const toCentral = createPipe(options)
    const toStation = createPipe(options)
    let connection: Connection | undefined
    let up = true
    let told = false
    let paused = false
    const backlog: string[] = []
    const cut = () => hangUp(1006, 'wire cut')

    /** Both ends learn of it, each after its latency; nothing is delivered afterwards. */
    function hangUp(code: number, reason: string): void {
      if (!up) return
      up = false
      wires.delete(cut)
      toCentral(() => connection?.closed(code, reason))
      toStation(() => ends.closed())
    }

    /** The station hears that the line is open before it hears anything on it. */
    function announce(): void {
      if (told || !up) return
      told = true
      ends.opened(line)
    }

    const socket: Socket = {
      send: (text) => { if (up) toStation(() => { announce(); if (up) ends.received(text) }) },
      close: hangUp,
      terminate: () => hangUp(1006, 'terminated'),
      ping: () => { if (up) toStation(() => toCentral(() => { if (up) connection?.pong() })) },
      pause: () => { paused = true },
      resume() {
        paused = false
        for (const text of backlog.splice(0)) connection?.received(text)
      },
      bufferedAmount: 0,
    }
    const line = {
      send(text: string) {
        if (up) toCentral(() => { if (!up) return; if (paused) backlog.push(text); else connection?.received(text) })
      },
      close: () => hangUp(1000, 'closed by the charge point'),
    }

    wires.add(cut)
    toCentral(() => {
      if (!up) return
      const sessions = listening
      if (sessions === null) return hangUp(1006, 'nobody listens')
      void sessions.connect(attemptOf(clientID), socket).then((taken) => {
        connection = taken
        if (taken === undefined) hangUp(1006, 'refused')
        else if (!up) taken.closed(1006, 'gone meanwhile')
        else toStation(announce)
      })
    })
  }

  return {
    dial: connect,
    attach(sessions) { listening = sessions },
    cutAll() { for (const cut of [...wires]) cut() },
  }
}

function attemptOf(clientID: string): Attempt {
  return { clientID, path: `/ocpp/${encodeURIComponent(clientID)}`, remoteAddress: '127.0.0.1', loopback: true, secure: false, host: 'kwota.simulated', subprotocols: ['ocpp1.6'] }
}
