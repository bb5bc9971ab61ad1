// How a charge point wants its profiles: unit, where a car's limit goes, what a pause is, whether a profile may have a second period.

/** How a charge point wants its profiles. */
export interface Quirks {
  readonly unit: 'A' | 'W'
  /** Where a car's limit goes: TxProfile on its connector; TxDefaultProfile on its connector; TxDefaultProfile on connector 0; ChargePointMaxProfile on connector 0. */
  readonly ladder: 'tx' | 'default' | 'connector-0' | 'max-0'
  /** What a pause is sent as: 0, or the lowest limit it takes. */
  readonly pauseA: number
  /** May a profile carry a second period (the step down when the lease ends)? */
  readonly lease: boolean
}

/** What the specification says, and what is assumed until a charge point teaches otherwise. */
export const usualQuirks: Quirks = { unit: 'A', ladder: 'tx', pauseA: 0, lease: true }

/** One profile on connector 0 holds for every connector of the charge point alike. */
export function sharesOne({ ladder }: Quirks): boolean {
  return ladder === 'connector-0' || ladder === 'max-0'
}
