// Whatever the order and repetition in which a charge point's frames come, kills and a turned-back clock between them: the same records, through the whole house.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asRecord } from '../../src/sessions/record.ts'
import { tariffSchema } from '../../src/sessions/tariff.ts'
import { openHouse, type HouseStand } from './house-stand.ts'
import { Peer } from './site-stand.ts'

/** The same days each time; CASES=300 for a long look at others. */
const bounds = process.env.CASES === undefined ? { numRuns: 60, seed: 1 } : { numRuns: Number(process.env.CASES) }
const minuteMs = 60_000
const tariff = tariffSchema.parse({
  id: 'work', currency: 'EUR', perKWhMinor: 39.123456, perMinuteMinor: 0.333333, perSessionMinor: 50, idlePerMinuteMinor: 7.5, idleGraceS: 120,
  blocks: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '09:30', to: '09:50', perKWhMinor: 11.000001, perMinuteMinor: 1 }],
})

/** Times in minutes from the beginning of the day by the clock of the charge point, registers in Wh above the start of the first. */
interface Session { readonly connectorId: 1 | 2; readonly from: number; readonly to: number; readonly fromWh: number; readonly toWh: number; readonly reason: 'Local' | 'EVDisconnected' }
interface Said { readonly at: number; readonly wh: number; readonly connectorId: 0 | 1 | 2; /** Which session it names. */ readonly names: number | null; readonly data: boolean }
interface Day {
  readonly sessions: readonly Session[]
  readonly said: readonly Said[]
  readonly statuses: readonly { readonly at: number; readonly connectorId: 1 | 2; readonly status: string }[]
  readonly order: readonly number[]
  readonly again: readonly number[]
  /** By how much its clock is off, s. */
  readonly aheadS: number
  /** What happens before which frame. */
  readonly kills: readonly { readonly at: number; readonly boots: boolean }[]
  readonly turnBack: { readonly at: number; readonly byMin: number } | null
}

const second = (from: number, to: number) => fc.integer({ min: from * 60, max: to * 60 }).map((s) => s / 60)
/** One after the other at each connector, sometimes at once. */
const sessionsOf = (connectorId: 1 | 2): fc.Arbitrary<Session[]> => fc.array(fc.record({ rest: fc.constantFrom(0, 0, 1, 7.5), lasts: fc.integer({ min: 1, max: 25 }), whPerMin: fc.constantFrom(100, 150, 60, 900, -20), reason: fc.constantFrom('Local' as const, 'EVDisconnected' as const) }), { maxLength: 6 })
  .map((list) => {
    let [at, wh] = [connectorId === 1 ? 0 : 5, 1_000]
    return list.map(({ rest, lasts, whPerMin, reason }) => {
      const [from, fromWh] = [at + rest, wh]
      at = from + lasts
      wh = Math.max(0, Math.round(wh + lasts * whPerMin))
      return { connectorId, from, to: at, fromWh, toWh: wh, reason }
    })
  })
const day: fc.Arbitrary<Day> = fc.tuple(sessionsOf(1), sessionsOf(2)).filter(([a, b]) => a.length + b.length > 0).chain(([a, b]) => {
  const sessions = [...a, ...b]
  const said = fc.record({
    at: second(-3, 170), off: fc.constantFrom(0, 0, 0, 0, 5, -300, 20_000), connectorId: fc.constantFrom<0 | 1 | 2>(1, 1, 1, 2, 2, 0),
    names: fc.option(fc.nat({ max: sessions.length - 1 })), within: fc.nat({ max: sessions.length - 1 }), isWithin: fc.constantFrom(true, true, true, false), part: fc.integer({ min: 0, max: 20 }), data: fc.constantFrom(false, false, false, true),
  }).map(({ at, off, connectorId, names, within, isWithin, part, data }): Said => {
    const { connectorId: own, from, to, fromWh, toWh } = sessions[within]!
    // Mostly what is so: within a session, at its connector.
    if (!isWithin) return { at, wh: Math.max(0, 1_000 + off + Math.round(at * 100)), connectorId, names, data }
    return { at: from + (Math.round((to - from) * 60 * part / 20)) / 60, wh: Math.max(0, Math.round(fromWh + (toWh - fromWh) * part / 20) + off), connectorId: names !== null && part % 7 === 3 ? 0 : own, names: names === null ? null : within, data }
  })
  return fc.record({
    sessions: fc.constant(sessions), said: fc.array(said, { maxLength: 24 }),
    statuses: fc.array(fc.record({ at: second(-3, 170), connectorId: fc.constantFrom<1 | 2>(1, 2), status: fc.constantFrom('Preparing', 'Charging', 'SuspendedEV', 'SuspendedEVSE') }), { maxLength: 8 }),
    order: fc.array(fc.nat({ max: 10_000 }), { minLength: 1, maxLength: 60 }), again: fc.array(fc.nat({ max: 10_000 }), { maxLength: 12 }), aheadS: fc.constantFrom(0, 4, 3_600, -3_600, -40),
    kills: fc.array(fc.record({ at: fc.nat({ max: 40 }), boots: fc.boolean() }), { maxLength: 2 }), turnBack: fc.option(fc.record({ at: fc.nat({ max: 30 }), byMin: fc.constantFrom(1, 55) })),
  })
})

/** A frame of the charge point; it needs the number of the session it names, and has it only once its start was answered. */
interface Frame { readonly at: number; readonly needs: number | null; readonly action: string; readonly payload: (id: number) => object }

