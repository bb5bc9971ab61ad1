// The network of a seed: wires between charge points and kwota that stall, break, go half dead or speak in one direction only.
import type { Clock } from '../../clock.ts'
import type { Connection } from '../../protocol/connection.ts'
import type { Socket } from '../../protocol/ports.ts'
import type { Sessions } from '../../protocol/sessions.ts'
import type { Dial, LineEnds } from '../link.ts'
import { between, forkRandom } from '../random.ts'
import type { WeatherKind } from './world.ts'

/** What a listener at kwota's end of the wires sees. */
export interface WireTap {
  /** `line` is unique per connection. */
  frame(line: number, clientID: string, direction: 'in' | 'out', text: string): void
  opened(line: number, clientID: string): void
  closed(line: number, clientID: string): void
}

export interface Network {
  readonly dial: Dial
  /** Who takes calls from now on, and how what comes reaches its process; null = nobody listens. */
  attach(to: { readonly sessions: Pick<Sessions, 'connect'>; readonly deliver: (fn: () => void) => void } | null): void
  /** The process is gone: every wire breaks. */
  cutAll(): void
  weather(clientID: string, what: WeatherKind, forMs: number): void
  /** Somebody else dials under this name, and never says a word. */
  intrude(clientID: string, forMs: number): void
  /** The air clears for everybody, and half dead wires are noticed. */
  clear(): void
  /** Since when a charge point's line has been well, ms; Infinity = it is not. */
  wellSinceMs(clientID: string): number
}

interface Air { what: WeatherKind | null; untilMs: number; wellSinceMs: number }

const usualMs = [5, 60] as const
const slowMs = [200, 3_000] as const
const dialFailsAfterMs = 2_000

