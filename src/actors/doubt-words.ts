// What is said after the reason for an allocation: what was not told yet, what is not proven, and what a charge point did that it was not told.
import { countedA, disobeys } from '../power/disobedience.ts'
import { distrustedA } from '../power/distrust.ts'
import { isSettling, type Row } from '../power/ledger.ts'
import { pendingRaising, type PendingRaising } from '../power/pending-raising.ts'
import type { Target } from '../power/target.ts'
import { distrustEndWords } from './ladder-words.ts'
import { timeWords } from './profile-words.ts'

const round = (value: number): number => Math.round(value * 100) / 100

export interface Moment { readonly nowMs: number; readonly aheadMs: number; readonly timezone: string }

/** Empty where it does what it was told, and was told all of it. `row` = as it is booked now. */
export function doubts(target: Target, row: Row, moment: Moment): string {
  const { nowMs } = moment
  if (disobeys(row.disobeying)) return ` It does not follow its limit: it draws ${round(row.disobeying.drawnA ?? 0)} A, and ${round(countedA(row.disobeying))} A are reserved for it.`
  if (row.excess && row.measuredA !== null) return ` It draws ${round(row.measuredA)} A all the same, and they stay reserved.`
  const settlingA = isSettling(row, nowMs) ? row.settling!.fromA : 0
  // One amount is reserved, the larger; two would contradict each other.
  const settles = settlingA > Math.max(target.allocatedA, distrustedA(row.distrusted, row.hardwareA)) ? ` ${round(settlingA)} A stay reserved until the lowering is proven.` : ''
  return `${raisingWords(pendingRaising(target, row, nowMs), moment)}${settles}${pastWords(row, settles !== '')}`
}

/** What it did with an earlier car. */
export function pastWords({ distrusted, hardwareA }: Row, more = false): string {
  if (!distrusted) return ''
  return ` It has not followed its limits; ${more ? 'from then on' : 'so'} ${round(distrustedA(distrusted, hardwareA))} A are reserved for it. ${distrustEndWords(distrusted)}`
}

const rules: Readonly<Record<Exclude<PendingRaising['waitsFor'], 'room'>, string>> = {
  change: '15 s after its last change', pause: 'once the room has lasted for 60 s after its pause', turn: 'after 5 min off', refusal: 'a minute after it refused a profile', minute: 'since it gets no more than 4 profiles a minute',
}

function raisingWords(pending: PendingRaising | null, { nowMs, aheadMs, timezone }: Moment): string {
  if (pending === null) return ''
  const { heldA, toA, waitsFor, atMs } = pending
  const told = ` Until now it was told ${round(heldA)} A;`
  if (waitsFor === 'room' || atMs === null) return `${told} ${round(toA)} A are told once they fit beside what the others are not proven to have given up.`
  const untilMs = Math.ceil((atMs + aheadMs) / 1000) * 1000
  return `${told} ${round(toA)} A are told at ${timeWords({ nowMs: nowMs + aheadMs, untilMs, timezone })}, ${rules[waitsFor]}.`
}
