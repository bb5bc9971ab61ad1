// Many times in few numbers.

export interface Spread { readonly p50: number; readonly p99: number; readonly max: number; readonly count: number }

/** Of nothing it is all zeros. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? 0
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0, count: sorted.length }
}

export function inMs({ p50, p99, max }: Spread): string {
  return `half within ${p50.toFixed(0)} ms, 99 of 100 within ${p99.toFixed(0)} ms, all within ${max.toFixed(0)} ms`
}
