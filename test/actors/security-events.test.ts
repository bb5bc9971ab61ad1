// Security events: every one kept and confirmed, people told of what is not ordinary, nothing lost by a crash.
import { describe, expect, test } from 'vitest'
import { keepSecurityEvent, levelOf, readSecurityEvents } from '../../src/actors/security-events.ts'
import { openScope } from '../../src/actors/scope.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import type { Peer } from './site-stand.ts'

const quiet = { booted: false, updated: false }

describe('how much a person is to worry', () => {
  test.each([
    ['TamperDetectionActivated', quiet, 'critical'], ['TamperDetectionActivated', { booted: true, updated: true }, 'critical'], ['MemoryExhaustion', quiet, 'critical'],
    ['StartupOfTheDevice', quiet, 'critical'], ['StartupOfTheDevice', { booted: true, updated: false }, 'info'], ['ResetOrReboot', { booted: true, updated: false }, 'info'], ['ResetOrReboot', { booted: false, updated: true }, 'critical'],
    ['FirmwareUpdated', quiet, 'critical'], ['FirmwareUpdated', { booted: false, updated: true }, 'info'], ['InvalidMessages', quiet, 'warning'], ['InvalidTLSVersion', { booted: true, updated: true }, 'warning'], ['SomethingNew', quiet, 'warning'], ['constructor', { booted: true, updated: true }, 'warning'],
  ] as const)('%s %o: %s', (type, now, level) => expect(levelOf(type, now)).toBe(level))
})

async function report(stand: HouseStand, peer: Peer, type: string, techInfo?: string): Promise<void> {
  expect(await stand.call(peer, 'SecurityEventNotification', { type, timestamp: new Date(stand.clock.wall()).toISOString(), ...(techInfo === undefined ? {} : { techInfo }) })).toEqual({})
}
const alerts = (stand: HouseStand) => stand.house.alerts().filter(({ code, resolvedAt }) => code.startsWith('security-event') && resolvedAt === null).map(({ code, severity, message }) => [code, severity, message])

test('one alert per type, which ends after a day without another', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1')
  await stand.clock.advance(3_600_000)
  await report(stand, peer, 'TamperDetectionActivated', 'lid open')
  await report(stand, peer, 'TamperDetectionActivated', 'lid open')
  await report(stand, peer, 'InvalidMessages')
  expect(alerts(stand)).toEqual([['security-event', 'warning', 'CP1 reports InvalidMessages.'], ['security-event-critical', 'critical', 'CP1 reports TamperDetectionActivated: lid open.']])
  await stand.clock.advance(20 * 3_600_000)
  await report(stand, peer, 'InvalidMessages')
  await stand.clock.advance(5 * 3_600_000)
  expect(alerts(stand).map(([code]) => code)).toEqual(['security-event'])
  await stand.clock.advance(20 * 3_600_000)
  expect(alerts(stand)).toEqual([])
})

test('types that a charge point invents share one alert and one line of the log a minute', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1')
  for (const type of ['Invented1', 'Invented2', 'InvalidMessages', 'Invented3', 'constructor']) await report(stand, peer, type)
  expect(alerts(stand)).toEqual([['security-event', 'warning', 'CP1 reports InvalidMessages.'], ['security-event', 'warning', 'CP1 reports other security events; the newest is constructor.']])
  const lines = () => stand.logged.filter((line) => line.startsWith('security event')).length
  expect([lines(), stand.house.security.events('CP1').length]).toEqual([2, 5])
  await stand.clock.advance(60_000)
  await report(stand, peer, 'Invented4')
  await report(stand, peer, 'Invented5')
  expect(lines()).toBe(3)
})

test('an ordinary boot, and a reset of ours, alarm nobody, and are kept', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1')
  await report(stand, peer, 'StartupOfTheDevice')
  await stand.clock.advance(3_600_000)
  const asked = stand.house.commands.issue('CP1', 'Reset', { type: 'Soft' }, { waitMs: 1_000 }, caller)
  await stand.clock.advance(2_000)
  await asked
  await report(stand, peer, 'ResetOrReboot')
  expect(alerts(stand)).toEqual([])
  expect(stand.house.security.events('CP1').map(({ type, level }) => [type, level])).toEqual([['ResetOrReboot', 'info'], ['StartupOfTheDevice', 'info']])
})

test('what was confirmed is there after kill -9', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1')
  await report(stand, peer, 'SecurityLogWasCleared', 'by hand')
  const again = await stand.restart()
  expect(again.house.security.events('CP1')).toMatchObject([{ id: 'sec_1', type: 'SecurityLogWasCleared', techInfo: 'by hand', level: 'critical' }])
})

test('the newest 500 of the last 90 days', async () => {
  const scope = await openScope({ store: createMemoryStore(), name: 'main', clock: new VirtualClock() })
  const day = 86_400_000
  const event = (receivedAtMs: number) => ({ type: 'X', timestamp: '', atMs: receivedAtMs, receivedAtMs, techInfo: null, level: 'warning' as const })
  keepSecurityEvent(scope, 'CP1', event(0))
  keepSecurityEvent(scope, 'CP1', event(91 * day))
  expect(readSecurityEvents(scope, 'CP1').map(({ id }) => id)).toEqual(['sec_2'])
  for (let count = 0; count < 600; count++) keepSecurityEvent(scope, 'CP1', event(92 * day + count))
  expect([readSecurityEvents(scope, 'CP1').length, readSecurityEvents(scope, 'CP1').at(-1)?.id]).toEqual([500, 'sec_602'])
})
