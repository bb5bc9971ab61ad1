// The whole explanation of a connector: every limit above it with its state, what it would leave by itself, and until when.
import { describe, expect, test } from 'vitest'
import type { SiteInput } from '../../src/power/site.ts'
import { caller, openHouse } from './house-stand.ts'

async function two(site: Partial<SiteInput> = {}) {
  const stand = await openHouse({ sites: [{ fuseA: 200, ...site }], chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] })
  const peers = [await stand.boot('CP1'), await stand.boot('CP2')]
  await stand.clock.advance(15_000)
  for (const peer of peers) await stand.start(peer)
  await stand.clock.advance(20_000)
  const at = (ms: number) => new Date(stand.clock.wall() + ms).toISOString()
  return { ...stand, peers, at, of: (clientID = 'CP1') => stand.house.allocation(clientID, 1) }
}

describe('a curtailment', () => {
  test('binds, says who asked for it, until when, and what comes then; the grid limit behind it is limiting', async () => {
    const { house, clock, of, at } = await two()
    await house.patchConnector('CP1', 1, { vehicleMaxA: 32 }, caller)
    await house.setGridLimit('main', { currentA: 40 }, caller)
    await clock.advance(20_000)
    const expiresAt = at(7_200_000)
    const { value: { id } } = await house.limits.createCurtailment('main', { kind: 'curtailment', currentA: 20, expiresAt, source: 'grid operator' }, caller)
    await clock.advance(20_000)
    const { summary, constraints, binding } = of()
    expect(binding).toBe(`curtailment:${id}`)
    expect(summary).toBe(`10 A: the curtailment to 20 A (grid operator) is shared equally by 2 cars until ${expiresAt.slice(11, 19)}, then 20 A.`.replace(':00,', ','))
    expect(constraints).toEqual([
      { id: 'fuse', limitA: 200, state: 'ok' },
      { id: 'grid-limit', limitA: 40, shareA: 20, state: 'limiting' },
      { id: `curtailment:${id}`, limitA: 20, shareA: 10, state: 'binding', until: expiresAt },
      { id: 'vehicle', limitA: 32, state: 'ok' },
      { id: 'hardware', limitA: 32, state: 'ok' },
    ])
  })

  test('that dims says so', async () => {
    const { house, clock, of, at } = await two()
    await house.limits.createCurtailment('main', { kind: 'dimming', powerW: 8_000, expiresAt: at(3_600_000), source: 'grid operator' }, caller)
    await clock.advance(20_000)
    expect(of().summary).toMatch(/^11 A: the curtailment to 8 kW \(11\.59 A per phase; dimming, grid operator\) leaves no more until [\d:]+, then 32 A\.$/)
  })

  test('that begins later is inactive until then', async () => {
    const { house, clock, of, at } = await two()
    const [startsAt, expiresAt] = [at(3_600_000), at(7_200_000)]
    const { value: { id } } = await house.limits.createCurtailment('main', { kind: 'curtailment', currentA: 20, startsAt, expiresAt }, caller)
    expect(of().constraints).toContainEqual({ id: `curtailment:${id}`, limitA: 20, state: 'inactive', until: expiresAt })
    await clock.advance(3_610_000)
    expect(of().constraints.find((one) => one.id.startsWith('curtailment'))).toMatchObject({ state: 'binding', shareA: 10 })
    await clock.advance(3_600_000)
    expect(of().constraints.map(({ id: source }) => source)).toEqual(['fuse', 'hardware'])
  })
})

test('a car that draws less than it may is capped by what it has shown, which is inferred', async () => {
  const { peers: [, second], clock, of, call } = await two({ fuseA: 48 })
  for (let sample = 0; sample < 6; sample++) {
    await call(second!, 'MeterValues', { connectorId: 1, meterValue: [{ timestamp: new Date(clock.wall()).toISOString(), sampledValue: ['L1', 'L2', 'L3'].map((phase) => ({ value: '9.2', measurand: 'Current.Import', phase, unit: 'A' })) }] })
    await clock.advance(10_000)
  }
  expect(of('CP2')).toMatchObject({ allocatedA: 11, binding: 'vehicle', summary: '11 A: the car has shown to take no more; it gets more as soon as it does.' })
  expect(of('CP2').constraints).toContainEqual({ id: 'vehicle', limitA: 11, state: 'binding', inferred: true })
})

describe('what is bought and not fused', () => {
  test('binds as the demand window, with its end, and alarms nobody', async () => {
    const { house, clock, of, events } = await two({ demandWindow: { targetW: 13_800 } })
    await clock.advance(120_000)
    const { binding, constraints, summary } = of()
    expect(binding).toBe('demand-window')
    expect(summary).toMatch(/^\d+ A: the demand window of [\d.]+ kW \([\d.]+ A per phase\) is shared equally by 2 cars until \d\d:\d\d/)
    expect(constraints.find(({ id }) => id === 'demand-window')).toMatchObject({ state: 'binding', until: expect.any(String) as string })
    await clock.advance(1_800_000)
    expect(house.alerts().filter(({ code }) => ['over-limit', 'unenforceable', 'starved'].includes(code))).toEqual([])
    expect(events.filter(({ type }) => type === 'allocation.changed').length).toBeGreaterThan(0)
  })
})

describe('a dry run of the site', () => {
  test('takes its schedules and circuits with it, and changes nothing', async () => {
    const { house, clock } = await two()
    const before = JSON.stringify([house.power('main'), house.site('main'), (await house.decisions.list({ limit: 100 })).data])
    const start = new Date(clock.wall() - 60_000).toISOString()
    const found = house.limitPreviews.site({ ...house.site('main').value, limitSchedules: [{ id: 'noon', intervals: [{ startsAt: start, durationS: 3_600, limitW: 13_800 }] }] })
    expect(found).toMatchObject({ effective: { before: { binding: 'fuse' }, after: { currentA: 20, binding: 'schedule:noon' } }, counts: { changed: 2, lowered: 2 }, connectors: [{ afterA: 10, bindingAfter: 'schedule:noon' }, { afterA: 10 }] })
    expect(JSON.stringify([house.power('main'), house.site('main'), (await house.decisions.list({ limit: 100 })).data])).toBe(before)
  })

  test('is refused as in earnest', async () => {
    const { house } = await two()
    const { value } = house.site('main')
    expect(() => house.limitPreviews.site({ ...value, baseLoad: { ...value.baseLoad, worstCaseA: 300 } })).toThrow(expect.objectContaining({ code: 'fallbacks-do-not-fit' }))
    expect(() => house.limitPreviews.gridLimit('main', { currentA: 201 })).toThrow(expect.objectContaining({ code: 'above-fuse' }))
    expect(() => house.limitPreviews.gridLimit('nowhere', { currentA: 1 })).toThrow(expect.objectContaining({ code: 'unknown-site' }))
  })
})
