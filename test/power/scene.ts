// A site at rest with cars charging, and short words for what was told and what is held.
import { expect } from 'vitest'
import { reservedA } from '../../src/power/ledger.ts'
import type { ChargePointInput, SiteInput } from '../../src/power/site.ts'
import { makeTree } from './fixtures.ts'
import { Play } from './harness.ts'
import { faultsOf } from './invariants.ts'
import type { Treatment } from './modelled-charger.ts'

export const silent: Treatment = { applyMs: null, answerMs: null, verdict: 'Accepted' }
export const rejecting: Treatment = { applyMs: null, answerMs: 300, verdict: 'Rejected' }
export const hungry = { demandA: 32, phases: 3 }

/** A site with its charge points connected and the cars of `keys` charging, at rest after a minute. */
export function begin(site: Partial<SiteInput>, chargePoints: readonly ChargePointInput[], keys: readonly string[]): { play: Play; faults: string[] } {
  const faults: string[] = []
  const play = new Play({ tree: makeTree(site, chargePoints), onPlan: (one, made) => faults.push(...faultsOf(one, made)) })
  for (const { id } of play.stations.values()) play.connect(id)
  play.until(30_000)
  keys.forEach((key, index) => play.start(key, 100 + index, hungry))
  play.until(120_000)
  return { play, faults }
}

export const held = (play: Play, key: string) => reservedA(play.rows.get(key)!, play.nowMs).thisCarA
export const confirmed = (play: Play, key: string) => play.rows.get(key)!.tx.confirmed?.limitA
export const sentSince = (play: Play, fromMs: number) => play.sent.filter(({ atMs }) => atMs >= fromMs).map(({ key, slot, limitA, kind }) => `${kind} ${key} ${slot} ${limitA}`)

export function expectSafe({ play, faults }: { play: Play; faults: string[] }): void {
  expect(faults).toEqual([])
  expect(play.witness.breaches).toEqual([])
}
