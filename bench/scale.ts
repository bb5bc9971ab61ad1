// How much is measured: the published figures, a quick look, or only a proof that everything still runs.

export interface Scale {
  readonly name: 'full' | 'quick' | 'smoke'
  /** Charge points that send frames in a closed loop. */
  readonly stations: number
  readonly rounds: number
  readonly windowMs: number
  readonly warmUpMs: number
  /** Charge points that are told a cut, and how many cuts there are. */
  readonly chargePoints: number
  readonly cuts: number
}

export const scales: Readonly<Record<Scale['name'], Scale>> = {
  full: { name: 'full', stations: 100, rounds: 5, windowMs: 4_000, warmUpMs: 3_000, chargePoints: 200, cuts: 12 },
  quick: { name: 'quick', stations: 100, rounds: 2, windowMs: 1_000, warmUpMs: 1_000, chargePoints: 200, cuts: 4 },
  smoke: { name: 'smoke', stations: 4, rounds: 1, windowMs: 200, warmUpMs: 50, chargePoints: 5, cuts: 1 },
}
