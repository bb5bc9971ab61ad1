// The few numbers that say what many measurements were.

export interface Summary { readonly median: number; readonly min: number; readonly max: number; readonly count: number }

export function summarise(values: readonly number[]): Summary {
  if (values.length === 0) throw new Error('nothing was measured')
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
  return { median, min: sorted[0]!, max: sorted.at(-1)!, count: sorted.length }
}

/** The median, and between which values that of all measurements lies with 95 % certainty, whatever their distribution; of fewer than six, between the ends. */
export interface Estimate { readonly median: number; readonly low: number; readonly high: number; readonly count: number }

export function estimate(values: readonly number[]): Estimate {
  const { median, count } = summarise(values)
  const sorted = values.toSorted((a, b) => a - b)
  // How many lie below the true median is a number of heads in so many throws of a coin.
  let chance = 0.5 ** count
  let below = chance
  let rank = 0
  for (let heads = 1; below <= 0.025 && heads < count; heads++) {
    rank = heads - 1
    chance *= (count - heads + 1) / heads
    below += chance
  }
  return { median, low: sorted[rank]!, high: sorted[count - 1 - rank]!, count }
}
