// The price of a session: worked examples of docs/transactions.md, clock changes, and a plain recomputation in exact numbers.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { offsetsOver } from '../../src/power/local-time.ts'
import { countEnergy, energyAt, type Count, type Session } from '../../src/sessions/count.ts'
import { Curve } from '../../src/sessions/curve.ts'
import { idlePieces, type Piece } from '../../src/sessions/idle.ts'
import { readMillionths, roundHalfUp } from '../../src/sessions/money.ts'
import { priceSession, type Cost } from '../../src/sessions/price.ts'
import { tariffSchema, type Tariff } from '../../src/sessions/tariff.ts'

const minuteMs = 60_000
const berlin = 'Europe/Berlin'
const tariffOf = (rates: Record<string, unknown>): Tariff => tariffSchema.parse({ id: 't', currency: 'EUR', ...rates })
const always = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** A session with even flow, unless readings say otherwise. */
function priced(from: string, until: string, energyWh: number, rates: Record<string, unknown>, more: { timezone?: string; readings?: readonly (readonly [string, number])[] } = {}): Cost {
  const [startedAtMs, stoppedAtMs] = [Date.parse(from), Date.parse(until)]
  const session: Session = { startedAtMs, meterStartWh: 0, stoppedAtMs, meterStopWh: energyWh, maxPowerW: 1_000_000 }
  const count = countEnergy(session, (more.readings ?? []).map(([at, wh]) => ({ atMs: Date.parse(at), energyWh: wh })), 0)
  const offsets = offsetsOver(more.timezone ?? berlin, startedAtMs, stoppedAtMs)
  return priceSession({ session, count, idle: idlePieces(count, session, [], []), tariff: tariffOf(rates), offsets })
}
const linesOf = ({ lines }: Cost) => lines.map(({ kind, quantity, rateMinor, amountMinor }) => [kind, quantity, rateMinor, amountMinor])

