// The recomputation by itself: sentences of docs/transactions.md worked out by hand, so that it is not only as good as what it is compared with.
import { describe, expect, test } from 'vitest'
import type { Frame } from './frame.ts'
import type { Terms } from './oracle/money.ts'
import { recompute } from './oracle/oracle.ts'

const hardwareW = 11_000
const zeroMs = Date.UTC(2026, 5, 3, 10)
const minuteMs = 60_000
const iso = (minutes: number, from = zeroMs) => new Date(from + minutes * minuteMs).toISOString()

interface Told { readonly readings?: readonly (readonly [minutes: number, value: string, more?: object])[]; readonly statuses?: readonly (readonly [minutes: number, status: string])[]; readonly stop?: readonly [minutes: number, wh: number] | null; readonly terms?: Terms; readonly timezone?: string; readonly fromMs?: number; readonly startWh?: number }

function say({ readings = [], statuses = [], stop = [60, 10_000], terms = { currency: 'EUR' }, timezone = 'UTC', fromMs = zeroMs, startWh = 0 }: Told) {
  const frames: Frame[] = []
  const call = (minutes: number, action: string, payload: object, answer: object = {}): void => {
    const atMs = fromMs + minutes * minuteMs
    const id = String(frames.length)
    frames.push({ atMs, clientID: 'CP1', line: 1, direction: 'in', text: JSON.stringify([2, id, action, payload]) })
    frames.push({ atMs, clientID: 'CP1', line: 1, direction: 'out', text: JSON.stringify([3, id, answer]) })
  }
  const idTagInfo = { status: 'Accepted' }
  call(0, 'StartTransaction', { connectorId: 1, idTag: 'A', meterStart: startWh, timestamp: iso(0, fromMs) }, { transactionId: 7, idTagInfo })
  for (const [minutes, status] of statuses) call(minutes, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status, timestamp: iso(minutes, fromMs) })
  for (const [minutes, value, more] of readings) call(minutes, 'MeterValues', { connectorId: 1, transactionId: 7, meterValue: [{ timestamp: iso(minutes, fromMs), sampledValue: [{ value, ...more }] }] })
  if (stop !== null) call(stop[0], 'StopTransaction', { transactionId: 7, meterStop: stop[1], timestamp: iso(stop[0], fromMs) })
  const [verdict] = recompute({ frames, timezoneOf: () => timezone, maxPowerW: () => hardwareW, tariffs: { ofTag: () => undefined, ofPoint: () => undefined, ofSite: () => terms } })
  return verdict!
}

describe('energy', () => {
  test.each<[string, Told, 'whole' | 'steps', bigint, number]>([
    ['start and stop of the meter decide where that can be', { readings: [[10, '900000'], [20, '2000'], [30, '1000']] }, 'whole', 10_000_000n, 0],
    ['a stop that cannot be leaves the plausible steps', { readings: [[20, '3000'], [40, '6000']], stop: [60, 9_000_000] }, 'steps', 6_000_000n, 1],
    ['what falls between two ends that fit changes nothing', { readings: [[20, '3000'], [30, '0'], [40, '1500']], stop: [60, 2_000], startWh: 1_000 }, 'whole', 1_000_000n, 0],
    ['a register that starts again is counted on both sides', { readings: [[20, '8000'], [30, '0'], [40, '1500']], stop: [60, 2_000], startWh: 6_000 }, 'steps', 4_000_000n, 1],
    ['in kilowatt-hours', { readings: [[20, '3.0015', { unit: 'kWh' }]], stop: [60, 9_000_000] }, 'steps', 3_001_500n, 1],
    ['rounded to 0.001 Wh', { readings: [[20, '3000.0005']], stop: [60, 9_000_000] }, 'steps', 3_000_001n, 1],
    ['what is no plain decimal number does not exist', { readings: [[10, '500'], [20, '1e3'], [30, '-5'], [40, 'NaN'], [50, '1000000000000001']], stop: [60, 9_000_000] }, 'steps', 500_000n, 1],
    ['nor what was measured in the car', { readings: [[10, '500'], [20, '3000', { location: 'Inlet' }]], stop: [60, 9_000_000] }, 'steps', 500_000n, 1],
    ['a stop that cannot be is taken at its word where nothing else was said', { readings: [[0, '0'], [60, '1000000']], stop: [60, 1_000_000] }, 'whole', 1_000_000_000n, 1],
    ['but not for more than 1 MWh', { readings: [[0, '0'], [60, '1000001']], stop: [60, 1_000_001] }, 'steps', 0n, 1],
    ['hardware that is stronger than it was entered shows it again and again', { readings: [[20, '30000'], [40, '60000']], stop: [60, 61_000] }, 'steps', 61_000_000n, 2],
    ['a register that jumps jumps once', { readings: [[20, '30000'], [40, '31000']], stop: [60, 32_000] }, 'steps', 2_000_000n, 1],
    ['nor counts what was doubtful where it ever falls', { readings: [[20, '30000'], [40, '60000'], [50, '59999']], stop: [60, 61_000] }, 'steps', 1_001_000n, 3],
    ['nor more than ten times what can be', { readings: [[20, '30000'], [30, '50000'], [40, '600000']], stop: [60, 601_000] }, 'steps', 51_000_000n, 3],
    ['a start that is none leaves the first reading', { startWh: 2_000_000_000_000, readings: [[20, '1000'], [40, '4000']], stop: [60, 5_000] }, 'whole', 4_000_000n, 1],
    ['a stop that is none leaves the newest one', { readings: [[20, '1000'], [40, '4000']], stop: [60, 2_000_000_000_000] }, 'whole', 4_000_000n, 1],
    ['of two at one instant the larger', { readings: [[20, '3000'], [20, '4000']], stop: [60, 9_000_000] }, 'steps', 4_000_000n, 1],
    ['of each minute the first and the last', { readings: [[20, '1000'], [20.3, '900'], [20.6, '1200']], stop: [60, 9_000_000] }, 'steps', 1_200_000n, 1],
    ['while it runs the newest reading stands for the stop', { readings: [[20, '1000'], [40, '2000']], stop: null }, 'whole', 2_000_000n, 0],
    ['or the one before, where it cannot be', { readings: [[20, '1000'], [40, '900000']], stop: null }, 'whole', 1_000_000n, 1],
  ])('%s', (_, told, mode, energyMWh, anomalies) => {
    expect(say(told)).toMatchObject({ mode, energyMWh, anomalies })
  })

  test('exactly what the hardware can deliver, a fifth and 100 Wh more can be; a Wh more cannot', () => {
    const mostWh = (hardwareW * 1.2) / 60 + 100
    expect(say({ stop: [1, mostWh] })).toMatchObject({ mode: 'whole', energyMWh: BigInt(mostWh) * 1000n })
    expect(say({ readings: [[0.5, '1']], stop: [1, mostWh + 2] })).toMatchObject({ mode: 'steps', energyMWh: 1_000n })
  })
})

