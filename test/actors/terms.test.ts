// What a transaction costs can be worked out again from the answer alone; its own limits count where they are the lowest.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CostView } from '../../src/actors/terms-face.ts'
import { tariffSchema, type Tariff } from '../../src/sessions/tariff.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { meterValue } from './family-stand.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'

/** As the page says it, with nothing of ours: a rate as whole millionths. */
function millionths(rate: number | string): bigint {
  const [whole = '0', part = ''] = (typeof rate === 'number' ? rate.toFixed(6) : rate).split('.')
  return BigInt(whole + part.padEnd(6, '0').slice(0, 6))
}

/** In parts of 6 × 10¹⁴ of a minor unit; every line by its own quantity and rate. */
function recomputed({ lines }: CostView): number {
  const unit = 600_000_000_000_000n
  const perLine = lines.map(({ unit: of, quantity, rateMinor }) => {
    const rate = millionths(rateMinor)
    const thousandths = BigInt(Math.round(quantity * 1000))
    // mWh / 10⁶ × rate, ms / 60,000 × rate, once × rate.
    if (of === 'Wh') return (thousandths * rate * unit) / 1_000_000n / 1_000_000n
    if (of === 's') return (thousandths * rate * unit) / 60_000n / 1_000_000n
    return (rate * unit) / 1_000_000n
  })
  const sum = perLine.reduce((total, parts) => total + parts, 0n)
  return Number((2n * sum + unit) / (2n * unit))
}

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/** The rate of an instant by the clock of the site, asked of Intl minute by minute. */
function rateAt({ blocks = [], perKWhMinor, perMinuteMinor }: Tariff, timezone: string, ms: number): { energy: number; time: number } {
  const shown = Object.fromEntries(new Intl.DateTimeFormat('en-GB', { timeZone: timezone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(ms).map(({ type, value }) => [type, value]))
  const today = (shown['weekday'] ?? '').slice(0, 3).toLowerCase()
  const yesterday = days[(days.indexOf(today as 'sun') + 6) % 7]!
  const minute = Number(shown['hour']) * 60 + Number(shown['minute'])
  const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
  const one = blocks.find(({ days: on, from, to }) => {
    const [begin, end] = [minutes(from), minutes(to)]
    if (end > begin) return minute >= begin && minute < end && on.includes(today as 'mon')
    return (minute >= begin && on.includes(today as 'mon')) || (minute < end && on.includes(yesterday as 'mon'))
  })
  return { energy: one?.perKWhMinor ?? perKWhMinor, time: one?.perMinuteMinor ?? perMinuteMinor }
}

const rate = (most: number) => fc.integer({ min: 0, max: most * 1_000_000 }).map((value) => Number((value / 1_000_000).toFixed(6)))
const clock = fc.integer({ min: 0, max: 47 }).map((half) => `${String(half >> 1).padStart(2, '0')}:${half % 2 === 0 ? '00' : '30'}`)
const block = fc.record({ days: fc.uniqueArray(fc.constantFrom(...days), { minLength: 1, maxLength: 7 }), from: clock, to: clock, perKWhMinor: rate(100), perMinuteMinor: rate(5) }).filter(({ from, to }) => from !== to)
const tariffs = fc.record({
  currency: fc.constantFrom('EUR', 'CHF'), perKWhMinor: rate(100), perMinuteMinor: rate(5), perSessionMinor: rate(500), idlePerMinuteMinor: rate(20), idleGraceS: fc.integer({ min: 0, max: 900 }), blocks: fc.array(block, { maxLength: 3 }),
}).map((given) => tariffSchema.parse({ id: 'any', ...given }))

const timezone = 'Europe/Amsterdam'
async function open(tariff: Tariff): Promise<{ stand: HouseStand; peer: Awaited<ReturnType<HouseStand['boot']>>; id: number }> {
  const stand = await openHouse({ sites: [{ id: 'main', timezone, settings: { tariffId: tariff.id } }], chargePoints: [{ id: 'CP1' }], tariffs: [tariff] })
  const peer = await stand.boot('CP1')
  return { stand, peer, id: await stand.start(peer) }
}
const iso = (stand: HouseStand) => new Date(stand.clock.wall()).toISOString()

describe('the cost of a transaction', () => {
  test('whatever its tariff and its readings: the sum of its lines, and each line by the tariff', async () => {
    await fc.assert(fc.asyncProperty(tariffs, fc.array(fc.tuple(fc.integer({ min: 5, max: 100 }), fc.constantFrom(0, 0, 3_000, 7_333, 11_000)), { minLength: 1, maxLength: 6 }), async (tariff, steps) => {
      const { stand, peer, id } = await open(tariff)
      let energyWh = 0
      for (const [minutes, watts] of steps) {
        await stand.clock.advance(minutes * 60_000)
        energyWh += Math.round((watts * minutes * 1000) / 60) / 1000
        await stand.call(peer, 'MeterValues', { connectorId: 1, transactionId: id, meterValue: [meterValue(iso(stand), { energyWh })] })
      }
      await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: Math.ceil(energyWh), timestamp: iso(stand) })
      const cost = await stand.house.terms.cost(id)
      const view = await stand.house.records.get(id)
      expect(cost).toMatchObject({ final: true, currency: tariff.currency, timezone, tariff: { ...tariff, version: 1 }, energyWh: Math.ceil(energyWh) })
      expect(cost.amountMinor).toBe(recomputed(cost))
      expect(view.cost).toEqual({ amountMinor: cost.amountMinor, currency: cost.currency })
      const of = (kind: string) => cost.lines.filter((line) => line.kind === kind)
      if (tariff.perKWhMinor > 0 && tariff.blocks!.every(({ perKWhMinor }) => perKWhMinor! > 0)) expect(of('energy').reduce((sum, { quantity }) => sum + Math.round(quantity * 1000), 0)).toBe(Math.round(cost.energyWh * 1000))
      for (const line of [...of('energy'), ...of('time')]) {
        for (let ms = Math.ceil(Date.parse(line.fromAt!) / 60_000) * 60_000; ms < Date.parse(line.untilAt!); ms += 60_000) expect(millionths(rateAt(tariff, timezone, ms)[line.kind as 'energy'])).toBe(millionths(line.rateMinor))
      }
      await stand.directory.stop()
    }), { numRuns: 15 })
  }, 60_000)

  test.each([['2026-03-28T23:00:00Z', 23], ['2026-10-24T22:00:00Z', 25]])('a day that begins at %s has %i hours on the wall', async (begins, hours) => {
    const tariff = tariffSchema.parse({ id: 'any', currency: 'EUR', perMinuteMinor: 5, blocks: [{ days: ['sun'], from: '00:00', to: '24:00', perMinuteMinor: 1 }] })
    const beginsMs = Date.parse(begins)
    const endMs = beginsMs + (hours + 1) * 3_600_000
    const stand = await openHouse({ clock: new VirtualClock(endMs), sites: [{ id: 'main', timezone, settings: { tariffId: 'any' } }], chargePoints: [{ id: 'CP1' }], tariffs: [tariff] })
    const peer = await stand.boot('CP1')
    // Told afterwards, as by a charge point that was offline all day.
    const { transactionId: id } = await stand.call(peer, 'StartTransaction', { connectorId: 1, idTag: 'TAG', meterStart: 0, timestamp: new Date(beginsMs - 3_600_000).toISOString() }) as { transactionId: number }
    await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 0, timestamp: new Date(endMs).toISOString() })
    const cost = await stand.house.terms.cost(id)
    expect(cost.lines.map(({ rateMinor, quantity }) => [rateMinor, Math.round(quantity / 3_600)])).toEqual([['5', 1], ['1', hours], ['5', 1]])
    expect(cost.lines[1]!.quantity).toBe(hours * 3_600)
    await stand.directory.stop()
  })

  test('the tariff is that of its tag, or of its charge point, or of its site, as it was when it began', async () => {
    const of = (id: string, perSessionMinor: number) => tariffSchema.parse({ id, currency: 'EUR', perSessionMinor, perMinuteMinor: perSessionMinor })
    const stand = await openHouse({ sites: [{ id: 'main', settings: { tariffId: 'site' } }], chargePoints: [{ id: 'CP1' }], tariffs: [of('site', 1), of('point', 2), of('tag', 3)] })
    const peer = await stand.boot('CP1')
    const seen: unknown[] = []
    const session = async () => {
      const id = await stand.start(peer)
      await stand.clock.advance(60_000)
      seen.push((await stand.house.records.get(id)).tariff)
      return id
    }
    const end = (id: number) => stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 100, timestamp: iso(stand) })
    await end(await session())
    await stand.house.settings.put('CP1', { tariffId: 'point' }, {}, caller)
    await end(await session())
    await stand.house.idTags.put({ id: 'TAG', status: 'Accepted', concurrent: false, tariffId: 'tag' }, caller)
    const last = await session()
    await stand.house.tariffs.put(of('tag', 100), caller)
    await end(last)
    expect(seen).toEqual([{ id: 'site', version: 1 }, { id: 'point', version: 1 }, { id: 'tag', version: 1 }])
    expect((await stand.house.terms.cost(last)).tariff).toMatchObject({ version: 1, perSessionMinor: 3 })
  })

  test('of a stop that nothing but itself speaks for, up to 1 MWh, and with the word that it is doubtful', async () => {
    const cost = async (meterStop: number) => {
      const { stand, peer, id } = await open(tariffSchema.parse({ id: 'any', currency: 'EUR', perKWhMinor: 50, idlePerMinuteMinor: 10 }))
      await stand.clock.advance(3_600_000)
      await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop, timestamp: iso(stand) })
      const { amountMinor, energyWh, idleS, anomalies } = await stand.house.terms.cost(id)
      expect((await stand.house.records.get(id)).anomalies).toBe(anomalies)
      await stand.directory.stop()
      return { amountMinor, energyWh, idleS, anomalies }
    }
    expect(await cost(10_000)).toEqual({ amountMinor: 500, energyWh: 10_000, idleS: 0, anomalies: 0 })
    expect(await cost(1_000_000)).toEqual({ amountMinor: 50_000, energyWh: 1_000_000, idleS: 0, anomalies: 1 })
    expect(await cost(10_000_000)).toEqual({ amountMinor: 0, energyWh: 0, idleS: 0, anomalies: 1 })
    expect(await cost(Number.MAX_SAFE_INTEGER)).toEqual({ amountMinor: 0, energyWh: 0, idleS: 0, anomalies: 1 })
  })

  test('without a tariff there is none', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const id = await stand.start(await stand.boot('CP1'))
    await expect(stand.house.terms.cost(id)).rejects.toMatchObject({ kind: 'conflict', code: 'no-tariff' })
    await expect(stand.house.terms.cost(4_711)).rejects.toMatchObject({ kind: 'not-found', code: 'unknown-transaction' })
    await expect(stand.house.terms.setLimits(id, { costMinor: 5 }, caller)).rejects.toMatchObject({ kind: 'invalid', code: 'no-tariff' })
  })
})

