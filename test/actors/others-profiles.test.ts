// Profiles of people on a charge point that does what OCPP says with them: whatever is sent, the car may never draw more than is reserved for it.
import { describe, expect, test } from 'vitest'
import { Refusal } from '../../src/actors/house.ts'
import { reservedA } from '../../src/power/ledger.ts'
import { usualQuirks } from '../../src/power/quirks.ts'
import type { CentralAction, ChargingProfile } from '../../src/protocol/messages/index.ts'
import { ampsOf, createProfileMemory, usualLimits, type Running } from '../../src/simulator/profile-memory.ts'
import { caller, openHouse, type HouseOptions } from './house-stand.ts'
import { Peer, type Script } from './site-stand.ts'

type ProfileLike = Parameters<ReturnType<typeof createProfileMemory>['install']>[1]
interface Wish { readonly purpose?: ChargingProfile['chargingProfilePurpose']; readonly limit: number; readonly level?: number; readonly transactionId?: number; readonly validTo?: string }

function profile({ purpose = 'TxProfile', limit, level = 3, transactionId, validTo }: Wish): ChargingProfile {
  return {
    chargingProfileId: 5, stackLevel: level, chargingProfilePurpose: purpose, chargingProfileKind: 'Relative', ...(transactionId === undefined ? {} : { transactionId }), ...(validTo === undefined ? {} : { validTo }),
    chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
  }
}

let generation = 5_000

async function depot(point: object = {}, site: object = { fuseA: 6 }) {
  const options: HouseOptions = { sites: [{ id: 'main', ...site }], chargePoints: [{ id: 'CP1', fallbackA: 6, connectors: [{ id: 1 }], ...point }] }
  const stand = await openHouse(options)
  const memory = createProfileMemory({ connectors: 2, ...usualLimits })
  let running: Running | null = null
  let inside: ChargingProfile | null = null
  let level: string | 'hold' = '8'
  let refuses: ChargingProfile['chargingProfilePurpose'] | null = null
  const script: Script = (action, payload) => {
    const asked = JSON.parse(JSON.stringify(payload)) as { connectorId: number; csChargingProfiles: ChargingProfile; chargingProfile?: ChargingProfile }
    if (action === 'GetConfiguration') return level === 'hold' ? 'hold' : { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: level }], unknownKey: [] }
    if (action === 'SetChargingProfile') {
      const { transactionId, chargingProfilePurpose } = asked.csChargingProfiles
      if (chargingProfilePurpose === refuses) return { status: 'Rejected' }
      if (running === null && transactionId !== undefined) running = { transactionId, startedMs: stand.clock.wall() }
      return { status: memory.install(asked.connectorId, asked.csChargingProfiles as ProfileLike, running, stand.clock.wall()).accepted ? 'Accepted' : 'Rejected' }
    }
    if (action === 'ClearChargingProfile') return { status: memory.clear(payload as never) > 0 ? 'Accepted' : 'Unknown' }
    if (action === 'RemoteStartTransaction') inside = asked.chargingProfile ?? null
    return { status: 'Accepted' }
  }
  async function connect(old?: Peer): Promise<Peer> {
    old?.cut()
    if (old !== undefined) stand.desk.disconnected(old, 1006, 'cut')
    const admission = await stand.admit('CP1')
    if (!admission.admitted) throw new Error(admission.reason)
    const peer = new Peer(stand.clock, admission.clientID, ++generation)
    peer.script = script
    stand.desk.connected(peer)
    return peer
  }
  async function boot(): Promise<Peer> {
    const peer = await connect()
    await stand.call(peer, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' })
    await stand.clock.advance(40_000)
    return peer
  }
  async function start(peer: Peer): Promise<number> {
    const transactionId = await stand.start(peer)
    running = { transactionId, startedMs: stand.clock.wall() }
    if (inside !== null) memory.install(1, { ...inside, transactionId } as ProfileLike, running, stand.clock.wall())
    inside = null
    return transactionId
  }
  async function stop(peer: Peer): Promise<void> {
    const transactionId = running?.transactionId ?? 0
    running = null
    memory.endTransaction(1)
    await stand.call(peer, 'StopTransaction', { transactionId, meterStop: 10, timestamp: new Date(stand.clock.wall()).toISOString() })
  }
  async function ask(action: CentralAction, body: object): Promise<string> {
    const asked = stand.house.commands.issue('CP1', action, body, { waitMs: 2_000 }, caller).then(({ status }) => status as string, (error: unknown) => (error instanceof Refusal ? error.code : String(error)))
    await stand.clock.advance(3_000)
    return asked
  }
  async function limit(currentA: number): Promise<void> {
    const asked = stand.house.setGridLimit('main', { currentA }, caller)
    await stand.clock.advance(120_000)
    await asked
  }
  /** What the car may draw by its profiles, and what the ledger reserves. */
  function amps() {
    const row = stand.directory.estate.sites.get('main')!.room.engine.books.row('CP1/1')!
    return { mayA: Math.min(32, ampsOf(memory.connectorRate(1, running, stand.clock.wall()), 3, 230)), reservedA: reservedA(row, stand.clock.wall()).thisCarA }
  }
  const hold = (value: string): void => { level = value }
  const refuse = (purpose: ChargingProfile['chargingProfilePurpose']): void => { refuses = purpose }
  const allocated = () => stand.house.allocation('CP1', 1)
  return { stand, boot, connect, start, stop, ask, limit, amps, hold, refuse, allocated }
}

