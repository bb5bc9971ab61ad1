// Faults planted into the rules: a day is worth something only if the recomputation with any of them no longer equals what kwota has.
import { theRules, type Rules } from './oracle/rules.ts'

export const planted: Readonly<Record<string, Rules>> = {
  'late readings are not heard': { ...theRules, hearsUntilMs: 10 * 60_000 },
  'a start that comes again is another transaction': { ...theRules, everyStartIsNew: true },
  'the last stop counts': { ...theRules, lastStopCounts: true },
  'readings without a transaction are nobody\'s': { ...theRules, takesNameless: false },
  'what the stop brings along is not read': { ...theRules, takesTransactionData: false },
  'kilo is nothing': { ...theRules, kilo: 1n },
  'one phase stands for all': { ...theRules, sumsPhases: false },
  'clocks are believed': { ...theRules, correctsClocks: false },
  'readings count in the order of their coming': { ...theRules, sortsReadings: false },
  'readings count as often as they come': { ...theRules, addsRepeats: true },
  'jumps of the register are billed': { ...theRules, billsJumps: true },
  'stronger hardware is believed to be as it was entered': { ...theRules, billsDoubt: false },
  'where nothing is counted nothing flowed': { ...theRules, restsOverJumps: true },
  'little power is no rest': { ...theRules, restsBelowW: 1n },
  'short rests are idle': { ...theRules, idleFromMs: 60_000 },
  'what the charge point held back is idle': { ...theRules, excusesEvse: false },
  'grace is forgotten': { ...theRules, grace: 'never' },
  'grace is given once': { ...theRules, grace: 'once' },
  'local time of the beginning': { ...theRules, zoneAt: 'start' },
  'blocks begin and end a minute late': { ...theRules, edgeShiftMinutes: 1 },
  'every line is rounded': { ...theRules, rounds: 'lines' },
  'the site\'s tariff for everybody': { ...theRules, tariffOf: 'site' },
  'no blocks': { ...theRules, blocks: false },
}

export const allFaults = Object.keys(planted)
/** What a change of the clock shows. */
export const faultsOfTime = ['local time of the beginning', 'blocks begin and end a minute late', 'no blocks']
