// The rules of docs/transactions.md as numbers and switches of the oracle, so that one of them can be broken on purpose.

export interface Rules {
  /** A frame that came longer after its own time than this is not heard, ms. */
  readonly hearsUntilMs: number
  /** A start that comes again is another transaction. */
  readonly everyStartIsNew: boolean
  /** Of several stops the last one counts. */
  readonly lastStopCounts: boolean
  /** Readings that name no transaction belong to that of their connector. */
  readonly takesNameless: boolean
  readonly takesTransactionData: boolean
  readonly kilo: bigint
  readonly sumsPhases: boolean
  readonly correctsClocks: boolean
  /** Readings are taken in the order of their times, not of their coming. */
  readonly sortsReadings: boolean
  /** Each of them again, as often as it came. */
  readonly addsRepeats: boolean
  /** A step that is not plausible is energy all the same. */
  readonly billsJumps: boolean
  /** Steps of hardware that is stronger than it was entered are energy. */
  readonly billsDoubt: boolean
  /** Where nothing is counted nothing flowed. */
  readonly restsOverJumps: boolean
  readonly restsBelowW: bigint
  readonly idleFromMs: number
  /** What the charge point did not give is no fault of the car. */
  readonly excusesEvse: boolean
  readonly grace: 'each-piece' | 'once' | 'never'
  /** Local time is that of the instant, or that of the beginning of the transaction. */
  readonly zoneAt: 'instant' | 'start'
  readonly edgeShiftMinutes: number
  readonly rounds: 'sum' | 'lines'
  readonly tariffOf: 'tag-point-site' | 'site'
  readonly blocks: boolean
}

export const theRules: Rules = {
  hearsUntilMs: Infinity, everyStartIsNew: false, lastStopCounts: false, takesNameless: true, takesTransactionData: true, kilo: 1000n, sumsPhases: true,
  correctsClocks: true, sortsReadings: true, addsRepeats: false, billsJumps: false, billsDoubt: true, restsOverJumps: false, restsBelowW: 100n, idleFromMs: 300_000, excusesEvse: true,
  grace: 'each-piece', zoneAt: 'instant', edgeShiftMinutes: 0, rounds: 'sum', tariffOf: 'tag-point-site', blocks: true,
}
