// The line of a simulated charge point to its central system: dialled again whenever it is lost, until told to stay away.
import type { Clock } from '../clock.ts'
import type { Behaviour } from './behaviours.ts'
import { between, type Random } from './random.ts'

/** An open text connection, as the charge point holds it. */
export interface Line {
  send(text: string): void
  close(): void
}

export interface LineEnds {
  opened(line: Line): void
  received(text: string): void
  /** Also when it never opened. Exactly once per dial. */
  closed(): void
}

/** Tries to connect once; calls `opened` and later `closed`, or `closed` alone. */
export type Dial = (clientID: string, ends: LineEnds) => void

export interface LinkOptions {
  readonly clientID: string
  readonly clock: Clock
  readonly random: Random
  readonly dial: Dial
  readonly behaviour: () => Behaviour
  readonly isSilent: () => boolean
  opened(): void
  closed(): void
  received(text: string): void
}

export interface Link {
  /** Hangs up and stays away. */
  hold(): void
  /** Dials, now and after every loss. */
  release(): void
  readonly send: (text: string) => void
  readonly isOpen: boolean
}

const redialFromMs = 200
const redialToMs = 800

export function createLink(options: LinkOptions): Link {
  const { clock, random } = options
  let line: Line | null = null
  let held = true
  /** Grows with each dial and each hold: what an older line still says is not heard. */
  let attempt = 0
  let busy = false

  function dial(): void {
    if (held || busy || line !== null) return
    busy = true
    const mine = ++attempt
    options.dial(options.clientID, {
      opened(open) {
        if (mine !== attempt) return open.close()
        busy = false
        line = open
        options.opened()
        const dropMs = options.behaviour().dropsSocketEveryMs
        if (dropMs !== undefined) clock.after(dropMs, () => { if (line === open) open.close() })
      },
      received: (text) => { if (mine === attempt) options.received(text) },
      closed() {
        if (mine !== attempt) return
        busy = false
        lost()
      },
    })
  }

  function lost(): void {
    const was = line !== null
    line = null
    if (was) options.closed()
    if (!held && !options.isSilent()) clock.after(between(random, redialFromMs, redialToMs), dial)
  }

  return {
    hold() {
      held = true
      attempt++
      busy = false
      const open = line
      line = null
      open?.close()
      if (open !== null) options.closed()
    },
    release() {
      held = false
      dial()
    },
    send: (text) => line?.send(text),
    get isOpen() { return line !== null },
  }
}
