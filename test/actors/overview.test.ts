// A site at a glance: the whole of it in one body, its sentence, what needs attention, and decisions in a line.
import { expect, test } from 'vitest'
import { attentionOf, obedienceOf } from '../../src/actors/attention.ts'
import { decisionWords, moves } from '../../src/actors/decision-words.ts'
import { levelOf, siteSentence, type SiteFacts } from '../../src/actors/site-sentence.ts'
import type { ConnectorPowerView } from '../../src/actors/views.ts'
import { openRow } from '../../src/power/ledger.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'

const amps = (value: number) => ({ L1: value, L2: value - 2, L3: 0 })
const nowMs = Date.UTC(2026, 10, 22, 16, 0)
const calm: SiteFacts = {
  power: {
    siteID: 'main', at: '', effective: { currentA: 60, powerW: 41_400, binding: 'fuse' }, baseLoad: { status: 'fresh', countedA: amps(5), at: null }, state: 'enforced', decisionId: null,
    circuits: [{ id: 'main', parent: null, limitA: amps(60), binding: { L1: 'fuse', L2: 'fuse', L3: 'fuse' }, measuredA: amps(38.2), measured: 'all', reservedA: amps(40), headroomA: amps(15), shedding: false }],
  },
  counts: { charging: 6, waiting: 2, paused: 0, offline: 0 }, assumedA: null, alertCounts: { critical: 0, warning: 0 }, health: { chargePoints: 8, online: 8, neverConnected: 0 }, disobeying: [], untilMs: null, nowMs, timezone: 'Europe/Berlin',
}
const limited = (binding: string, more: Partial<SiteFacts> = {}): SiteFacts => ({ ...calm, ...more, power: { ...calm.power, effective: { ...calm.power.effective, binding } } })
const measured = (measured: 'part' | 'none'): SiteFacts => ({ ...calm, power: { ...calm.power, circuits: calm.power.circuits.map((one) => ({ ...one, measured })) } })

test.each<[string, SiteFacts, string, string]>([
  ['a curtailment', limited('curtailment:cur_9', { untilMs: nowMs + 5_400_000 }), 'limited', '38 of 60 A in use. 6 cars charging, 2 waiting. Limited by the curtailment until 18:30.'],
  ['nothing', { ...calm, counts: { charging: 0, waiting: 0, paused: 0, offline: 0 } }, 'ok', '38 of 60 A in use. No car is charging.'],
  ['one car', { ...calm, counts: { charging: 1, waiting: 0, paused: 3, offline: 1 } }, 'ok', '38 of 60 A in use. 1 car charging, 3 paused or full, 1 offline.'],
  ['all wait', { ...calm, counts: { charging: 0, waiting: 1, paused: 0, offline: 0 } }, 'limited', '38 of 60 A in use. No car charging, 1 waiting.'],
  ['a limit without an end', limited('grid-limit'), 'limited', '38 of 60 A in use. 6 cars charging, 2 waiting. Limited by the grid limit.'],
  ['the failsafe', limited('failsafe'), 'limited', '38 of 60 A in use. 6 cars charging, 2 waiting. Limited to the failsafe: the energy manager is silent.'],
  ['what cannot be met', { ...calm, power: { ...calm.power, state: 'unenforceable', deficitA: 4 } }, 'critical', 'The limit cannot be met: 4 A are missing. 38 of 60 A in use. 6 cars charging, 2 waiting.'],
  ['a charger that disobeys', { ...calm, disobeying: ['CP-05/1'] }, 'critical', 'CP-05/1 does not follow its limit. 38 of 60 A in use. 6 cars charging, 2 waiting.'],
  ['chargers that disobey', { ...calm, disobeying: ['CP-05/1', 'CP-06/1'] }, 'critical', '2 connectors do not follow their limits. 38 of 60 A in use. 6 cars charging, 2 waiting.'],
  ['a silent meter', { ...calm, power: { ...calm.power, baseLoad: { ...calm.power.baseLoad, status: 'stale', countedA: amps(20) } }, alertCounts: { critical: 1, warning: 0 } }, 'critical', '38 of 60 A in use. 6 cars charging, 2 waiting. The site meter is silent: 20 A are counted for the building.'],
  ['what nobody measures', measured('none'), 'limited', '45 A reserved, not measured (limit 60 A). 6 cars charging, 2 waiting.'],
  ['what is measured in part', measured('part'), 'limited', '38 A measured, not all of it; 45 A reserved (limit 60 A). 6 cars charging, 2 waiting.'],
  ['one offline', { ...calm, health: { chargePoints: 8, online: 7, neverConnected: 0 } }, 'warning', '38 of 60 A in use. 6 cars charging, 2 waiting. 1 of 8 charge points is offline.'],
  ['one offline, two that never came', { ...calm, health: { chargePoints: 8, online: 5, neverConnected: 2 } }, 'warning', '38 of 60 A in use. 6 cars charging, 2 waiting. 1 of 8 charge points is offline. 2 of 8 charge points never connected.'],
  ['a limit between two amps, never rounded up', { ...calm, power: { ...calm.power, effective: { ...calm.power.effective, currentA: 34.78 } } }, 'limited', '38 of 34.7 A in use. 6 cars charging, 2 waiting.'],
  ['a fuse that nobody stated', { ...calm, assumedA: 63 }, 'warning', '38 of 60 A in use. 6 cars charging, 2 waiting. The fuse of 63 A is assumed: nobody said how big it is.'],
  ['shedding with nobody there', { ...calm, counts: { charging: 0, waiting: 0, paused: 0, offline: 0 }, power: { ...calm.power, circuits: calm.power.circuits.map((one) => ({ ...one, shedding: true })) } }, 'limited', 'Too much is reserved: only lowerings leave until it fits. 38 of 60 A in use. No car is charging.'],
  ['shedding', { ...calm, power: { ...calm.power, circuits: calm.power.circuits.map((one) => ({ ...one, shedding: true })) } }, 'limited', 'Too much is reserved: only lowerings leave until it fits. 38 of 60 A in use. 6 cars charging, 2 waiting.'],
])('the sentence: %s', (_, facts, level, words) => {
  expect([levelOf(facts), siteSentence(facts)]).toEqual([level, words])
})

