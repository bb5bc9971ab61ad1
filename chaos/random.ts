// Seeded chance: the same seed asks for the same things in the same order.

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** A whole number in [from, to]. */
  between(from: number, to: number): number
  /** True so often. */
  chance(part: number): boolean
  pick<T>(list: readonly T[]): T
  /** An independent stream for one part, so that one more draw there does not shift the others. */
  fork(name: string): Random
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296
  }
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1))
  return {
    next, between,
    chance: (part) => next() < part,
    pick: (list) => list[between(0, list.length - 1)]!,
    fork(name) {
      let hash = seed >>> 0
      for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193) >>> 0
      return createRandom(hash)
    },
  }
}
