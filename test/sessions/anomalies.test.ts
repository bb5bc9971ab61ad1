// What is an anomaly of a meter and what is none: each threshold from both sides, off, and over series of honest readings.
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { anomalies, anomalyInWords, isAllWell, isAmiss, isJudged, judge, newMeter, type Hardware, type Heard, type Meter } from '../../src/sessions/anomalies.ts'
import type { Reading } from '../../src/sessions/readings.ts'
import { defaultMeterAlerts } from '../../src/settings.ts'

const hardware: Hardware = { maxA: 32, maxPowerW: 22_080, nominalV: 230 }
const silent: Reading = { currentA: null, powerW: null, energyWh: null, voltageV: null, socPercent: null, bad: 0 }
const hour = 3_600_000

const heard = (reading: Partial<Reading>, atMs = 0, rest: Partial<Heard> = {}): Heard => ({ reading: { ...silent, ...reading }, atMs, receivedAtMs: atMs, isTimed: true, ...rest })
const found = (verdict: number): string[] => anomalies.filter((_, at) => isAmiss(verdict, at))

function judged(steps: readonly Heard[], thresholds = defaultMeterAlerts, of = hardware): { found: string[]; meter: Meter } {
  const meter = newMeter()
  let verdict = 0
  for (const step of steps) verdict = judge(meter, step, of, thresholds)
  return { found: found(verdict), meter }
}

const off = { registerBackwardsWh: 0, registerJumpFactor: 0, powerAboveHardwarePercent: 0, voltageMinPercent: 0, voltageMaxPercent: 0, silenceS: 0, unusableReadings: 0, underReportingA: 0, underReportingS: 0 }

const rows: readonly [what: string, steps: readonly Heard[], expected: readonly string[]][] = [
  ['the first register says nothing', [heard({ energyWh: 5_000_000 })], []],
  ['a register that rests', [heard({ energyWh: 100 }), heard({ energyWh: 100 }, hour)], []],
  ['as much as the hardware delivers', [heard({ energyWh: 0 }), heard({ energyWh: 22_080 }, hour)], []],
  ['a fifth more and a little', [heard({ energyWh: 0 }), heard({ energyWh: 26_590 }, hour)], []],
  ['more than that', [heard({ energyWh: 0 }), heard({ energyWh: 26_600 }, hour)], ['register-jump']],
  ['ten times as much', [heard({ energyWh: 0 }), heard({ energyWh: 1_000 }, 1_000)], ['register-jump']],
  ['a register that falls', [heard({ energyWh: 100 }), heard({ energyWh: 99 }, hour)], ['register-backwards']],
  ['noise of its last digit', [heard({ energyWh: 100 }), heard({ energyWh: 99.5 }, hour)], []],
  ['after a fall it goes on from there', [heard({ energyWh: 1_000 }), heard({ energyWh: 0 }, hour), heard({ energyWh: 500 }, 2 * hour)], []],
  ['a late reading is no fall', [heard({ energyWh: 1_000 }, hour), heard({ energyWh: 500 }, 1_000, { receivedAtMs: hour + 1 })], []],
  ['what waited had its time', [heard({ energyWh: 0 }, 0), heard({ energyWh: 20_000 }, 10, { receivedAtMs: hour })], []],
  ['a clock that was ahead and is right again', [heard({ energyWh: 0 }, 9 * hour, { receivedAtMs: 0 }), heard({ energyWh: 1 }, hour), heard({ energyWh: 0 }, 2 * hour)], ['register-backwards']],
  ['32 A of 32 A', [heard({ currentA: { L1: 36, L2: 32 } })], []],
  ['45 A of 32 A on one phase', [heard({ currentA: { L1: 10, L3: 45 } })], ['current']],
  ['what the hardware delivers', [heard({ powerW: 24_500 })], []],
  ['more than the hardware delivers', [heard({ powerW: 24_600 })], ['power']],
  ['more, at a voltage that is higher', [heard({ powerW: 26_000, voltageV: 250 })], []],
  ['195.5 V', [heard({ voltageV: 195.5 })], []],
  ['195 V', [heard({ voltageV: 195 })], ['voltage']],
  ['265 V', [heard({ voltageV: 265 })], ['voltage']],
  ['one phase high, one low', [heard({ voltageV: 230, voltageRangeV: [150, 310] })], ['voltage']],
  ['two messages without numbers', [heard({ bad: 1 }), heard({ bad: 1 })], []],
  ['three', [heard({ bad: 1 }), heard({ bad: 1 }), heard({ bad: 2 })], ['values']],
  ['three, not in a row', [heard({ bad: 1 }), heard({ bad: 1 }), heard({}), heard({ bad: 2 })], []],
  ['kilowatts that call themselves watts', [0, 1, 2, 3].map((n) => heard({ powerW: 7.4, energyWh: 1_233 * n }, n * 600_000)), ['unit']],
  ['kilowatt-hours that call themselves watt-hours', [0, 1, 2, 3].map((n) => heard({ powerW: 7_400, energyWh: 1.233 * n }, n * 600_000)), ['unit']],
  ['power and register that go together', [0, 1, 2, 3].map((n) => heard({ powerW: 7_400, energyWh: 1_233 * n }, n * 600_000)), []],
  ['a register in steps of a kilowatt-hour', [0, 0, 0, 1, 1, 1, 2].map((kWh, n) => heard({ powerW: 7_400, energyWh: 1_000 * kWh }, n * 200_000)), []],
  ['each later on the way than the one before', [0, 1, 2, 3].map((n) => heard({ powerW: 7_400, energyWh: (7_400 * 1_000 * n) / hour }, 1_000 * n, { receivedAtMs: 1_000 * n + 150_000 * n })), []],
  ['a car that has just stopped', [heard({ powerW: 7_400, energyWh: 0 }), heard({ powerW: 0, energyWh: 5 }, 600_000), heard({ powerW: 0, energyWh: 5 }, 1_200_000)], []],
  ['three at times that cannot be', [1, 2, 3].map(() => heard({}, 0, { isTimed: false })), ['clock']],
]