describe('a TxProfile of somebody else where the engine has none', () => {
  test('goes down with the limit: the engine puts its own above it', async () => {
    const { boot, start, ask, limit, amps } = await depot()
    const peer = await boot()
    const transactionId = await start(peer)
    expect(await ask('SetChargingProfile', { connectorId: 1, csChargingProfiles: profile({ limit: 6, transactionId }) })).toBe('accepted')
    await limit(0)
    expect(amps()).toEqual({ mayA: 0, reservedA: 0 })
  })
  test.each([['the next transaction', 0], ['the one after it', 1]])('inside a remote start counts in %s', async (_title, others) => {
    const { boot, start, stop, ask, limit, amps } = await depot()
    const peer = await boot()
    expect(await ask('RemoteStartTransaction', { connectorId: 1, idTag: 'TAG', chargingProfile: profile({ limit: 6 }) })).toBe('accepted')
    for (let count = 0; count < others; count++) {
      await start(peer)
      await stop(peer)
    }
    await start(peer)
    await limit(0)
    expect(amps()).toEqual({ mayA: 0, reservedA: 0 })
  })
  test('is counted after a restart of kwota as well', async () => {
    const { stand, boot, ask } = await depot()
    await boot()
    await ask('RemoteStartTransaction', { connectorId: 1, idTag: 'TAG', chargingProfile: profile({ limit: 6 }) })
    const again = await stand.restart()
    expect(again.directory.estate.sites.get('main')!.room.engine.books.row('CP1/1')?.others).toMatchObject({ limitA: 6, ends: 0 })
  })
  test('is measured by the fallback when it is for a transaction that is still to come', async () => {
    const { boot, start, ask, amps, stand } = await depot({}, { fuseA: 63 })
    const peer = await boot()
    await start(peer)
    await stand.clock.advance(30_000)
    expect(amps()).toEqual({ mayA: 32, reservedA: 32 })
    expect(await ask('RemoteStartTransaction', { connectorId: 1, idTag: 'TAG', chargingProfile: profile({ limit: 32 }) })).toBe('above-reservation')
  })
})

