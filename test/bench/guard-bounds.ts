// Figures against their bounds: what has grown, by how much, and what to do.

/** By the name of what is measured, e.g. `dense`, then by that of the figure, e.g. `commitsPerMessage`. */
export type GuardFigures = Readonly<Record<string, Readonly<Record<string, number>>>>

/** One sentence for each figure over its bound, and for each that has none; a bound without a figure guards nothing. */
export function growthFaults(figures: GuardFigures, bounds: GuardFigures): string[] {
  const names = (of: GuardFigures): string[] => Object.entries(of).flatMap(([what, each]) => Object.keys(each).map((name) => `${what}.${name}`))
  const at = (of: GuardFigures, name: string): number => {
    const [what, which] = name.split('.') as [string, string]
    return of[what]![which]!
  }
  return [
    ...names(figures).filter((name) => !names(bounds).includes(name)).map((name) => `${name} is ${at(figures, name)} and has no bound: write one into bench/guard.json`),
    ...names(bounds).filter((name) => !names(figures).includes(name)).map((name) => `${name} has a bound and is not measured: take it out of bench/guard.json`),
    ...names(figures).filter((name) => names(bounds).includes(name) && at(figures, name) > at(bounds, name))
      .map((name) => `${name} has grown to ${at(figures, name)}, and its bound is ${at(bounds, name)}: find out why; where it has to be, KWOTA_GUARD=write npx vitest run test/bench/guard.test.ts`),
  ]
}

/** What may come out otherwise by chance has room above; counts have none. */
export function boundsOf(figures: GuardFigures, roomFor: (name: string) => number): GuardFigures {
  return Object.fromEntries(Object.entries(figures).map(([what, each]) => [what, Object.fromEntries(Object.entries(each).map(([name, value]) => [name, roundedUp(value * roomFor(name))]))]))
}

/** To four digits. */
function roundedUp(value: number): number {
  if (value === 0) return 0
  const unit = 10 ** (Math.floor(Math.log10(value)) - 3)
  return Number((Math.ceil(value / unit - 1e-9) * unit).toPrecision(4))
}