describe('idle', () => {
  const full: Told['readings'] = [[10, '1000'], [40, '1000']]
  test.each<[string, Told, number]>([
    ['time in which less than 100 W flowed', { readings: full, stop: [60, 4_000] }, 30],
    ['100 W are not less', { readings: [[10, '1000'], [40, '1050']], stop: [60, 4_000] }, 0],
    ['not what the charge point did not give', { readings: full, statuses: [[20, 'SuspendedEVSE'], [30, 'Charging']], stop: [60, 4_000] }, 20],
    ['nor where the register went further than it can', { readings: [[10, '900000']], stop: [60, 900_010] }, 50],
    ['nor what is left shorter than 300 s', { readings: full, statuses: [[14, 'SuspendedEVSE'], [30, 'Charging']], stop: [60, 4_000] }, 10],
  ])('%s', (_, told, minutes) => {
    expect(say(told).idleMs).toBe(minutes * minuteMs)
  })
})

describe('money', () => {
  const sunday = (hour: number) => Date.UTC(2026, 9, 25, hour)
  test.each<[string, Told, bigint]>([
    ['half up, once: 10 kWh at 0.05 are half a cent', { terms: { currency: 'EUR', perKWhMinor: 0.05 } }, 1n],
    ['lines are not rounded: 0.3 + 0.3 + 0.3', { terms: { currency: 'EUR', perKWhMinor: 0.03, perMinuteMinor: 0.005, perSessionMinor: 0.3 } }, 1n],
    ['the session costs nothing where nothing flowed', { stop: [60, 0], terms: { currency: 'EUR', perSessionMinor: 100 } }, 0n],
    ['grace of each piece', { readings: [[10, '1000'], [30, '1000'], [40, '2000'], [60, '2000']], stop: [70, 4_000], terms: { currency: 'EUR', idlePerMinuteMinor: 1, idleGraceS: 900 } }, 10n],
    ['the hour that comes twice counts twice', { fromMs: sunday(0), stop: [180, 9_000], timezone: 'Europe/Berlin', terms: { currency: 'EUR', perMinuteMinor: 1, blocks: [{ days: ['sun'], from: '02:00', to: '03:00', perMinuteMinor: 2 }] } }, 300n],
    ['the hour that is left out does not count', { fromMs: Date.UTC(2026, 2, 29, 0), stop: [120, 9_000], timezone: 'Europe/Berlin', terms: { currency: 'EUR', perMinuteMinor: 1, blocks: [{ days: ['sun'], from: '02:00', to: '03:00', perMinuteMinor: 2 }] } }, 120n],
    ['a block over midnight belongs to the day it begins on', { fromMs: Date.UTC(2026, 5, 3, 23), stop: [120, 9_000], terms: { currency: 'EUR', blocks: [{ days: ['wed'], from: '23:30', to: '00:30', perMinuteMinor: 1 }] } }, 60n],
    ['of several blocks the first', { terms: { currency: 'EUR', blocks: [{ days: ['wed'], from: '10:30', to: '10:40', perMinuteMinor: 1 }, { days: ['wed'], from: '00:00', to: '24:00', perMinuteMinor: 2 }] } }, 110n],
    ['energy flows evenly between two points', { readings: [[30, '9000']], stop: [60, 10_000], terms: { currency: 'EUR', blocks: [{ days: ['wed'], from: '10:00', to: '10:10', perKWhMinor: 10 }] } }, 30n],
  ])('%s', (_, told, amountMinor) => {
    expect(say(told).amountMinor).toBe(amountMinor)
  })
})
