// A message that was begun has to end: whoever sends it byte by byte, or in pieces without a last one, is cut after ten seconds.
import type { Duplex } from 'node:stream'
import type { Clock } from '../clock.ts'

export const assemblyMs = 10_000

/** Follows the headers of frames (RFC 6455, 5.2) through the bytes of one side; what is wrong with them is for others to say. */
export class FrameTracker {
  /** Of the header that is being read; 14 bytes at most. */
  private header: number[] = []
  private payloadLeft = 0
  /** A message whose last piece has not begun. */
  private isOpen = false
  /** How many messages and control frames are whole. */
  whole = 0

  /** True while a frame or a message is begun and not whole. */
  get isWithin(): boolean {
    return this.isOpen || this.header.length > 0 || this.payloadLeft > 0
  }

  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.payloadLeft === 0 && this.header.length === 0) {
        const end = this.skipWhole(chunk, at)
        if (end > at) {
          at = end
          continue
        }
      }
      if (this.payloadLeft > 0) {
        const taken = Math.min(this.payloadLeft, chunk.length - at)
        this.payloadLeft -= taken
        at += taken
        if (this.payloadLeft === 0) this.end()
        continue
      }
      this.header.push(chunk[at++]!)
      if (this.header.length >= 2 && this.header.length === lengthOf(this.header)) this.begin()
    }
  }

  /** Where a usual frame ends that is whole in the chunk; `at` where it is none. Nearly all are. */
  private skipWhole(chunk: Buffer, at: number): number {
    if (chunk.length - at < 4) return at
    const first = chunk[at]!
    const second = chunk[at + 1]!
    const short = second & 0x7f
    if (short === 127) return at
    const end = at + (short === 126 ? 4 + (chunk[at + 2]! << 8 | chunk[at + 3]!) : 2 + short) + ((second & 0x80) === 0 ? 0 : 4)
    if (end > chunk.length) return at
    if ((first & 0x08) === 0) this.isOpen = (first & 0x80) === 0
    this.end()
    return end
  }

  private begin(): void {
    const [first = 0, second = 0] = this.header
    const short = second & 0x7f
    const sized = short === 126 ? this.header.slice(2, 4) : short === 127 ? this.header.slice(2, 10) : [short]
    this.payloadLeft = sized.reduce((sum, byte) => sum * 256 + byte, 0)
    if ((first & 0x08) === 0) this.isOpen = (first & 0x80) === 0
    this.header = []
    if (this.payloadLeft === 0) this.end()
  }

  private end(): void {
    if (!this.isOpen) this.whole++
  }
}

function lengthOf([, second = 0]: readonly number[]): number {
  const short = second & 0x7f
  return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + ((second & 0x80) === 0 ? 0 : 4)
}

/** Calls `late` when what was begun on `socket` is not whole within 10 s; while `isPaused`, when we do not read, it has its time. */
export function boundAssembly(socket: Duplex, { clock, isPaused, late }: { readonly clock: Clock; isPaused(): boolean; late(): void }): void {
  const tracker = new FrameTracker()
  let cancel: (() => void) | null = null
  let since = 0
  const arm = (): void => {
    since = tracker.whole
    cancel = clock.after(assemblyMs, () => {
      cancel = null
      if (!tracker.isWithin) return
      if (isPaused() || tracker.whole !== since) arm()
      else late()
    })
  }
  socket.on('data', (chunk: Buffer) => {
    tracker.push(chunk)
    if (!tracker.isWithin) {
      cancel?.()
      cancel = null
    } else if (cancel === null) arm()
  })
  socket.once('close', () => cancel?.())
}
