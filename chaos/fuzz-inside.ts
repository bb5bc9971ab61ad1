// Bad frames handed to the living actors one by one: each answer is looked at, and the state is compared every so often; where it differs the frame is searched for.
import type { BadFrame, BadFrames } from './bad-frames.ts'
import { openFuzzHouse, type FuzzHouse, type loadBuilt } from './fuzz-house.ts'

export interface FuzzOrder { readonly source: BadFrames; readonly first: number; readonly frames: number; readonly stations: number; readonly say: (line: string) => void }

export interface FuzzResult {
  readonly refused: number
  readonly dropped: number
  readonly closed: number
  /** ms that nothing else could happen. */
  readonly longestMs: number
  readonly faults: readonly string[]
}

const restEvery = 100
const lookEvery = 5_000
const sayEvery = 100_000
const mostFaults = 20
const slowMs = 50
const mostSlow = 1_000

export async function fuzzInside(built: Awaited<ReturnType<typeof loadBuilt>>, { source, first, frames, stations, say }: FuzzOrder): Promise<FuzzResult> {
  const faults: string[] = []
  const escaped = (error: unknown): void => { faults.push(`nobody caught: ${error instanceof Error ? error.stack ?? error.message : String(error)}`) }
  process.on('unhandledRejection', escaped)
  process.on('uncaughtException', escaped)
  const house = await openFuzzHouse(built, stations)
  // The same in everything but the frames: what only time changes is changed there as well.
  const twin = await openFuzzHouse(built, stations)
  const slow: number[] = []
  let [refused, dropped, closed, longestMs, lookedAt, beganMs] = [0, 0, 0, 0, 0, 0]
  for (let done = 0; done < frames && faults.length < mostFaults; done++) {
    const index = first + done
    const connection = index % stations
    const frame = source.at(index)
    if (done % restEvery === 0) {
      await house.rest()
      await twin.rest()
      beganMs = performance.now()
    }
    const fault = handed(house, connection, frame)
    const nowMs = performance.now()
    if (nowMs - beganMs > slowMs) slow.push(index)
    else longestMs = Math.max(longestMs, nowMs - beganMs)
    beganMs = nowMs
    if (fault !== null) faults.push(`frame ${index} (${frame.kind}): ${fault}; replay with --only ${index}`)
    if (house.ended(connection) !== null) {
      closed++
      await house.reopen(connection)
    } else if (frame.answers === 1) refused++
    else dropped++
    if ((done + 1) % lookEvery !== 0 && done + 1 < frames) continue
    await house.rest()
    await twin.rest()
    const [state, wanted] = [await house.state(), await twin.state()]
    if (state.hash !== wanted.hash) {
      faults.push(`the state is another after frames ${first + lookedAt} to ${index}: ${difference(wanted.text, state.text)}; ${await search(built, source, first + lookedAt, index, stations)}`)
      break
    }
    lookedAt = done + 1
    if ((done + 1) % sayEvery === 0) say(`${done + 1} frames, longest ${longestMs.toFixed(1)} ms, ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB resident`)
  }
  // A busy machine stops a frame as well: what is slow by itself is slow again.
  for (const index of slow.slice(0, mostSlow)) {
    const again = Array.from({ length: 5 }, () => timed(() => handed(house, index % stations, source.at(index))))
    longestMs = Math.max(longestMs, Math.min(...again))
  }
  return { refused, dropped, closed, longestMs, faults }
}

function timed(run: () => unknown): number {
  const beganMs = performance.now()
  run()
  return performance.now() - beganMs
}

/** What is wrong with what came back; null = nothing. */
function handed(house: FuzzHouse, connection: number, frame: BadFrame): string | null {
  let answers: readonly string[]
  try {
    answers = house.hand(connection, frame.text)
  } catch (error) {
    return `it threw ${error instanceof Error ? error.stack ?? error.message : String(error)}`
  }
  return house.ended(connection) !== null ? null : answerFault(frame, answers)
}

/** One CALLERROR with its id for whoever can be answered, nothing for the others. */
export function answerFault(frame: BadFrame, answers: readonly string[]): string | null {
  if (answers.length !== frame.answers) return `${answers.length} answers, not ${frame.answers}: ${answers.join(' ').slice(0, 300)}`
  const [answer] = answers
  if (answer === undefined) return null
  const [type, id] = JSON.parse(answer) as unknown[]
  return type === 4 && id === frame.id ? null : `answered ${answer.slice(0, 300)}`
}

/** One by one against a new house: which frame it is. */
async function search(built: Awaited<ReturnType<typeof loadBuilt>>, source: BadFrames, from: number, to: number, stations: number): Promise<string> {
  const house = await openFuzzHouse(built, stations)
  const before = await house.state()
  for (let index = from; index <= to; index++) {
    const connection = index % stations
    handed(house, connection, source.at(index))
    await house.rest()
    if (house.ended(connection) !== null) await house.reopen(connection)
    if ((await house.state()).hash !== before.hash) return `it is frame ${index} (${source.at(index).kind}); replay with --only ${index}`
  }
  return 'by themselves they change nothing'
}

/** The first line in which two texts differ. */
export function difference(before: string, after: string): string {
  const [was, is] = [before.split('\n'), after.split('\n')]
  const at = is.findIndex((line, at) => line !== was[at])
  return `${(was[at] ?? '(nothing)').trim().slice(0, 200)} became ${(is[at] ?? '(nothing)').trim().slice(0, 200)}`
}
