// Whatever people send and whatever is lost, on a charge point that does with profiles what OCPP says: nobody draws more than is reserved, and nobody is granted more than people's profiles allow.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Refusal } from '../../src/actors/house.ts'
import { reservedA } from '../../src/power/ledger.ts'
import type { CentralAction, ChargingProfile } from '../../src/protocol/messages/index.ts'
import { ampsOf, createProfileMemory, usualLimits, type Running } from '../../src/simulator/profile-memory.ts'
import { caller, openHouse } from './house-stand.ts'
import { Peer, type Script } from './site-stand.ts'

type ProfileLike = Parameters<ReturnType<typeof createProfileMemory>['install']>[1]
const connectors = [1, 2] as const

const wish = fc.record({
  id: fc.integer({ min: 1, max: 6 }), level: fc.integer({ min: 0, max: 7 }), connectorId: fc.constantFrom(0, 1, 2),
  purpose: fc.constantFrom('TxDefaultProfile', 'TxDefaultProfile', 'TxProfile', 'ChargePointMaxProfile'), kind: fc.constantFrom('Absolute', 'Relative', 'Recurring'),
  watts: fc.boolean(), startS: fc.integer({ min: -400, max: 60 }), durationS: fc.option(fc.integer({ min: 30, max: 600 }), { nil: undefined }), validS: fc.option(fc.integer({ min: 10, max: 90 }), { nil: undefined }),
  limits: fc.array(fc.constantFrom(0, 4, 6, 8.5, 10, 16, 20, 32), { minLength: 1, maxLength: 3 }),
})
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('set' as const), wish, lose: fc.constantFrom('no', 'no', 'no', 'request', 'answer') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), id: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('start' as const), connectorId: fc.constantFrom(...connectors) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), connectorId: fc.constantFrom(...connectors) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('limit' as const), currentA: fc.constantFrom(0, 9, 16, 24, 40) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lose' as const), what: fc.constantFrom('request', 'answer') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('boot' as const), forgets: fc.boolean() }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
type Lost = 'no' | 'request' | 'answer'

function profileOf(one: typeof wish extends fc.Arbitrary<infer T> ? T : never, nowMs: number, transactionId: number | undefined): ChargingProfile {
  const whole = one.purpose === 'ChargePointMaxProfile'
  const kind = whole && one.kind === 'Relative' ? 'Absolute' : one.kind
  const at = (afterS: number): string => new Date(Math.floor(nowMs / 1000) * 1000 + afterS * 1000).toISOString()
  return {
    chargingProfileId: one.id, stackLevel: one.level, chargingProfilePurpose: one.purpose as ChargingProfile['chargingProfilePurpose'], chargingProfileKind: kind as ChargingProfile['chargingProfileKind'],
    ...(one.purpose === 'TxProfile' && transactionId !== undefined ? { transactionId } : {}),
    ...(kind === 'Recurring' ? { recurrencyKind: 'Daily' as const } : {}), ...(one.validS === undefined ? {} : { validTo: at(one.validS) }),
    chargingSchedule: {
      chargingRateUnit: one.watts ? 'W' : 'A', ...(kind === 'Relative' ? {} : { startSchedule: at(one.startS) }), ...(one.durationS === undefined ? {} : { duration: one.durationS }),
      chargingSchedulePeriod: one.limits.map((limit, index) => ({ startPeriod: index * 25, limit: one.watts ? limit * 690 : limit })),
    },
  }
}