describe('a reading against the one before, the hardware and the thresholds', () => {
  test.each(rows)('%s', (_, steps, expected) => expect(judged(steps).found).toEqual(expected))

  test.each(rows.filter(([, , expected]) => expected.length > 0))('%s, and nobody wants to know', (_, steps) => {
    expect(judged(steps, off).found).toEqual([])
  })

  test('at a battery any voltage is right', () => {
    expect(judged([heard({ voltageV: 780 })], defaultMeterAlerts, { ...hardware, nominalV: null }).found).toEqual([])
  })

  test('only what a reading says anything about is judged', () => {
    const meter = newMeter()
    const of = (verdict: number): string[] => anomalies.filter((_, at) => isJudged(verdict, at))
    expect(of(judge(meter, heard({ energyWh: 1 }), hardware, defaultMeterAlerts))).toEqual(['values', 'clock'])
    expect(of(judge(meter, heard({ energyWh: 1, currentA: { L1: 1 } }, 1), hardware, defaultMeterAlerts))).toEqual(['register-backwards', 'register-jump', 'current', 'values', 'clock'])
    expect(of(judge(meter, heard({ powerW: 1, voltageV: 230 }, 2), hardware, defaultMeterAlerts))).toEqual(['power', 'voltage', 'values', 'clock'])
  })
})

test('an honest meter is never amiss, however its readings are spaced', () => {
  const step = fc.record({ ms: fc.integer({ min: 0, max: 2 * hour }), part: fc.double({ min: 0, max: 1, noNaN: true }), delayMs: fc.integer({ min: 0, max: 10_000 }) })
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const meter = newMeter()
    let atMs = 0
    let energyWh = 0
    let lastPart = 0
    for (const { ms, part, delayMs } of steps) {
      atMs += ms
      const amps = 32 * part
      energyWh += (22_080 * ((lastPart + part) / 2) * ms) / hour
      lastPart = part
      const verdict = judge(meter, heard({ energyWh, currentA: { L1: amps, L2: amps, L3: amps }, powerW: 690 * amps, voltageV: 230 }, atMs, { receivedAtMs: atMs + delayMs }), hardware, defaultMeterAlerts)
      expect(isAllWell(verdict)).toBe(true)
    }
  }))
})

test('a fault planted anywhere in an honest series is found where it is', () => {
  fc.assert(fc.property(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 1, max: 19 }), fc.constantFrom(-5_000, 50_000), (length, at, byWh) => {
    fc.pre(at < length)
    const meter = newMeter()
    for (let n = 0; n < length; n++) {
      const energyWh = 1_000_000 + 1_000 * n + (n >= at ? byWh : 0)
      const verdict = judge(meter, heard({ energyWh }, n * 600_000), hardware, defaultMeterAlerts)
      expect(found(verdict)).toEqual(n !== at ? [] : byWh < 0 ? ['register-backwards'] : ['register-jump'])
    }
  }))
})

test('each says what it saw and what was to be expected', () => {
  const say = (anomaly: (typeof anomalies)[number], steps: readonly Heard[]) => anomalyInWords(anomaly, 'CP1/1', judged(steps).meter, steps.at(-1)!, hardware)
  expect(say('register-backwards', [heard({ energyWh: 9_000 }), heard({ energyWh: 100 }, hour)])).toContain('fell from 9000 Wh to 100 Wh')
  expect(say('register-jump', [heard({ energyWh: 0 }), heard({ energyWh: 90_000 }, hour)])).toContain('rose by 90000 Wh in 3600 s; its hardware delivers 22080 Wh')
  expect(say('current', [heard({ currentA: { L1: 45.04 } })])).toBe('CP1/1 reports 45 A on L1; its hardware is entered with 32 A per phase.')
  expect(say('power', [heard({ powerW: 30_000 })])).toContain('30000 W; its hardware is entered with 22080 W')
  expect(say('voltage', [heard({ voltageV: 230, voltageRangeV: [150, 310] })])).toContain('from 150 to 310 V between phase and neutral; 230 V are expected')
  expect(say('voltage', [heard({ voltageV: 300 })])).toContain('reports 300 V')
  expect(say('values', [1, 2, 3].map(() => heard({ bad: 1 })))).toContain('3 messages in a row')
  expect(say('unit', [0, 1, 2, 3].map((n) => heard({ powerW: 7.4, energyWh: 1_233 * n }, n * 600_000)))).toContain('reports 7.4 W while its register rises as at 7398 W')
  expect(say('clock', [1, 2, 3].map(() => heard({}, 0, { isTimed: false })))).toContain('3 messages in a row')
})
