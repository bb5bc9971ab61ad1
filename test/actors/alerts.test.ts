// Alerts by level: one per cause while it lasts, told once when it comes and once when it goes.
import { describe, expect, test } from 'vitest'
import { Alerts, alertSeverity, type AlertCause } from '../../src/actors/alerts.ts'

function open() {
  const told: string[] = []
  return { told, alerts: new Alerts((alert, type) => told.push(`${type} ${alert.code} ${alert.clientID ?? '-'}`)) }
}

const stale: AlertCause = { code: 'meter-stale', siteID: 'main' }

describe('alerts', () => {
  test('raised once however often it is set, resolved once however often it is cleared', () => {
    const { alerts, told } = open()
    alerts.set(stale, null, 0)
    for (const at of [1_000, 2_000]) alerts.set(stale, 'the meter is silent', at)
    expect(alerts.list()).toMatchObject([{ id: 'alr_1', code: 'meter-stale', severity: 'critical', clientID: null, connectorId: null, raisedAt: '1970-01-01T00:00:01.000Z', resolvedAt: null }])
    for (const at of [3_000, 4_000]) alerts.set(stale, null, at)
    expect(alerts.list()).toMatchObject([{ resolvedAt: '1970-01-01T00:00:03.000Z' }])
    alerts.set(stale, 'again', 5_000)
    expect(alerts.list().map(({ id, resolvedAt }) => [id, resolvedAt === null])).toEqual([['alr_2', true], ['alr_1', false]])
    expect(told).toEqual(['alert.raised meter-stale -', 'alert.resolved meter-stale -', 'alert.raised meter-stale -'])
  })

  test('of another run have other ids: an acknowledgement that was meant for one hits no other', () => {
    const [before, after] = ['ab12', 'cd34'].map((run) => new Alerts(() => undefined, undefined, run))
    for (const alerts of [before!, after!]) alerts.set(stale, 'the meter is silent', 0)
    expect(before!.list()[0]!.id).toBe('alr_ab12_1')
    expect(after!.ack('alr_ab12_1', 'anna', 1_000)).toBe(undefined)
  })

  test('acknowledged once, open or resolved; nobody is told, and it stays known when it goes', () => {
    const { alerts, told } = open()
    alerts.set(stale, 'the meter is silent', 1_000)
    alerts.set({ ...stale, siteID: 'annex' }, 'here too', 1_000)
    expect(alerts.ack('alr_3', 'anna', 2_000)).toBe(undefined)
    expect(alerts.ack('alr_1', 'anna', 2_000)).toMatchObject({ id: 'alr_1', ackedAt: '1970-01-01T00:00:02.000Z', ackedBy: 'anna', resolvedAt: null })
    expect(alerts.ack('alr_1', 'ben', 3_000)).toMatchObject({ ackedAt: '1970-01-01T00:00:02.000Z', ackedBy: 'anna' })
    alerts.set(stale, 'still silent', 4_000)
    alerts.set(stale, null, 5_000)
    alerts.set({ ...stale, siteID: 'annex' }, null, 5_000)
    expect(alerts.ack('alr_2', 'ben', 6_000)).toMatchObject({ ackedBy: 'ben', resolvedAt: '1970-01-01T00:00:05.000Z' })
    expect(alerts.list().map(({ id, ackedBy, resolvedAt }) => [id, ackedBy, resolvedAt !== null])).toEqual([['alr_2', 'ben', true], ['alr_1', 'anna', true]])
    expect(told.length).toBe(4)
  })

  test('causes are told apart by code, site, charge point, connector and what they are about', () => {
    const { alerts } = open()
    const causes: AlertCause[] = [
      stale, { ...stale, siteID: 'annex' }, { code: 'disobeying', siteID: 'main', clientID: 'CP1', connectorId: 1 }, { code: 'disobeying', siteID: 'main', clientID: 'CP1', connectorId: 2 },
      { code: 'disobeying', siteID: 'main', clientID: 'CP2', connectorId: 1 }, { code: 'over-limit', siteID: 'main', about: 'main L1' }, { code: 'over-limit', siteID: 'main', about: 'main L2' },
    ]
    for (const cause of causes) alerts.set(cause, 'so', 0)
    expect(alerts.list().length).toBe(causes.length)
    alerts.set(causes[2]!, null, 1)
    expect(alerts.list().filter(({ resolvedAt }) => resolvedAt !== null)).toMatchObject([{ clientID: 'CP1', connectorId: 1 }])
  })

  test('the order of the fields of a cause does not matter', () => {
    const { alerts } = open()
    alerts.set({ code: 'disobeying', siteID: 'main', clientID: 'CP1', connectorId: 1 }, 'so', 0)
    alerts.set({ connectorId: 1, clientID: 'CP1', siteID: 'main', code: 'disobeying' }, null, 1)
    expect(alerts.list()).toMatchObject([{ resolvedAt: expect.any(String) as string }])
  })

  test('open ones first, the newest of each first; of the resolved 500 are kept', () => {
    const { alerts } = open()
    const cause = (index: number): AlertCause => ({ code: 'disobeying', siteID: 'main', clientID: `CP${index}` })
    for (let index = 0; index < 700; index++) alerts.set(cause(index), 'so', index)
    for (let index = 0; index < 600; index++) alerts.set(cause(index), null, 1_000 + index)
    const list = alerts.list()
    expect(list.length).toBe(600)
    expect([list[0]?.clientID, list[99]?.clientID, list[100]?.clientID, list.at(-1)?.clientID]).toEqual(['CP699', 'CP600', 'CP599', 'CP100'])
  })

  test('a flood of causes is bounded', () => {
    const { alerts } = open()
    for (let index = 0; index < 10_100; index++) alerts.set({ code: 'duplicate-identity', siteID: 'main', clientID: `X${index}` }, 'so', 0)
    expect(alerts.list().length).toBe(10_000)
  })

  test('one charge point crowds out nobody but itself, and of its alerts the oldest that is not critical goes', () => {
    const dropped: [string, number][] = []
    const alerts = new Alerts(() => undefined, ({ message }, count) => dropped.push([message, count]))
    alerts.set({ code: 'disobeying', siteID: 'main', clientID: 'CP2' }, 'another', 0)
    alerts.set({ code: 'disobeying', siteID: 'main', clientID: 'CP1' }, 'critical', 0)
    for (let index = 0; index < 150; index++) alerts.set({ code: 'orphaned-stop', siteID: 'main', clientID: 'CP1', about: `${index}` }, `stop ${index}`, index * 10_000)
    const mine = alerts.list().filter(({ clientID }) => clientID === 'CP1').map(({ message }) => message)
    expect([mine.length, mine[0], mine.at(-2), mine.at(-1), alerts.list().length]).toEqual([100, 'stop 149', 'stop 51', 'critical', 101])
    expect(dropped.slice(0, 3)).toEqual([['stop 0', 1], ['stop 6', 6], ['stop 12', 6]])
  })

  test('a critical one comes however many there are', () => {
    const { alerts } = open()
    for (let index = 0; index < 120; index++) alerts.set({ code: 'disobeying', siteID: 'main', clientID: 'CP1', connectorId: index }, 'so', 0)
    alerts.set({ code: 'new-charger', siteID: 'main', clientID: 'CP1' }, 'so', 0)
    expect([alerts.list().length, alerts.list().some(({ code }) => code === 'new-charger')]).toEqual([120, false])
    for (let index = 0; index < 10_000; index++) alerts.set({ code: 'duplicate-identity', siteID: 'main', clientID: `X${index}` }, 'so', 0)
    alerts.set(stale, 'so', 0)
    expect([alerts.list().length, alerts.list()[0]?.code, alerts.list().filter(({ severity }) => severity === 'critical').length]).toEqual([10_000, 'meter-stale', 121])
  })

  test('room is there again for what comes after others have gone', () => {
    const { alerts, told } = open()
    for (const round of [1, 2, 3]) for (const message of ['so', null]) for (let index = 0; index < 100; index++) alerts.set({ code: 'orphaned-stop', siteID: 'main', clientID: 'CP1', about: `${index}` }, message, round)
    expect(told.length).toBe(600)
  })

  test('an open one takes new words, and nobody is told', () => {
    const { alerts, told } = open()
    for (const message of ['one', 'two']) alerts.set(stale, message, 0)
    expect([alerts.list().map(({ id, message }) => [id, message]), told.length]).toEqual([[['alr_1', 'two']], 1])
  })

  test('every code is in kebab case and has a severity', () => {
    for (const [code, severity] of Object.entries(alertSeverity)) {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
      expect(['critical', 'warning', 'info']).toContain(severity)
    }
  })
})