export function createNetwork(options: { readonly clock: Clock; readonly seed: number; readonly part: (name: string) => Clock; readonly tap: WireTap }): Network {
  const { clock, seed, tap } = options
  const airs = new Map<string, Air>()
  const wires = new Set<{ readonly clientID: string; readonly cut: () => void; readonly kill: () => void; readonly halve: () => void }>()
  let listening: Parameters<Network['attach']>[0] = null
  let lines = 0

  function airOf(clientID: string): Air {
    const air = airs.get(clientID) ?? { what: null, untilMs: 0, wellSinceMs: -Infinity }
    airs.set(clientID, air)
    if (air.what !== null && clock.mono() >= air.untilMs) {
      air.wellSinceMs = air.untilMs
      air.what = null
    }
    return air
  }

  /** In order; each after its own latency, and not before the air lets it through. */
  function createPipe(clientID: string, name: string, held: (what: WeatherKind | null) => boolean): { post(deliver: () => void, size?: number): void; readonly bytes: number } {
    const part = options.part(`${name} ${clientID}`)
    const random = forkRandom(seed, `${name} ${clientID} ${lines}`)
    const queue: { readonly deliver: () => void; readonly size: number }[] = []
    let lastMs = 0
    let bytes = 0
    function pop(): void {
      const air = airOf(clientID)
      if (held(air.what)) return void part.after(Math.max(1, air.untilMs - clock.mono()), pop)
      const next = queue.shift()
      bytes -= next?.size ?? 0
      next?.deliver()
    }
    return {
      post(deliver, size = 0) {
        const [fromMs, toMs] = airOf(clientID).what === 'slow' ? slowMs : usualMs
        lastMs = Math.max(lastMs, clock.mono() + between(random, fromMs, toMs))
        queue.push({ deliver, size })
        bytes += size
        part.after(lastMs - clock.mono(), pop)
      },
      get bytes() { return bytes },
    }
  }

  function connect(clientID: string, ends: LineEnds, certain = false): void {
    const line = ++lines
    const toCentral = createPipe(clientID, 'in', (what) => what === 'stall' || what === 'mute')
    const toStation = createPipe(clientID, 'out', (what) => what === 'stall' || what === 'deaf')
    const taken = listening
    let connection: Connection | undefined
    let [stationUp, centralUp, told, paused] = [true, true, false, false]
    const backlog: string[] = []

    function stationEnd(): void {
      if (!stationUp) return
      stationUp = false
      toStation.post(() => ends.closed())
    }
    function centralEnd(code: number, reason: string): void {
      if (!centralUp) return
      centralUp = false
      wires.delete(wire)
      tap.closed(line, clientID)
      toCentral.post(() => taken?.deliver(() => connection?.closed(code, reason)))
    }
    function hangUp(code: number, reason: string): void {
      stationEnd()
      centralEnd(code, reason)
    }
    const wire = {
      clientID,
      cut: () => hangUp(1006, 'wire cut'),
      /** The process at kwota's end is gone. */
      kill() { if (centralUp) tap.closed(line, clientID); centralUp = false; wires.delete(wire); stationEnd() },
      /** The charge point's end is gone, and nobody tells kwota. */
      halve() { const was = stationUp; stationUp = false; if (was) ends.closed() },
    }
    function announce(): void {
      if (told || !stationUp) return
      told = true
      ends.opened({
        send(text) {
          if (stationUp) toCentral.post(() => taken?.deliver(() => {
            if (!centralUp) return
            if (paused) backlog.push(text)
            else { tap.frame(line, clientID, 'in', text); connection?.received(text) }
          }))
        },
        close: () => { if (stationUp) hangUp(1000, 'closed by the charge point') },
      })
    }
    const socket: Socket = {
      send(text) {
        if (!centralUp) return
        tap.frame(line, clientID, 'out', text)
        toStation.post(() => { announce(); if (stationUp && told) ends.received(text) }, text.length)
      },
      close: hangUp,
      terminate: () => hangUp(1006, 'terminated'),
      ping: () => { if (stationUp) toStation.post(() => { if (stationUp) toCentral.post(() => taken?.deliver(() => { if (centralUp) connection?.pong() })) }) },
      pause: () => { paused = true },
      resume() {
        paused = false
        for (const text of backlog.splice(0)) { tap.frame(line, clientID, 'in', text); connection?.received(text) }
      },
      get bufferedAmount() { return toStation.bytes },
    }
    const { what } = airOf(clientID)
    if (!certain && (what === 'stall' || what === 'deaf' || what === 'mute')) return void clock.after(dialFailsAfterMs, () => ends.closed())
    wires.add(wire)
    toCentral.post(() => {
      if (taken === null || taken !== listening) return wire.kill()
      taken.deliver(() => {
        if (!centralUp) return
        void taken.sessions.connect(attemptOf(clientID), socket).then((got) => {
          connection = got
          if (got === undefined) return hangUp(1006, 'refused')
          tap.opened(line, clientID)
          if (!centralUp) got.closed(1006, 'gone meanwhile')
          else toStation.post(announce)
        })
      })
    })
  }

  const linesOf = (clientID: string) => [...wires].filter((wire) => wire.clientID === clientID)
  return {
    dial: (clientID, ends) => connect(clientID, ends),
    attach(to) { listening = to },
    cutAll() { for (const { kill } of [...wires]) kill() },
    weather(clientID, what, forMs) {
      if (what === 'cut') for (const { cut } of linesOf(clientID)) cut()
      else if (what === 'half-open') for (const { halve } of linesOf(clientID)) halve()
      const air = airOf(clientID)
      air.wellSinceMs = clock.mono() + (what === 'cut' || what === 'half-open' ? 0 : forMs)
      if (what === 'cut' || what === 'half-open') return
      air.what = what
      air.untilMs = Math.max(air.untilMs, clock.mono() + forMs)
      // A network that loses everything for long ends its connections.
      if (what === 'stall' && forMs > 20_000) clock.after(forMs, () => { for (const { cut } of linesOf(clientID)) cut() })
    },
    intrude(clientID, forMs) {
      connect(clientID, { opened: (line) => { clock.after(forMs, () => line.close()) }, received: () => undefined, closed: () => undefined }, true)
      airOf(clientID).wellSinceMs = clock.mono() + forMs
    },
    clear() {
      for (const air of airs.values()) { air.what = null; air.untilMs = 0; air.wellSinceMs = clock.mono() }
    },
    wellSinceMs: (clientID) => airOf(clientID).what === null ? airOf(clientID).wellSinceMs : Infinity,
  }
}

function attemptOf(clientID: string): Parameters<Sessions['connect']>[0] {
  return { clientID, path: `/ocpp/${encodeURIComponent(clientID)}`, remoteAddress: '127.0.0.1', loopback: true, secure: false, host: 'kwota.simulated', subprotocols: ['ocpp1.6'] }
}