const connector: ConnectorPowerView = { clientID: 'CP1', connectorId: 1, circuit: null, status: 'Charging', online: true, transactionId: 7, doing: 'charging', requestedA: 32, allocatedA: 32, confirmedA: 32, reservedA: 32, measuredA: 31, measuredAt: null, binding: 'hardware' }

test.each<[Partial<ConnectorPowerView>, string]>([
  [{}, 'charging'], [{ allocatedA: 10, measuredA: 9.8 }, 'limited'], [{ doing: 'waiting' }, 'waiting'], [{ doing: 'paused' }, 'paused'],
  [{ online: false, doing: 'offline' }, 'offline-charging'], [{ online: false, transactionId: null, doing: null }, 'offline'], [{ status: 'Faulted' }, 'faulted'], [{ status: 'Unavailable', transactionId: null, doing: null }, 'unavailable'],
  [{ status: 'Preparing', transactionId: null, doing: null }, 'plugged-in'], [{ status: 'Available', transactionId: null, doing: null }, 'free'],
])('attention: %o → %s', (facts, reason) => {
  expect(attentionOf({ ...connector, ...facts }, 'unknown', true).reason).toBe(reason)
  expect(attentionOf({ ...connector, ...facts }, 'disobeying', true)).toEqual({ rank: 0, reason: 'disobeying' })
})

