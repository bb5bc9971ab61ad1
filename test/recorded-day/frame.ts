// What is recorded of a day: every frame as it passed kwota's door, and nothing else.

/** `in` = from the charge point; `line` tells connections apart. */
export interface Frame {
  /** Ms since the epoch, by kwota's clock. */
  readonly atMs: number
  readonly clientID: string
  readonly line: number
  readonly direction: 'in' | 'out'
  readonly text: string
}
