// Dimming by the grid operator (§14a EnWG): the least that charge points must be left together.

const oneW = 4_200
/** For 2, 3, … charge points; 9 and more share the last. */
const factors = [0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45] as const

/** Watts that `count` controllable charge points are guaranteed together: 4.2 kW + (n − 1) × factor(n) × 4.2 kW. One that has none is treated as one that has one: never 0. */
export function dimmingMinimumW(count: number): number {
  if (count <= 1) return oneW
  const factor = factors[Math.min(count, factors.length + 1) - 2]!
  return Math.round(oneW + (count - 1) * factor * oneW)
}
