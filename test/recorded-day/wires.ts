// The wires of a recorded day: they join simulated charge points to kwota's sessions, and write down every frame at kwota's door.
import type { Clock } from '../../src/clock.ts'
import type { Connection } from '../../src/protocol/connection.ts'
import type { Socket } from '../../src/protocol/ports.ts'
import type { Sessions } from '../../src/protocol/sessions.ts'
import type { Dial, LineEnds } from '../../src/simulator/link.ts'
import type { Frame } from './frame.ts'

export interface Wires {
  readonly dial: Dial
  /** Who answers from now on; null = nobody. */
  attach(sessions: Pick<Sessions, 'connect'> | null): void
  cutAll(): void
  /** Breaks the line of one charge point. */
  cut(clientID: string): void
  readonly frames: readonly Frame[]
  /** Runs once, in the moment in which the next reading has been answered. */
  afterReading(fn: () => void): void
}

/** One way. Short and the same for all: what comes late here comes late because somebody kept it. */
const latencyMs = 4

export function createWires(clock: Clock): Wires {
  const frames: Frame[] = []
  const wires = new Map<() => void, string>()
  let listening: Pick<Sessions, 'connect'> | null = null
  let lines = 0
  let awaited: (() => void) | null = null

  function connect(clientID: string, ends: LineEnds): void {
    const line = ++lines
    let connection: Connection | undefined
    let up = true
    let told = false
    let paused = false
    const backlog: string[] = []
    let reading = ''
    const later = (fn: () => void): void => void clock.after(latencyMs, fn)
    const write = (direction: Frame['direction'], text: string): void => void frames.push({ atMs: clock.wall(), clientID, line, direction, text })

    function hangUp(code: number, reason: string): void {
      if (!up) return
      up = false
      wires.delete(cut)
      later(() => connection?.closed(code, reason))
      later(() => ends.closed())
    }
    const cut = (): void => hangUp(1006, 'wire cut')

    function announce(): void {
      if (told || !up) return
      told = true
      ends.opened(station)
    }

    function reach(text: string): void {
      if (paused) return void backlog.push(text)
      write('in', text)
      reading = /^\[2,("[^"]*"),"MeterValues"/.exec(text)?.[1] ?? reading
      connection?.received(text)
    }

    const station = { send: (text: string) => { if (up) later(() => { if (up) reach(text) }) }, close: () => hangUp(1000, 'closed by the charge point') }
    const socket: Socket = {
      send(text) {
        if (!up) return
        write('out', text)
        later(() => { announce(); if (up) ends.received(text) })
        if (awaited === null || reading === '' || !text.startsWith(`[3,${reading}`)) return
        const fn = awaited
        awaited = null
        fn()
      },
      close: hangUp,
      terminate: () => hangUp(1006, 'terminated'),
      ping: () => { if (up) later(() => { if (up) connection?.pong() }) },
      pause: () => { paused = true },
      resume() {
        paused = false
        for (const text of backlog.splice(0)) reach(text)
      },
      bufferedAmount: 0,
    }

    wires.set(cut, clientID)
    later(() => {
      if (!up) return
      if (listening === null) return hangUp(1006, 'nobody listens')
      void listening.connect(attemptOf(clientID), socket).then((taken) => {
        connection = taken
        if (taken === undefined) hangUp(1006, 'refused')
        else if (!up) taken.closed(1006, 'gone meanwhile')
        else later(announce)
      })
    })
  }

  return {
    dial: connect,
    attach(sessions) { listening = sessions },
    cutAll() { for (const cut of [...wires.keys()]) cut() },
    cut(clientID) { for (const [cut, of] of [...wires]) if (of === clientID) cut() },
    frames,
    afterReading(fn) { awaited = fn },
  }
}

function attemptOf(clientID: string): Parameters<Sessions['connect']>[0] {
  return { clientID, path: `/ocpp/${encodeURIComponent(clientID)}`, remoteAddress: '127.0.0.1', loopback: true, secure: false, host: 'kwota.simulated', subprotocols: ['ocpp1.6'] }
}