async function play(steps: readonly Step[], refuses: string | null): Promise<void> {
  const stand = await openHouse({ sites: [{ fuseA: 40 }], chargePoints: [{ id: 'CP1', fallbackA: 6, connectors: [{ id: 1 }, { id: 2 }] }] })
  const limits = { connectors: 2, ...usualLimits, maxInstalled: 100 }
  let all = createProfileMemory(limits)
  const theirs = createProfileMemory(limits)
  const running = new Map<number, Running>()
  const starting = new Set<number>()
  let lost: Lost = 'no'
  let bootedMs = -Infinity
  const script: Script = (action, payload) => {
    const asked = JSON.parse(JSON.stringify(payload)) as { connectorId: number; csChargingProfiles: ChargingProfile }
    if (action === 'GetConfiguration') return { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '8' }], unknownKey: [] }
    if (action === 'ClearChargingProfile') {
      theirs.clear(payload as never)
      return { status: all.clear(payload as never) > 0 ? 'Accepted' : 'Unknown' }
    }
    if (action !== 'SetChargingProfile') return { status: 'Accepted' }
    const gone = lost
    lost = 'no'
    if (gone === 'request') return 'hold'
    const { connectorId, csChargingProfiles: profile } = asked
    if (profile.chargingProfilePurpose === refuses) return { status: 'Rejected' }
    const { transactionId } = profile
    if (starting.has(connectorId) && !running.has(connectorId) && transactionId !== undefined) running.set(connectorId, { transactionId, startedMs: stand.clock.wall() })
    const now = stand.clock.wall()
    const done = all.install(connectorId, profile as ProfileLike, running.get(connectorId) ?? null, now).accepted
    if (done && profile.chargingProfileId < 1_000_000_000) theirs.install(connectorId, profile as ProfileLike, running.get(connectorId) ?? null, now)
    return gone === 'answer' ? 'hold' : { status: done ? 'Accepted' : 'Rejected' }
  }
  let generation = 9_000
  let peer: Peer | null = null
  async function boot(): Promise<Peer> {
    if (peer !== null) {
      peer.cut()
      stand.desk.disconnected(peer, 1006, 'cut')
    }
    const admission = await stand.admit('CP1')
    if (!admission.admitted) throw new Error(admission.reason)
    const next = new Peer(stand.clock, 'CP1', ++generation)
    next.script = script
    stand.desk.connected(next)
    bootedMs = stand.clock.wall()
    await stand.call(next, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' })
    return next
  }
  peer = await boot()
  await stand.clock.advance(40_000)
  const { engine } = stand.directory.estate.sites.get('main')!.room
  const meanings: string[] = []

  function check(): void {
    const now = stand.clock.wall()
    // I5: what a reboot may have wiped is put back, or counted, within 5 s.
    if (now < bootedMs + 6_000) return
    const pending = stand.house.profiles.list('CP1').filter(({ owner, status }) => owner === 'user' && (status === 'Sent' || status === 'Unknown')).length
    let sumA = 0
    for (const connectorId of connectors) {
      const key = `CP1/${connectorId}`
      const run = running.get(connectorId) ?? null
      const mayA = Math.min(32, ampsOf(all.connectorRate(connectorId, run, now), 1, 230))
      const heldA = reservedA(engine.books.row(key)!, now).thisCarA
      if (mayA > heldA + 1e-6) meanings.push(`${key} may draw ${mayA} A, ${heldA} are reserved`)
      const { allocatedA } = engine.plan!.targets.get(key)!
      sumA += allocatedA
      const capA = Math.max(...[0, 120].map((ago) => ampsOf(theirs.connectorRate(connectorId, run, now - ago), 3, 230)))
      if (pending < 2 && allocatedA > capA + 1e-6) meanings.push(`${key} is granted ${allocatedA} A, people allow ${capA}`)
    }
    const wholeA = Math.max(...[0, 120].map((ago) => ampsOf(theirs.wholeRate(now - ago), 3, 230)))
    if (pending < 2 && sumA > wholeA + 1e-6) meanings.push(`the charge point is granted ${sumA} A, people allow ${wholeA}`)
  }
  async function pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds && meanings.length === 0; second++) {
      await stand.clock.advance(1_000)
      check()
    }
  }
  async function ask(action: CentralAction, body: object): Promise<void> {
    const asked = stand.house.commands.issue('CP1', action, body, {}, caller).catch((error: unknown) => { if (!(error instanceof Refusal)) throw error })
    await stand.clock.advance(150)
    await asked
  }
  async function take(one: Step): Promise<void> {
    switch (one.do) {
      case 'set': {
        const connectorId = one.wish.purpose === 'ChargePointMaxProfile' ? 0 : one.wish.purpose === 'TxProfile' ? Math.max(1, one.wish.connectorId) : one.wish.connectorId
        lost = one.lose as Lost
        await ask('SetChargingProfile', { connectorId, csChargingProfiles: profileOf(one.wish, stand.clock.wall(), running.get(connectorId)?.transactionId) })
        lost = 'no'
        return
      }
      case 'clear': return ask('ClearChargingProfile', { id: one.id })
      case 'lose':
        lost = one.what as Lost
        return
      case 'limit': {
        const asked = stand.house.setGridLimit('main', { currentA: one.currentA }, caller)
        await stand.clock.advance(100)
        await asked
        return
      }
      case 'start': {
        if (running.has(one.connectorId)) return
        starting.add(one.connectorId)
        const startedMs = stand.clock.wall()
        const { transactionId } = await stand.call(peer!, 'StartTransaction', { connectorId: one.connectorId, idTag: `TAG${one.connectorId}`, meterStart: 0, timestamp: new Date(startedMs).toISOString() }) as { transactionId: number }
        running.set(one.connectorId, { transactionId, startedMs })
        starting.delete(one.connectorId)
        return
      }
      case 'stop': {
        const run = running.get(one.connectorId)
        if (run === undefined) return
        running.delete(one.connectorId)
        for (const memory of [all, theirs]) memory.endTransaction(one.connectorId)
        await stand.call(peer!, 'StopTransaction', { transactionId: run.transactionId, meterStop: 10, timestamp: new Date(stand.clock.wall()).toISOString() })
        return
      }
      case 'boot':
        if (running.size > 0) return
        // What people asked for holds all the same.
        if (one.forgets) all = createProfileMemory(limits)
        peer = await boot()
    }
  }
  for (const one of steps) {
    await take(one)
    await pass(7)
    expect(meanings, JSON.stringify(one)).toEqual([])
  }
  await pass(60)
  expect(meanings).toEqual([])
}

test.each([null, 'TxProfile'])('nobody draws more than is reserved, and nobody is granted more than people allow; refused is %s', async (refuses) => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 30, size: 'max' }), (steps) => play(steps, refuses)), { numRuns: 20 })
}, 120_000)
