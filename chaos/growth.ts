// Whether memory grows: a line through the samples, with what each finished transaction is remembered with told apart from what only time brings.

export interface Sample { readonly atS: number; readonly heapMiB: number; /** Transactions that have finished so far. */ readonly sessions: number }

export interface Growth {
  /** Of the line through all samples behind the warm-up, MiB a minute. */
  readonly perMinuteMiB: number
  /** KiB for each transaction that finished meanwhile. */
  readonly perSessionKiB: number
  readonly firstMiB: number
  readonly lastMiB: number
  readonly isFlat: boolean
  readonly words: string
}

const warmUpPart = 0.2
/** A finished transaction stays in memory for a day: its record, and its place in the lists. */
const rememberedKiB = 6
/** What scatters from one collection to the next, part of the heap. */
const scatter = 0.03

/** Samples in order of time. */
export function growthOf(samples: readonly Sample[]): Growth {
  const settled = samples.slice(Math.floor(samples.length * warmUpPart))
  const [first, last] = [settled[0], settled.at(-1)]
  if (first === undefined || last === undefined || last.atS === first.atS) return { perMinuteMiB: 0, perSessionKiB: 0, firstMiB: first?.heapMiB ?? 0, lastMiB: last?.heapMiB ?? 0, isFlat: true, words: 'too few samples for a line' }
  const perMinuteMiB = slope(settled) * 60
  const minutes = (last.atS - first.atS) / 60
  const sessions = last.sessions - first.sessions
  const grownMiB = perMinuteMiB * minutes
  const isFlat = grownMiB <= (sessions * rememberedKiB) / 1024 + first.heapMiB * scatter
  const perSessionKiB = sessions === 0 ? 0 : (grownMiB * 1024) / sessions
  return {
    perMinuteMiB, perSessionKiB, firstMiB: first.heapMiB, lastMiB: last.heapMiB, isFlat,
    words: `${first.heapMiB.toFixed(1)} MiB to ${last.heapMiB.toFixed(1)} MiB in ${minutes.toFixed(1)} minutes, ${perMinuteMiB.toFixed(2)} MiB a minute by the line through ${settled.length} samples, that is ${perSessionKiB.toFixed(1)} KiB for each of ${sessions} finished transactions`,
  }
}

/** Least squares, MiB a second. */
function slope(samples: readonly Sample[]): number {
  const meanS = samples.reduce((sum, { atS }) => sum + atS, 0) / samples.length
  const meanMiB = samples.reduce((sum, { heapMiB }) => sum + heapMiB, 0) / samples.length
  const across = samples.reduce((sum, { atS, heapMiB }) => sum + (atS - meanS) * (heapMiB - meanMiB), 0)
  return across / samples.reduce((sum, { atS }) => sum + (atS - meanS) ** 2, 0)
}