describe('worked examples', () => {
  test.each<readonly [string, Cost, number, readonly (readonly [string, number, string, number])[]]>([
    ['per kWh', priced('2026-07-01T10:00Z', '2026-07-01T11:00Z', 12_345, { perKWhMinor: 39 }), 481, [['energy', 12_345, '39', 481.455]]],
    ['half up', priced('2026-07-01T10:00Z', '2026-07-01T11:00Z', 500, { perKWhMinor: 1 }), 1, [['energy', 500, '1', 0.5]]],
    ['just below a half', priced('2026-07-01T10:00Z', '2026-07-01T11:00Z', 499.999, { perKWhMinor: 1 }), 0, [['energy', 499.999, '1', 0.499999]]],
    ['six decimals', priced('2026-07-01T10:00Z', '2026-07-01T11:00Z', 1_000_000, { perKWhMinor: 0.000001 }), 0, [['energy', 1_000_000, '0.000001', 0.001]]],
    ['a third of a minor unit is shown with six', priced('2026-07-01T10:00Z', '2026-07-01T10:00:20Z', 0, { perMinuteMinor: 1 }), 0, [['time', 20, '1', 0.333333]]],
    ['per minute, by the millisecond', priced('2026-07-01T10:00Z', '2026-07-01T10:00:00.001Z', 0, { perMinuteMinor: 60_000 }), 1, [['time', 0.001, '60000', 1]]],
    ['per session, when any energy was counted', priced('2026-07-01T10:00Z', '2026-07-01T10:01Z', 0.001, { perSessionMinor: 150 }), 150, [['session', 1, '150', 150]]],
    ['none without energy', priced('2026-07-01T10:00Z', '2026-07-01T10:01Z', 0, { perSessionMinor: 150 }), 0, []],
    ['rounded once, not line by line', priced('2026-07-01T10:00Z', '2026-07-01T10:01Z', 400, { perKWhMinor: 1, perMinuteMinor: 0.4, perSessionMinor: 0.4 }), 1, [['energy', 400, '1', 0.4], ['time', 60, '0.4', 0.4], ['session', 1, '0.4', 0.4]]],
    ['nothing costs', priced('2026-07-01T10:00Z', '2026-07-01T11:00Z', 5_000, {}), 0, []],
    ['no time at all', priced('2026-07-01T10:00Z', '2026-07-01T10:00Z', 100, { perKWhMinor: 30, perMinuteMinor: 5, perSessionMinor: 1, blocks: [{ days: always, from: '12:00', to: '13:00', perKWhMinor: 50 }] }, { timezone: 'UTC' }), 4, [['energy', 100, '30', 3], ['session', 1, '1', 1]]],
    ['idle beyond its grace, on top of time', priced('2026-07-01T10:00Z', '2026-07-01T11:00Z', 0, { perMinuteMinor: 1, idlePerMinuteMinor: 10, idleGraceS: 900 }), 510, [['time', 3_600, '1', 60], ['idle', 2_700, '10', 450]]],
    ['30 days', priced('2026-06-01T00:00Z', '2026-07-01T00:00Z', 2_000_000, { perKWhMinor: 30.5, perMinuteMinor: 0.25 }), 61_000 + 10_800, [['energy', 2_000_000, '30.5', 61_000], ['time', 2_592_000, '0.25', 10_800]]],
  ])('%s', (_, cost, amountMinor, lines) => {
    expect(cost).toMatchObject({ amountMinor, currency: 'EUR' })
    expect(linesOf(cost)).toEqual(lines)
  })
  test('each idle piece has its own grace and line', () => {
    const readings = [['2026-07-01T10:20Z', 0], ['2026-07-01T10:30Z', 2_000]] as const
    const cost = priced('2026-07-01T10:00Z', '2026-07-01T11:00Z', 2_000, { idlePerMinuteMinor: 1, idleGraceS: 600 }, { readings })
    expect(cost.lines).toEqual([
      { kind: 'idle', fromAt: '2026-07-01T10:10:00.000Z', untilAt: '2026-07-01T10:20:00.000Z', quantity: 600, unit: 's', rateMinor: '1', amountMinor: 10 },
      { kind: 'idle', fromAt: '2026-07-01T10:40:00.000Z', untilAt: '2026-07-01T11:00:00.000Z', quantity: 1_200, unit: 's', rateMinor: '1', amountMinor: 20 },
    ])
  })
})

