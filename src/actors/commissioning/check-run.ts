// One commissioning check under way: its steps one after the other, each bounded in time, none of them leaving anything behind.
import type { Clock } from '../../clock.ts'
import { configurationOf, readKeys } from '../configuration-desk.ts'
import { footingOf, judgeReport } from '../drift.ts'
import type { Estate } from '../estate.ts'
import type { Family } from '../family.ts'
import type { Caller } from '../house.ts'
import { siteEntry } from '../lookup.ts'
import { outOfReach } from '../reach.ts'
import { readProfiles } from '../stored-profiles.ts'
import { judgeBoot, judgeConfiguration, judgeLimit, judgeProfiles, judgeSecurity, judgeSkew, type ProfileFacts } from './check-judgement.ts'
import { checkSteps, type CheckEvent, type CheckRecord, type CheckStep, type Finding } from './check-record.ts'
import { testLimit } from './limit-test.ts'

export interface CheckRun {
  readonly record: CheckRecord
  readonly caller: Caller
  /** Takes an event; the record is kept and shown as it is then. */
  readonly tell: (event: CheckEvent) => void
  /** It was cancelled, or kwota ends. */
  readonly isOver: () => boolean
}

const longestStepMs = 100_000
const began: Readonly<Record<CheckStep, string>> = {
  boot: 'Looking at how it introduced itself.', clock: 'Looking at the times it tells.', security: 'Looking at how it connects.',
  configuration: 'Asking for its configuration.', profiles: 'Asking what its charging profiles come to.', limit: 'Looking for a car that draws current.',
}

/** Resolves when all steps have ended, or the check is over. */
export async function runCheck(estate: Estate, family: Family, run: CheckRun): Promise<void> {
  const { clock } = estate.options
  for (const step of checkSteps) {
    if (run.isOver()) return
    const away = estate.point(family.clientID)?.family !== family ? 'It was changed or removed meanwhile.' : outOfReach(family.station)?.message ?? null
    if (away !== null) return run.tell({ type: 'LOST', why: away })
    run.tell({ type: 'STEP_BEGAN', step, summary: began[step] })
    const finding = await within(clock, find(estate, family, run, step))
    if (run.isOver()) return
    run.tell({ type: 'STEP_ENDED', step, finding })
  }
  run.tell({ type: 'ALL_ENDED' })
}

async function within(clock: Clock, finding: Promise<Finding>): Promise<Finding> {
  let cancel = (): void => undefined
  const late = new Promise<Finding>((resolve) => {
    cancel = clock.after(longestStepMs, () => resolve({ state: 'failed', summary: `This took longer than ${longestStepMs / 1000} s.`, fix: 'See whether it answers other commands, and run the check again.' }))
  })
  try {
    return await Promise.race([finding, late])
  } catch (error) {
    return { state: 'failed', summary: `This could not be found out: ${error instanceof Error ? error.message : String(error)}`, fix: 'See that it is connected, and run the check again.' }
  } finally {
    cancel()
  }
}

async function find(estate: Estate, family: Family, run: CheckRun, step: CheckStep): Promise<Finding> {
  const { station } = family
  const { context } = station.snapshot()
  switch (step) {
    case 'boot': return judgeBoot({ boot: context.boot, accepted: context.accepted })
    case 'clock': return judgeSkew(context.skew)
    case 'security': {
      const record = estate.point(family.clientID)?.record
      return judgeSecurity({ profile: record?.config.securityProfile ?? 0, hasPassword: (record?.password ?? null) !== null, encrypted: station.session()?.reachedAt.startsWith('https:') ?? false })
    }
    case 'configuration': return findConfiguration(family, run.caller)
    case 'profiles': return judgeProfiles(await profileFacts(estate, family, run.caller))
    case 'limit': {
      const { limitTest, connectorId } = run.record
      if (!limitTest) return judgeLimit({ end: 'not-wanted', connectorId, beforeA: null, limitA: null, measuredA: null, tookS: null })
      const { room } = siteEntry(estate, station.siteID)
      const isOver = (): boolean => run.isOver() || !room.engine.isOnline(family.clientID)
      return judgeLimit(await testLimit({ room, clientID: family.clientID, connectorId, clock: estate.options.clock, caller: run.caller, isOver, tell: (summary) => run.tell({ type: 'STEP_TOLD', step, summary }) }))
    }
  }
}

async function findConfiguration({ station, commands }: Family, caller: Caller): Promise<Finding> {
  const read = await readKeys(station, [], (action, request) => commands.run({ action, request, expiresAtMs: null }, caller))
  if (read.status !== 'accepted') return { state: 'failed', summary: `It did not say its configuration: ${read.error?.description ?? read.status}.`, fix: 'See whether it answers other commands, and run the check again.' }
  return judgeConfiguration(new Map(Object.entries(configurationOf(station).keys).map(([name, { value }]) => [name, value])))
}

/** Nothing that was not there before is sent: the engine's own profile is looked at, what stands is asked for, and one that never was is taken away. */
async function profileFacts(estate: Estate, { station, commands }: Family, caller: Caller): Promise<ProfileFacts> {
  const { room: { engine: { books } } } = siteEntry(estate, station.siteID)
  const [outlet] = books.outletsOf(station.clientID)
  const row = outlet === undefined ? undefined : books.row(outlet.key)
  const confirmedA = row?.default.confirmed?.limitA ?? null
  const facts = { steered: outlet?.control === 'engine', confirmedA, refused: row !== undefined && (row.refusedAtMs !== null || row.default.refused !== null), composite: 'unjudged', compositeWords: 'it was not asked', clear: 'answered' } as const
  if (outlet === undefined || !facts.steered || confirmedA === null) return facts
  const footing = footingOf(estate, station.clientID, outlet.connectorId)
  const judged = footing === null || typeof footing === 'string' ? { composite: 'unjudged' as const, compositeWords: footing ?? 'the connector is gone' } : await compositeOf()
  const taken = new Set(readProfiles(station.scope, station.clientID).map(({ profile }) => profile.chargingProfileId))
  const id = [999_999_999, 999_999_998, 999_999_997].find((free) => !taken.has(free)) ?? 999_999_996
  const cleared = await commands.run({ action: 'ClearChargingProfile', request: { id }, expiresAtMs: null }, caller)
  return { ...facts, ...judged, clear: cleared.response?.['status'] === 'Accepted' || cleared.response?.['status'] === 'Unknown' ? 'answered' : 'refused' }

  async function compositeOf(): Promise<Pick<ProfileFacts, 'composite' | 'compositeWords'>> {
    if (outlet === undefined || footing === null || typeof footing === 'string') return { composite: 'unjudged', compositeWords: 'the connector is gone' }
    const asked = await commands.run({ action: 'GetCompositeSchedule', request: { connectorId: outlet.connectorId, duration: 3_600, chargingRateUnit: footing.unit }, expiresAtMs: null }, caller)
    if (asked.response?.['status'] !== 'Accepted') return { composite: 'refused', compositeWords: asked.error?.description ?? 'it rejects the question' }
    const { check: { matches, reason, differences }, hidesDefault } = judgeReport(estate, station.clientID, outlet.connectorId, footing, asked.response)
    if (matches === true || hidesDefault) return { composite: 'matches', compositeWords: '' }
    const [first] = differences
    return matches === null ? { composite: 'unjudged', compositeWords: reason ?? 'it gave no schedule' } : { composite: 'differs', compositeWords: `it says ${first?.reported ?? 'no limit'} ${footing.unit} where its profiles come to ${first?.expected ?? 'no limit'} ${footing.unit}` }
  }
}