test('obeying: only what a fresh reading says of a limit that was accepted', () => {
  const entry = { seq: 1, slot: 'tx', limitA: 10, fallbackA: 0, leaseEndsAtMs: null, bookedAtMs: 0, state: 'sent' } as const
  const row = { ...openRow(32, false), transactionId: 7, tx: { confirmed: entry, inFlight: [], refused: null } }
  const drawing = { sinceMs: 0, lastMs: 9, samples: 3, drawnA: 20, reportedA: null, rung: 'again', rungAtMs: 0, tried: ['again'], obeysSinceMs: null } as const
  expect(obedienceOf(row, true, 0)).toBe('obeying')
  expect(obedienceOf(row, false, 0)).toBe('unknown')
  expect(obedienceOf({ ...row, excess: true }, true, 0)).toBe('unknown')
  expect(obedienceOf({ ...row, tx: openRow(32, false).tx }, true, 0)).toBe('unknown')
  expect(obedienceOf({ ...row, settling: { fromA: 32, anyFromA: 0, acceptedAtMs: 0, quietSinceMs: 0, sawAbove: false } }, true, 1_000)).toBe('unknown')
  expect(obedienceOf({ ...row, disobeying: drawing }, true, 0)).toBe('disobeying')
  expect(obedienceOf({ ...openRow(32, false), distrusted: { drawnA: 20, reportedA: null, obeysSinceMs: null } }, false, 0)).toBe('disobeying')
})

test('decisions in a line', () => {
  const change = (connectorId: number, beforeA: number | null, afterA: number | null) => {
    const standing = (allocatedA: number | null) => (allocatedA === null ? null : { allocatedA, binding: 'fuse', boundBy: null, queuePlace: null })
    return { clientID: 'CP-03', connectorId, before: standing(beforeA), after: standing(afterA) }
  }
  const words = (cause: string, ...changes: ReturnType<typeof change>[]) => decisionWords({ trigger: { cause }, changes, state: 'enforced', deficitA: 0 })
  expect(words('site-limit-set', change(1, 16, 10), change(2, null, 6))).toBe('The grid limit was changed: CP-03/1 16 → 10 A, CP-03/2 0 → 6 A.')
  expect(words('sample', change(1, 16, 10), change(2, 16, 10), change(3, 6, 8), change(4, 6, 6))).toBe('A reading came: 2 connectors lowered, 1 raised.')
  expect(words('start', change(1, 0, 6), change(2, 0, 6), change(3, 0, 6))).toBe('kwota started: 3 connectors raised.')
  expect([moves({ changes: [change(1, 6, 6)] }), moves({ changes: [change(1, 6, 6), change(2, null, 6)] })]).toEqual([false, true])
  expect(words('due', change(1, 6, 6))).toBe('A change that was due: everybody keeps what they have.')
  expect(decisionWords({ trigger: { cause: 'unheard-of' }, changes: [], state: 'unenforceable', deficitA: 4 })).toBe('unheard-of: everybody keeps what they have. 4 A are missing.')
})

async function charging(): Promise<HouseStand> {
  const stand = await openHouse({ sites: [{ name: 'Depot', fuseA: 60, timezone: 'Europe/Berlin', circuits: [{ id: 'garage', limitA: 40 }] }], chargePoints: [{ id: 'CP1', circuit: 'garage' }, { id: 'CP2' }, { id: 'CP3' }, { id: 'DC1', connectors: [{ id: 1, current: 'DC', maxW: 20_000 }] }] })
  const peer = await stand.boot('CP1')
  await stand.boot('CP2')
  await stand.clock.advance(20_000)
  await stand.call(peer, 'StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError' })
  await stand.start(peer, 'TAG-1')
  await stand.clock.advance(20_000)
  await stand.call(peer, 'MeterValues', { connectorId: 1, meterValue: [{ timestamp: new Date(stand.clock.wall()).toISOString(), sampledValue: ['L1', 'L2', 'L3'].map((phase) => ({ value: '30', measurand: 'Current.Import', unit: 'A', phase })) }] })
  await stand.clock.advance(1_000)
  return stand
}