describe('limits of its own', () => {
  const tariff = tariffSchema.parse({ id: 'any', currency: 'EUR', perMinuteMinor: 10 })
  const stops = (peer: { readonly calls: readonly { readonly action: string }[] }) => peer.calls.filter(({ action }) => action === 'RemoteStopTransaction').length

  test('count where they are the lowest, after a kill too', async () => {
    const { stand, id } = await open(tariff)
    expect((await stand.house.terms.setLimits(id, { energyWh: 9_000, costMinor: 600 }, caller)).limits).toEqual({ energyWh: 9_000, costMinor: 600 })
    expect((await stand.house.terms.setLimits(id, { energyWh: null }, caller)).limits).toEqual({ costMinor: 600 })
    const again = await stand.restart()
    const peer = await again.boot('CP1')
    await again.clock.advance(3_500_000)
    expect(stops(peer)).toBe(0)
    await again.clock.advance(120_000)
    expect(stops(peer)).toBeGreaterThan(0)
    const record = await again.house.records.record(id)
    expect(record.stoppedBy).toMatchObject({ cause: 'cost-limit' })
    expect(record.trail.filter(({ what }) => what === 'limits')).toMatchObject([{ by: caller.name, requestId: caller.requestId, before: {}, after: { energyWh: 9_000, costMinor: 600 } }, { after: { costMinor: 600 } }])
  })

  test('a higher one calls the stop off', async () => {
    const { stand, peer, id } = await open(tariff)
    peer.script = () => ({ status: 'Rejected' })
    await stand.house.terms.setLimits(id, { durationS: 60 }, caller)
    await stand.clock.advance(90_000)
    expect((await stand.house.records.get(id)).stoppedBy).toMatchObject({ cause: 'duration-limit' })
    await stand.house.terms.setLimits(id, { durationS: 7_200 }, caller)
    await stand.clock.advance(1_000)
    const asked = stops(peer)
    await stand.clock.advance(600_000)
    expect([(await stand.house.records.get(id)).stoppedBy, stops(peer)]).toEqual([null, asked])
  })

  test('are not set while the store is down, nor of one that has ended', async () => {
    const { stand, peer, id } = await open(tariff)
    stand.trouble.store = true
    await expect(stand.house.terms.setLimits(id, { durationS: 60 }, caller)).rejects.toMatchObject({ kind: 'store-down' })
    stand.trouble.store = false
    expect(await stand.house.records.record(id)).toMatchObject({ limits: {}, trail: [] })
    await stand.clock.advance(10_000)
    await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 100, timestamp: iso(stand) })
    await expect(stand.house.terms.setLimits(id, { durationS: 60 }, caller)).rejects.toMatchObject({ kind: 'conflict', code: 'transaction-ended' })
  })
})