describe('blocks', () => {
  const day = { days: always, from: '08:00', to: '20:00', perKWhMinor: 40 }
  test('energy is divided where the rate changes, by the clock of the site', () => {
    // 20:00 in Berlin is 18:00 UTC in July.
    const cost = priced('2026-07-01T17:00Z', '2026-07-01T20:00Z', 9_000, { perKWhMinor: 20, blocks: [day] })
    expect(cost.lines).toEqual([
      { kind: 'energy', fromAt: '2026-07-01T17:00:00.000Z', untilAt: '2026-07-01T18:00:00.000Z', quantity: 3_000, unit: 'Wh', rateMinor: '40', amountMinor: 120 },
      { kind: 'energy', fromAt: '2026-07-01T18:00:00.000Z', untilAt: '2026-07-01T20:00:00.000Z', quantity: 6_000, unit: 'Wh', rateMinor: '20', amountMinor: 120 },
    ])
  })
  test.each<readonly [string, readonly Record<string, unknown>[], readonly (readonly [string, number, string, number])[]]>([
    ['of several the first counts', [{ ...day, from: '19:00', to: '19:30', perKWhMinor: 60 }, day], [['energy', 1_500, '60', 90], ['energy', 1_500, '40', 60], ['energy', 6_000, '20', 120], ['time', 10_800, '1', 180]]],
    ['a rate that a block does not say is that of the tariff', [{ days: always, from: '08:00', to: '20:00', perMinuteMinor: 5 }], [['energy', 9_000, '20', 180], ['time', 3_600, '5', 300], ['time', 7_200, '1', 120]]],
    ['also where a later block covers it', [{ days: always, from: '19:00', to: '20:00', perMinuteMinor: 5 }, day], [['energy', 9_000, '20', 180], ['time', 3_600, '5', 300], ['time', 7_200, '1', 120]]],
    ['a block of another day does nothing', [{ ...day, days: ['thu'] }], [['energy', 9_000, '20', 180], ['time', 10_800, '1', 180]]],
    ['neighbours of one rate are one line', [day, { ...day, from: '20:00', to: '21:00' }], [['energy', 6_000, '40', 240], ['energy', 3_000, '20', 60], ['time', 10_800, '1', 180]]],
    ['a block that costs nothing has no line', [{ ...day, perKWhMinor: 0 }], [['energy', 6_000, '20', 120], ['time', 10_800, '1', 180]]],
  ])('%s', (_, blocks, lines) => {
    // Wednesday, 19:00 to 22:00 in Berlin.
    expect(linesOf(priced('2026-07-01T17:00Z', '2026-07-01T20:00Z', 9_000, { perKWhMinor: 20, perMinuteMinor: 1, blocks }))).toEqual(lines)
  })
  test('over midnight it belongs to the day on which it begins', () => {
    const blocks = [{ days: ['fri'], from: '22:00', to: '06:00', perMinuteMinor: 2 }]
    // Friday 20:00 to Saturday 24:00 UTC.
    const cost = priced('2026-11-20T20:00Z', '2026-11-22T00:00Z', 0, { perMinuteMinor: 1, blocks }, { timezone: 'UTC' })
    expect(cost.lines.map(({ fromAt, quantity, rateMinor }) => [fromAt, quantity, rateMinor])).toEqual([
      ['2026-11-20T20:00:00.000Z', 7_200, '1'], ['2026-11-20T22:00:00.000Z', 28_800, '2'], ['2026-11-21T06:00:00.000Z', 64_800, '1'],
    ])
  })
  test.each<readonly [string, string, string, string, number, number]>([
    ['the hour that comes twice is in the block twice', '2026-10-24T22:00Z', '2026-10-25T23:00Z', '02:00', 2, 25],
    ['the hour that is left out is in it not at all', '2026-03-28T23:00Z', '2026-03-29T22:00Z', '02:00', 0, 23],
    ['another hour is an hour long on a day of 25', '2026-10-24T22:00Z', '2026-10-25T23:00Z', '03:00', 1, 25],
    ['and on a day of 23', '2026-03-28T23:00Z', '2026-03-29T22:00Z', '03:00', 1, 23],
  ])('%s', (_, from, until, begins, hours, all) => {
    const blocks = [{ days: always, from: begins, to: `0${Number(begins.slice(0, 2)) + 1}:00`, perMinuteMinor: 3 }]
    const inBlock = priced(from, until, 0, { perMinuteMinor: 1, blocks }).lines.filter(({ rateMinor }) => rateMinor === '3')
    expect(inBlock.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(hours * 3_600)
    expect(priced(from, until, 0, { perMinuteMinor: 1, blocks }).amountMinor).toBe((all + 2 * hours) * 60)
  })
  test('where the offset is no whole hour', () => {
    const blocks = [{ days: always, from: '12:00', to: '13:00', perMinuteMinor: 2 }]
    const cost = priced('2026-01-01T06:00Z', '2026-01-01T08:00Z', 0, { blocks }, { timezone: 'Asia/Kathmandu' })
    expect(cost.lines).toMatchObject([{ fromAt: '2026-01-01T06:15:00.000Z', untilAt: '2026-01-01T07:15:00.000Z', amountMinor: 120 }])
  })
  test('of more than 200 lines those of one kind and rate become one, to the same sum', () => {
    const blocks = [{ days: always, from: '08:00', to: '20:00', perMinuteMinor: 2 }]
    const cost = priced('2026-01-01T00:00Z', '2026-05-01T00:00Z', 0, { perMinuteMinor: 1, blocks }, { timezone: 'UTC' })
    expect(cost.amountMinor).toBe(120 * 720 * 3)
    expect(cost.lines).toEqual([
      { kind: 'time', quantity: 120 * 43_200, unit: 's', rateMinor: '1', amountMinor: 86_400 }, { kind: 'time', quantity: 120 * 43_200, unit: 's', rateMinor: '2', amountMinor: 172_800 },
    ])
  })
})

const rate = fc.oneof(fc.constantFrom(0, 1, 0.000001, 39, 27.5, 1_234.567891), fc.integer({ min: 0, max: 99_999_999 }).map((millionths) => millionths / 1_000_000))
const clock = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 59)).map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`)
const block = fc.record({ days: fc.subarray(always, { minLength: 1 }), from: clock, to: clock, perKWhMinor: rate, perMinuteMinor: rate }).filter(({ from, to }) => from !== to)
const anyTariff = fc.record({ perKWhMinor: rate, perMinuteMinor: rate, perSessionMinor: rate, idlePerMinuteMinor: rate, idleGraceS: fc.constantFrom(0, 60, 900), blocks: fc.array(block, { maxLength: 4 }) }).map(tariffOf)
/** Around both clock changes, up to 36 hours. */
const anySession = fc.record({
  base: fc.constantFrom('2026-03-28T12:00Z', '2026-10-24T12:00Z', '2026-07-01T00:00Z'), delayMs: fc.integer({ min: 0, max: 12 * 3_600_000 }),
  lengthMs: fc.oneof(fc.integer({ min: 0, max: 36 * 3_600_000 }), fc.constantFrom(0, 1)), energyMWh: fc.integer({ min: 0, max: 200_000_000 }),
  readings: fc.array(fc.record({ part: fc.double({ min: 0, max: 1, noNaN: true }), share: fc.double({ min: 0, max: 1, noNaN: true }) }), { maxLength: 12 }),
}).map(({ base, delayMs, lengthMs, energyMWh, readings }) => {
  const startedAtMs = Date.parse(base) + delayMs
  const session: Session = { startedAtMs, meterStartWh: 0, stoppedAtMs: startedAtMs + lengthMs, meterStopWh: energyMWh / 1000, maxPowerW: 350_000 }
  const curve = Curve.from(readings.map(({ part, share }) => ({ atMs: startedAtMs + Math.floor(part * lengthMs), energyWh: Math.floor(share * energyMWh) / 1000 })))
  const count = countEnergy(session, curve.points(), 0)
  return { session, count, idle: idlePieces(count, session, [], []) }
})

const wall = new Intl.DateTimeFormat('en-GB', { timeZone: berlin, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
/** The page again, minute by minute with the machine's own calendar, in parts of 6 × 10¹⁵. */
function plainly({ session, count, idle, tariff }: { session: Session; count: Count; idle: readonly Piece[]; tariff: Tariff }): bigint {
  const exact = (value: number) => BigInt(Math.round(value * 1_000_000))
  const ratesAt = (ms: number): { perKWh: number; perMinute: number } => {
    const shown = Object.fromEntries(wall.formatToParts(ms).map(({ type, value }) => [type, value]))
    const [today, time] = [always.indexOf(String(shown['weekday']).toLowerCase()), `${shown['hour']}:${shown['minute']}`]
    const yesterday = (today + 6) % 7
    const found = (tariff.blocks ?? []).find(({ days, from, to }) => {
      const on = (weekday: number) => days.some((name) => name === always[weekday])
      return from < to ? on(today) && time >= from && time < to : (on(today) && time >= from) || (on(yesterday) && time < to)
    })
    return { perKWh: found?.perKWhMinor ?? tariff.perKWhMinor, perMinute: found?.perMinuteMinor ?? tariff.perMinuteMinor }
  }
  const untilMs = session.stoppedAtMs ?? 0
  let sum = 0n
  let doneMWh = 0
  for (let ms = session.startedAtMs; ms < untilMs || ms === session.startedAtMs;) {
    const nextMs = Math.min((Math.floor(ms / minuteMs) + 1) * minuteMs, untilMs)
    const { perKWh, perMinute } = ratesAt(ms)
    const uptoMWh = energyAt(count, nextMs)
    sum += BigInt(uptoMWh - doneMWh) * exact(perKWh) * 6_000n + BigInt(nextMs - ms) * exact(perMinute) * 100_000n
    doneMWh = uptoMWh
    if (nextMs === ms) break
    ms = nextMs
  }
  if (count.energyMWh > 0) sum += exact(tariff.perSessionMinor) * 6_000_000_000n
  for (const { fromMs, untilMs: endMs } of idle) sum += BigInt(Math.max(0, endMs - fromMs - tariff.idleGraceS * 1000)) * exact(tariff.idlePerMinuteMinor) * 100_000n
  return sum
}
const whole = 6_000_000_000_000_000n

/** The same parts from the lines: quantities are whole mWh and ms, rates decimal texts. */
function partsOf({ lines }: Cost): bigint {
  return lines.reduce((sum, { kind, quantity, rateMinor }) => {
    const rateParts = readMillionths(rateMinor) ?? -1n
    if (kind === 'session') return sum + rateParts * 6_000_000_000n
    return sum + BigInt(Math.round(quantity * 1000)) * rateParts * (kind === 'energy' ? 6_000n : 100_000n)
  }, 0n)
}

describe('any session by any tariff', () => {
  const price = (one: { session: Session; count: Count; idle: readonly Piece[] }, tariff: Tariff): Cost =>
    priceSession({ ...one, tariff, offsets: offsetsOver(berlin, one.session.startedAtMs, (one.session.stoppedAtMs ?? 0) + 1) })
  test('costs what the plain recomputation says, and its lines say the same', () => {
    fc.assert(fc.property(anySession, anyTariff, (one, tariff) => {
      const cost = price(one, tariff)
      const parts = plainly({ ...one, tariff })
      expect(partsOf(cost)).toBe(parts)
      expect(BigInt(cost.amountMinor)).toBe(roundHalfUp(parts, whole))
      expect(cost.lines.every(({ amountMinor }) => amountMinor >= 0)).toBe(true)
    }), { numRuns: 60 })
  })
  test('costs as much as its pieces, cut at a counted point, before it is rounded', () => {
    fc.assert(fc.property(anySession, anyTariff, fc.nat(), (one, tariff, at) => {
      const { session, count } = one
      const cut = at % count.points.length
      const { atMs, mWh } = count.points[cut]!
      const piece = (points: Count['points'], fromMs: number, untilMs: number, energyMWh: number) => ({
        session: { ...session, startedAtMs: fromMs, stoppedAtMs: untilMs }, count: { ...count, energyMWh, untilMs, points }, idle: [],
      })
      const free = { ...tariff, perSessionMinor: 0, idlePerMinuteMinor: 0 }
      const before = piece(count.points.slice(0, cut + 1), session.startedAtMs, atMs, mWh)
      const after = piece(count.points.slice(cut).map((point) => ({ ...point, mWh: point.mWh - mWh })), atMs, count.untilMs, count.energyMWh - mWh)
      expect(partsOf(price(before, free)) + partsOf(price(after, free))).toBe(partsOf(price({ ...one, idle: [] }, free)))
    }), { numRuns: 60 })
  })
})

test('from years ago by a clock that was lost, with as many blocks as there may be: every minute and mWh once', () => {
  const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  const blocks = Array.from({ length: 30 }, (_, at) => ({ days: always, from: clock(at * 45), to: clock(at * 45 + 30), perKWhMinor: at + 1, perMinuteMinor: at + 1 }))
  const cost = priced('2010-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 5_844_000, { perKWhMinor: 40, perMinuteMinor: 40, blocks }, { timezone: 'UTC' })
  const of = (kind: string) => cost.lines.filter((line) => line.kind === kind).reduce((sum, { quantity }) => sum + quantity, 0)
  expect([of('time'), Math.round(of('energy') * 1000) / 1000, cost.lines.length]).toEqual([5_844 * 86_400, 5_844_000, 62])
  // 30 × 15 min of each day are of none: with the rest of 105 min after the last, 540.
  expect(cost.lines.find(({ kind, rateMinor }) => kind === 'time' && rateMinor === '40')?.quantity).toBe(5_844 * 540 * 60)
})