test('all of a site in one body, the same as piece by piece', async () => {
  const { house, clock } = await charging()
  const view = house.overviews.overview('main')
  const { connectors, ...power } = house.power('main')
  expect(view.power).toEqual(power)
  expect(view.site).toMatchObject({ id: 'main', name: 'Depot', fuseA: { L1: 60, L2: 60, L3: 60 }, circuits: [{ id: 'garage' }] })
  for (const own of connectors) {
    const shown = view.connectors.find(({ clientID }) => clientID === own.clientID)
    expect(shown).toMatchObject(own)
    expect(shown?.why).toBe(house.allocation(own.clientID, 1).summary)
  }
  expect(view.connectors.find(({ clientID }) => clientID === 'CP1')).toMatchObject({ obeying: 'obeying', transaction: { idTag: 'TAG-1', energyWh: 0, cost: null }, attention: { reason: 'charging' }, minA: 6, maxA: 32, priority: 0, queue: null })
  expect(view.connectors.map(({ clientID, attention, obeying }) => [clientID, attention.reason, obeying])).toEqual([['CP1', 'charging', 'obeying'], ['CP2', 'free', 'unknown'], ['CP3', 'never-connected', 'unknown'], ['DC1', 'never-connected', 'unknown']])
  expect(view).toMatchObject({ health: { chargePoints: 4, online: 2, neverConnected: 2 }, counts: { charging: 1, waiting: 0, paused: 0, offline: 0 }, nextLimit: null, at: new Date(clock.wall()).toISOString(), level: 'warning' })
  expect(view.sentence).toBe('30 of 60 A in use. 1 car charging. 2 of 4 charge points never connected.')
  expect(view.decisions[0]).toMatchObject({ id: power.decisionId })
  expect(view.decisions.length).toBeLessThanOrEqual(10)
  expect(view.decisions.filter(({ words }) => words.includes('keeps what'))).toEqual([])
  expect(view.engine.lastDecisionAt).toBe(view.decisions[0]?.at)
})

test('a curtailment: the sentence names it and its end, and what comes next', async () => {
  const { house, clock } = await charging()
  await house.limits.createCurtailment('main', { kind: 'curtailment', currentA: 5, expiresAt: new Date(clock.wall() + 3_600_000).toISOString() }, caller)
  await clock.advance(2_000)
  const view = house.overviews.overview('main')
  expect(view.sentence).toMatch(/ of 5 A in use\. 1 car charging\. Limited by the curtailment until \d\d:\d\d:\d\d\./)
  expect(view.nextLimit).toEqual({ at: new Date(clock.wall() - 2_000 + 3_600_000).toISOString(), currentA: 60 })
  expect(view.connectors[0]).toMatchObject({ clientID: 'CP1', doing: 'charging', allocatedA: 0, attention: { reason: 'limited' }, queue: null })
})

test('a session says what its car does, as its site shows it; out of reach nobody knows', async () => {
  const stand = await charging()
  const [held] = stand.house.records.held()
  expect(held).toMatchObject({ clientID: 'CP1', status: 'charging', doing: 'charging' })
  stand.directory.estate.sites.get('main')!.room.stationOffline('CP1')
  expect(stand.house.overviews.overview('main')).toMatchObject({ counts: { charging: 0, offline: 1 } })
  expect(stand.house.records.held()).toMatchObject([{ id: held!.id, status: 'charging', doing: 'offline' }])
})

test('alerts: those open of this site, critical first, without mere information', async () => {
  const { house, directory: { estate }, clock } = await charging()
  estate.alerts.set({ code: 'clock-skew', siteID: 'main', clientID: 'CP2' }, 'skewed', clock.wall())
  estate.alerts.set({ code: 'limit-active', siteID: 'main' }, 'active', clock.wall())
  estate.alerts.set({ code: 'store-down', siteID: 'main' }, 'down', clock.wall())
  estate.alerts.set({ code: 'store-down', siteID: 'other' }, 'elsewhere', clock.wall())
  const { alerts, alertCounts, level } = house.overviews.overview('main')
  expect(alerts.map(({ code }) => code).slice(0, 2)).toEqual(['store-down', 'clock-skew'])
  expect(alerts.every(({ severity, siteID }) => severity !== 'info' && siteID === 'main')).toBe(true)
  expect([alertCounts.critical, level]).toEqual([1, 'critical'])
  for (let n = 0; n < 60; n++) estate.alerts.set({ code: 'meter-anomaly', siteID: 'main', about: String(n) }, 'odd', clock.wall())
  expect(house.overviews.overview('main').alerts).toHaveLength(50)
  expect(house.overviews.overview('main').alertCounts.warning).toBeGreaterThanOrEqual(61)
})

test('an unknown site is refused', async () => {
  const { house } = await openHouse()
  expect(() => house.overviews.overview('nowhere')).toThrow('There is no site nowhere.')
})
