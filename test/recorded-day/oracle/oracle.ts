// The independent recomputation: from raw frames, tariffs and hardware to the energy, the idle time and the cost of every transaction. Knows nothing of kwota's code.
import type { Frame } from '../frame.ts'
import { count } from './energy.ts'
import { sortFrames } from './ledger.ts'
import { priceOf, type Terms } from './money.ts'
import { idleOf } from './rest.ts'
import { theRules, type Rules } from './rules.ts'

export interface Case {
  readonly frames: readonly Frame[]
  readonly timezoneOf: (clientID: string) => string
  /** What the hardware of a connector can deliver. */
  readonly maxPowerW: (clientID: string, connectorId: number) => number
  /** The nearest word counts: the tag's, the charge point's, the site's. */
  readonly tariffs: { readonly ofTag: (idTag: string) => Terms | undefined; readonly ofPoint: (clientID: string) => Terms | undefined; readonly ofSite: (clientID: string) => Terms }
}

export interface Verdict {
  readonly transactionId: number
  readonly clientID: string
  readonly startedAtMs: number
  /** Null = it was never stopped. */
  readonly stoppedAtMs: number | null
  readonly mode: 'whole' | 'steps'
  readonly energyMWh: bigint
  readonly anomalies: number
  readonly idleMs: number
  readonly amountMinor: bigint
  readonly currency: string
}

/** In the order of the starts. */
export function recompute({ frames, timezoneOf, maxPowerW, tariffs }: Case, rules: Rules = theRules): Verdict[] {
  return sortFrames(frames, rules).map((ledger) => {
    const { transactionId, clientID, connectorId, idTag, startedAtMs, stop } = ledger
    const counted = count(ledger, maxPowerW(clientID, connectorId), rules)
    const idle = idleOf(ledger, counted, rules)
    const terms = rules.tariffOf === 'site' ? tariffs.ofSite(clientID) : tariffs.ofTag(idTag) ?? tariffs.ofPoint(clientID) ?? tariffs.ofSite(clientID)
    return {
      transactionId, clientID, startedAtMs, stoppedAtMs: stop?.atMs ?? null, mode: counted.mode, energyMWh: counted.mWh, anomalies: counted.anomalies,
      idleMs: idle.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0), amountMinor: priceOf(counted, idle, terms, timezoneOf(clientID), rules), currency: terms.currency,
    }
  })
}
