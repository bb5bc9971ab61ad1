// Many lines, each sending its next frame when the answer to the last one has come; counts what was answered in a window.
import type { Line } from './line.ts'

export interface LoopOptions {
  readonly lines: readonly Line[]
  /** The frame to send on a line, and how its answer must begin. */
  readonly next: (line: number, count: number) => { readonly frame: string; readonly answer: string }
  readonly warmUpMs: number
  /** The window opens only when no more than so many frames per second come through: burst allowances are used up then. */
  readonly settlesAt: number | null
  readonly windowMs: number
  readonly cpuS: () => number | null
}

export interface LoopResult { readonly frames: number; readonly seconds: number; readonly cpuS: number | null }

const stuckAfterMs = 30_000
const settleSliceMs = 400
const settledTolerance = 1.2

/** Rejects when a wrong answer comes, or none. Resolves when nothing is under way any more. */
export async function runClosedLoop(options: LoopOptions): Promise<LoopResult> {
  const { lines, cpuS } = options
  const counts = lines.map(() => 0)
  let answered = 0
  let underWay = 0
  let ending = false
  let fail: (error: Error) => void = () => undefined
  let idle: () => void = () => undefined
  const failed = new Promise<never>((_, reject) => { fail = reject })
  const quiet = new Promise<void>((resolve) => { idle = resolve })

  for (const [index, line] of lines.entries()) {
    let expected = ''
    const send = () => {
      const { frame, answer } = options.next(index, counts[index]!)
      expected = answer
      underWay++
      line.send(frame)
    }
    line.heard = (text) => {
      if (!text.startsWith(expected)) return fail(new Error(`expected ${expected}, got ${text.slice(0, 200)}`))
      counts[index]!++
      answered++
      underWay--
      if (!ending) send()
      else if (underWay === 0) idle()
    }
    send()
  }

  async function settle(framesPerS: number): Promise<void> {
    const deadline = performance.now() + stuckAfterMs
    for (let calm = 0; calm < 2;) {
      const before = { atMs: performance.now(), answered }
      await pause(settleSliceMs)
      const rate = (answered - before.answered) / ((performance.now() - before.atMs) / 1_000)
      calm = rate <= framesPerS * settledTolerance ? calm + 1 : 0
      if (performance.now() > deadline) throw new Error(`still ${Math.round(rate)} frames per second, ${framesPerS} expected`)
    }
  }

  async function measure(): Promise<LoopResult> {
    await pause(options.warmUpMs)
    if (options.settlesAt !== null) await settle(options.settlesAt)
    const before = { atMs: performance.now(), answered, cpuS: cpuS() }
    await pause(options.windowMs)
    const after = { atMs: performance.now(), answered, cpuS: cpuS() }
    ending = true
    await Promise.race([quiet, pause(stuckAfterMs).then(() => { throw new Error('an answer never came') })])
    return {
      frames: after.answered - before.answered,
      seconds: (after.atMs - before.atMs) / 1_000,
      cpuS: before.cpuS === null || after.cpuS === null ? null : after.cpuS - before.cpuS,
    }
  }
  return Promise.race([measure(), failed])
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
