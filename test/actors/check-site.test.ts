// What of a site is refused whoever describes it: limits above its fuse, and more intervals than anybody can look through.
import { describe, expect, test } from 'vitest'
import { readSiteRecord } from '../../src/actors/estate-records.ts'
import { openScope } from '../../src/actors/scope.ts'
import type { LimitSchedule } from '../../src/power/limit-schedule.ts'
import { caller, openHouse } from './house-stand.ts'
import { pointOf, siteOf } from './site-stand.ts'

const fuseA = { L1: 50, L2: 63, L3: 63 }
const code = (expected: string, pointer: string) => expect.objectContaining({ kind: 'invalid', code: expected, errors: [expect.objectContaining({ pointer })] }) as Error
const startsAt = '2030-01-01T00:00:00Z'
const intervals = (count: number) => Array.from({ length: count }, () => ({ startsAt, durationS: 60, currentA: 10 }))
const lists = (...counts: number[]): LimitSchedule[] => counts.map((count, index) => ({ id: `s${index}`, intervals: intervals(count) }))

describe('no limit stands above the fuse', () => {
  test.each([
    ['the failsafe', { failsafeA: 64 }, '/failsafeA'],
    ['the target of the demand window', { demandWindow: { targetW: 230 * 176 + 1 } }, '/demandWindow/targetW'],
  ])('%s', async (_, wrong, pointer) => {
    const { house, restart } = await openHouse()
    await expect(house.putSite(siteOf({ id: 'annex', fuseA, ...wrong }), caller)).rejects.toThrow(code('above-fuse', pointer))
    expect(() => house.limitPreviews.site(siteOf({ id: 'annex', fuseA, ...wrong }))).toThrow(code('above-fuse', pointer))
    expect(house.sites().map(({ value }) => value.id)).toEqual(['main'])
    await expect(restart({ sites: [{ fuseA, ...wrong }] })).rejects.toThrow(code('above-fuse', pointer))
  })

  test('at the fuse they may, and what was stored before keeps no kwota from starting', async () => {
    const { house, store, clock, restart } = await openHouse()
    await house.putSite(siteOf({ id: 'annex', fuseA, failsafeA: 63, demandWindow: { targetW: 230 * 176 } }), caller)
    const scope = await openScope({ store, name: 'annex', clock })
    const record = readSiteRecord(scope)!
    scope.put('config', { ...record, site: { ...record.site, failsafeA: 80, demandWindow: { targetW: 100_000 } } })
    await scope.flush()
    const again = await restart()
    expect(again.house.site('annex').value.failsafeA).toBe(80)
    await expect(again.house.putChargePoint(pointOf({ id: 'CP9', site: 'annex' }), undefined, caller)).resolves.toMatchObject({ created: true })
  })
})

describe('2,800 intervals in all', () => {
  test('a site with more is refused, and so is one schedule too many', async () => {
    const { house } = await openHouse()
    const tooMany = expect.objectContaining({ kind: 'conflict', code: 'too-many-intervals', hint: expect.stringContaining('weekly') as string }) as Error
    const full = siteOf({ id: 'annex', limitSchedules: lists(700, 700, 700, 699) })
    await house.putSite(full, caller)
    await expect(house.putSite({ ...full, limitSchedules: lists(700, 700, 700, 700, 1) }, caller)).rejects.toThrow(tooMany)
    await house.limits.putSchedule('annex', { id: 'last', startsAt, durationS: 60, currentA: 10 }, caller)
    const over: LimitSchedule = { id: 'over', startsAt, durationS: 60, currentA: 10 }
    await expect(house.limits.putSchedule('annex', over, caller)).rejects.toThrow(tooMany)
    expect(() => house.limits.trySchedule('annex', over)).toThrow(tooMany)
    await house.limits.putSchedule('annex', { id: 's3', intervals: intervals(698) }, caller)
    await house.limits.putSchedule('annex', over, caller)
    expect(house.limits.schedules('annex').length).toBe(6)
  })
})