describe('a TxDefaultProfile of somebody else above the fallback', () => {
  const set = (limit: number, more: Partial<Wish> = {}) => ({ connectorId: 1, csChargingProfiles: profile({ purpose: 'TxDefaultProfile', limit, ...more }) })
  test('never rules beneath the engine\'s own, with a car and without', async () => {
    const { boot, start, stop, ask, limit, amps } = await depot({}, { fuseA: 20 })
    const peer = await boot()
    expect(await ask('SetChargingProfile', set(16))).toBe('accepted')
    expect(amps()).toEqual({ mayA: 6, reservedA: 6 })
    await limit(0)
    expect(amps()).toEqual({ mayA: 0, reservedA: 0 })
    await start(peer)
    await limit(12)
    expect(amps()).toEqual({ mayA: 12, reservedA: 12 })
    await limit(20)
    expect(amps()).toEqual({ mayA: 16, reservedA: 16 })
    await stop(peer)
    expect(amps()).toEqual({ mayA: 6, reservedA: 6 })
  })
  test('is measured by the fallback while a reboot leaves the engine\'s own in doubt', async () => {
    const { stand, boot, connect, ask } = await depot({}, { fuseA: 20 })
    const peer = await boot()
    const back = await connect(peer)
    back.script = () => 'hold'
    await stand.call(back, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' })
    expect(await ask('SetChargingProfile', set(16))).toBe('above-reservation')
  })
  test('holds a car on a charge point that takes no TxProfile, by the TxDefaultProfile of the engine', async () => {
    const { stand, boot, start, ask, amps, refuse, allocated } = await depot({}, { fuseA: 20 })
    refuse('TxProfile')
    const peer = await boot()
    const transactionId = await start(peer)
    await stand.clock.advance(120_000)
    expect(amps()).toEqual({ mayA: 20, reservedA: 20 })
    expect(await ask('SetChargingProfile', set(10))).toBe('accepted')
    await stand.clock.advance(30_000)
    expect(amps()).toEqual({ mayA: 10, reservedA: 10 })
    expect(allocated()).toMatchObject({ allocatedA: 10, binding: 'profile:5' })
    expect(await ask('SetChargingProfile', { connectorId: 1, csChargingProfiles: profile({ limit: 6, transactionId }) })).toBe('tx-profiles-not-taken')
  })
})

describe('a TxDefaultProfile of somebody else that the engine\'s does not stand above any more', () => {
  const books = (stand: Awaited<ReturnType<typeof depot>>['stand']) => stand.directory.estate.sites.get('main')!.room.engine.books
  test.each<[string, (stand: Awaited<ReturnType<typeof depot>>['stand']) => void]>([
    ['on another rung', (stand) => books(stand).setQuirks('CP1', { ...usualQuirks, ladder: 'connector-0' })],
    ['at a lower stack level', (stand) => {
      const { scope } = stand.directory.estate.sites.get('main')!
      scope.put('learnt:CP1', { ...(scope.get('learnt:CP1') as object), inUse: 2 })
    }],
  ])('%s counts all that it ever says, and the others give way', async (_title, move) => {
    const { stand, boot, ask } = await depot({}, { fuseA: 20 })
    await boot()
    expect(await ask('SetChargingProfile', { connectorId: 1, csChargingProfiles: profile({ purpose: 'TxDefaultProfile', limit: 16 }) })).toBe('accepted')
    const reserved = () => stand.house.power('main').circuits[0]!.reservedA.L1
    expect(reserved()).toBe(6)
    move(stand)
    await stand.clock.advance(60_000)
    expect(reserved()).toBe(16)
    expect(await ask('ClearChargingProfile', { id: 5 })).toBe('accepted')
    await stand.clock.advance(10_000)
    expect(reserved()).toBeLessThan(16)
  })
})

describe('a stack level that is learnt later', () => {
  test('frees nothing that the engine stands on', async () => {
    const { stand, boot, connect, start, ask, amps, hold } = await depot()
    hold('hold')
    const peer = await boot()
    hold('8')
    const back = await connect(peer)
    await stand.clock.advance(100_000)
    expect(await ask('ClearChargingProfile', { stackLevel: 0 })).toBe('engine-profiles')
    expect(await ask('SetChargingProfile', { connectorId: 1, csChargingProfiles: profile({ purpose: 'TxDefaultProfile', limit: 6, level: 0, validTo: new Date(stand.clock.wall() + 60_000).toISOString() }) })).toBe('engine-stack-level')
    await start(back)
    const { mayA, reservedA: reserved } = amps()
    expect(mayA).toBeLessThanOrEqual(reserved)
  })
  test('is used from the next boot on', async () => {
    const { boot, connect, ask, hold, stand } = await depot()
    hold('hold')
    const peer = await boot()
    hold('8')
    await connect(peer)
    await stand.clock.advance(100_000)
    await boot()
    expect(await ask('SetChargingProfile', { connectorId: 1, csChargingProfiles: profile({ purpose: 'TxDefaultProfile', limit: 6, level: 7 }) })).toBe('accepted')
  })
})

describe('profiles that stand', () => {
  test('must be cleared before the engine takes over', async () => {
    const { stand, boot, ask } = await depot({ control: 'none' }, { fuseA: 63 })
    await boot()
    expect(await ask('SetChargingProfile', { connectorId: 1, csChargingProfiles: profile({ purpose: 'TxDefaultProfile', limit: 32, level: 5 }) })).toBe('accepted')
    const { config } = stand.directory.estate.point('CP1')!.record
    const put = async () => {
      const asked = stand.house.putChargePoint({ ...config, control: 'engine' }, undefined, caller).then(() => 'taken', (error: unknown) => (error instanceof Refusal ? error.code : String(error)))
      await stand.clock.advance(1_000)
      return asked
    }
    expect(await put()).toBe('profiles-stand')
    expect(await ask('ClearChargingProfile', {})).toBe('accepted')
    expect(await put()).toBe('taken')
  })
  test('keep a connected charge point from being forgotten', async () => {
    const { stand, boot, ask } = await depot()
    await boot()
    await ask('SetChargingProfile', { connectorId: 1, csChargingProfiles: profile({ purpose: 'TxDefaultProfile', limit: 6 }) })
    await expect(stand.house.deleteChargePoint('CP1', caller)).rejects.toMatchObject({ code: 'profiles-stand' })
  })
})