function framesOf({ sessions, said, statuses }: Day, iso: (at: number) => string): { readonly starts: readonly Frame[]; readonly frames: readonly Frame[] } {
  const value = ({ at, wh }: Said) => ({ timestamp: iso(at), sampledValue: [{ value: String(wh) }] })
  const starts = sessions.map(({ connectorId, from, fromWh }): Frame => ({ at: from, needs: null, action: 'StartTransaction', payload: () => ({ connectorId, idTag: 'T', meterStart: fromWh, timestamp: iso(from) }) }))
  const frames: Frame[] = [
    ...statuses.map(({ at, ...rest }): Frame => ({ at, needs: null, action: 'StatusNotification', payload: () => ({ ...rest, errorCode: 'NoError', timestamp: iso(at) }) })),
    ...said.filter(({ data, names }) => !data || names === null).map((one): Frame => ({
      at: one.at, needs: one.names, action: 'MeterValues', payload: (transactionId) => ({ connectorId: one.connectorId, ...(one.names === null ? {} : { transactionId }), meterValue: [value(one)] }),
    })),
    ...sessions.map(({ to, toWh, reason }, nth): Frame => {
      const data = said.filter((one) => one.data && one.names === nth)
      return { at: to, needs: nth, action: 'StopTransaction', payload: (transactionId) => ({ transactionId, meterStop: toWh, timestamp: iso(to), reason, ...(data.length === 0 ? {} : { transactionData: data.map(value) }) }) }
    }),
  ]
  return { starts, frames }
}

/** What comes when: a number of a session = its start. */
function orderOf(day: Day, { starts, frames }: ReturnType<typeof framesOf>, plain: boolean): Frame[] {
  const all = [...starts, ...frames].toSorted((a, b) => a.at - b.at || starts.indexOf(b) - starts.indexOf(a))
  if (plain) return all
  const mixed = all.map((frame, at) => ({ frame, key: day.order[at % day.order.length]!, at })).toSorted((a, b) => a.key - b.key || a.at - b.at).map(({ frame }) => frame)
  return [...mixed, ...day.again.map((at) => mixed[at % mixed.length]!)]
}

async function connect(stand: HouseStand, generation: number, boots: boolean): Promise<Peer> {
  if (boots) return stand.boot('CP1')
  await stand.admit('CP1')
  const peer = new Peer(stand.clock, 'CP1', generation)
  stand.desk.connected(peer)
  await stand.clock.advance(10)
  return peer
}

async function play(one: Day, plain: boolean): Promise<unknown> {
  let stand = await openHouse({ sites: [{ id: 'main', timezone: 'Europe/Berlin', settings: { tariffId: 'work' } }], chargePoints: [{ id: 'CP1', connectors: [{ id: 1 }, { id: 2 }] }], tariffs: [tariff] })
  let peer = await stand.boot('CP1')
  // So that its clock is known.
  for (let nth = 0; nth < 4; nth++) {
    await stand.call(peer, 'StatusNotification', { connectorId: 0, errorCode: 'NoError', status: 'Available', timestamp: new Date(stand.clock.wall() + one.aheadS * 1_000).toISOString() })
    await stand.clock.advance(25_000)
  }
  await stand.boot('CP1').then((again) => { peer = again })
  const dayMs = stand.clock.wall() - 260 * minuteMs + one.aheadS * 1_000
  const made = framesOf(one, (at) => new Date(dayMs + Math.round(at * 60) * 1_000).toISOString())
  const ids: (number | undefined)[] = []
  const start = async (nth: number) => {
    const { transactionId } = await stand.call(peer, 'StartTransaction', made.starts[nth]!.payload(0)) as { transactionId: number }
    expect(ids[nth] ?? transactionId).toBe(transactionId)
    ids[nth] = transactionId
  }
  for (const [at, frame] of orderOf(one, made, plain).entries()) {
    if (!plain) {
      if (one.turnBack?.at === at) stand.clock.jumpWall(-one.turnBack.byMin * minuteMs)
      const kill = one.kills.find((each) => each.at === at)
      if (kill !== undefined) {
        await stand.clock.advance(300)
        stand = await stand.restart()
        peer = await connect(stand, at + 10, kill.boots)
      }
    }
    const nth = made.starts.indexOf(frame)
    if (nth >= 0) await start(nth)
    else {
      if (frame.needs !== null && ids[frame.needs] === undefined) await start(frame.needs)
      await stand.call(peer, frame.action, frame.payload(frame.needs === null ? 0 : ids[frame.needs]!))
    }
  }
  await stand.clock.advance(1_000)
  const kept = await stand.store.read('main')
  stand.directory.crash()
  return ids.map((id) => {
    const record = asRecord(kept.get(`tx:${id}`))
    if (record === null) return null
    const { id: _, trail: _trail, startReceivedAtMs: _received, ...rest } = record
    return { ...rest, startedAtMs: rest.startedAtMs - dayMs, stoppedAtMs: (rest.stoppedAtMs ?? 0) - dayMs, statuses: rest.statuses.map(([ms, status]) => [ms - dayMs, status]) }
  })
}

test('the same records', async () => {
  await fc.assert(fc.asyncProperty(day, async (one) => {
    const plain = await play(one, true)
    expect(plain).toMatchObject(one.sessions.map(() => ({ status: 'stopped' })))
    expect(await play(one, false)).toEqual(plain)
  }), bounds)
}, bounds.numRuns * 4_000)
