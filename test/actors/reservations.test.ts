// Reservations in a living house: what is asked of the charge point, what its answers and its cars do to them, and what a restart leaves of them.
import { describe, expect, test } from 'vitest'
import { ReservationLog } from '../../src/actors/reservation-log.ts'
import type { ReservationRecord, ReservationView } from '../../src/actors/reservation-record.ts'
import { openScope } from '../../src/actors/scope.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { caller, openHouse, type HouseOptions, type HouseStand } from './house-stand.ts'
import { accept, pointOf, type Peer, type Script } from './site-stand.ts'

const hourMs = 3_600_000
const config = { chargePoints: [{ id: 'CP1', connectors: [{ id: 1 }, { id: 2 }] }, { id: 'CP2' }] }
const answers = (of: Record<string, Record<string, unknown> | 'hold' | { error: string }>): Script => (action, payload) => of[action] ?? accept(action, payload)

class Desk {
  readonly stand: HouseStand
  peer: Peer
  constructor(stand: HouseStand, peer: Peer) {
    this.stand = stand
    this.peer = peer
  }
  static async open(script: Script = accept, options: Partial<HouseOptions> = {}): Promise<Desk> {
    const stand = await openHouse({ ...config, ...options })
    const peer = await stand.boot('CP1')
    await stand.clock.advance(1_000)
    peer.script = script
    return new Desk(stand, peer)
  }
  get house() { return this.stand.house }
  iso(aheadMs: number): string {
    return new Date(this.stand.clock.wall() + aheadMs).toISOString()
  }
  /** Asked for and, when it is answered at all, answered. */
  async reserve(more: Partial<{ clientID: string; connectorId: number; idTag: string; parentIdTag: string; aheadMs: number }> = {}): Promise<ReservationView> {
    const { aheadMs = hourMs, ...rest } = more
    const made = this.house.reservations.create({ clientID: 'CP1', connectorId: 1, idTag: 'ANNA', expiryDate: this.iso(aheadMs), ...rest }, 0, caller)
    made.catch(() => undefined)
    await this.stand.clock.advance(1_000)
    return this.house.reservations.get((await made).id)
  }
  async raw(action: 'ReserveNow' | 'CancelReservation', body: object, expiresAt?: string): Promise<string> {
    const issued = this.house.commands.issue('CP1', action, body, expiresAt === undefined ? {} : { expiresAt }, caller)
    issued.catch(() => undefined)
    await this.stand.clock.advance(1_000)
    return this.house.commands.get((await issued).id).status
  }
  async cancel(id: number, waitMs = 0): Promise<void> {
    const gone = this.house.reservations.cancel(id, waitMs, caller)
    gone.catch(() => undefined)
    await this.stand.clock.advance(1_000)
    return gone
  }
  async start(more: Partial<{ connectorId: number; idTag: string; reservationId: number; agoMs: number }> = {}): Promise<number> {
    const { agoMs = 0, ...rest } = more
    const answer = await this.stand.call(this.peer, 'StartTransaction', { connectorId: 1, idTag: 'ANNA', meterStart: 0, timestamp: this.iso(-agoMs), ...rest })
    return (answer as { transactionId: number }).transactionId
  }
  async status(connectorId: number, status: string, agoMs = 0): Promise<void> {
    await this.stand.call(this.peer, 'StatusNotification', { connectorId, status, errorCode: 'NoError', timestamp: this.iso(-agoMs) })
  }
  show(id: number): ReservationView {
    return this.house.reservations.get(id)
  }
  calls(action: string): unknown[] {
    return this.peer.calls.filter((call) => call.action === action).map(({ payload }) => payload)
  }
  async restart(): Promise<Desk> {
    const stand = await this.stand.restart()
    return new Desk(stand, this.peer)
  }
  get changes(): unknown[] {
    return this.stand.events.filter(({ type }) => type === 'reservation.changed').map(({ data }) => data['status'])
  }
}

describe('asked for', () => {
  test('held once the charge point accepts it, and told to everybody', async () => {
    const desk = await Desk.open()
    const { id, ...shown } = await desk.reserve({ parentIdTag: 'FAMILY' })
    expect(desk.calls('ReserveNow')).toEqual([{ connectorId: 1, expiryDate: shown.expiryDate, idTag: 'ANNA', parentIdTag: 'FAMILY', reservationId: id }])
    expect(shown).toEqual({
      siteID: 'main', clientID: 'CP1', connectorId: 1, idTag: 'ANNA', parentIdTag: 'FAMILY', expiryDate: shown.expiryDate, status: 'held', createdAt: shown.createdAt, endedAt: null, commandId: shown.commandId,
    })
    expect(id).toBeGreaterThan(0)
    expect(desk.changes).toEqual(['requesting', 'held'])
    expect(desk.house.commands.get(shown.commandId)).toMatchObject({ action: 'ReserveNow', status: 'accepted' })
  })

  test.each([['Faulted', 'faulted'], ['Occupied', 'occupied'], ['Rejected', 'rejected'], ['Unavailable', 'unavailable']])('refused with the reason on %s', async (status, reason) => {
    const desk = await Desk.open(answers({ ReserveNow: { status } }))
    expect(await desk.reserve()).toMatchObject({ status: 'refused', reason, endedAt: expect.any(String) as string })
    desk.peer.script = accept
    expect(await desk.reserve()).toMatchObject({ status: 'held' })
  })

  test('refused with the code of a CALLERROR', async () => {
    const desk = await Desk.open(answers({ ReserveNow: { error: 'NotSupported' } }))
    expect(await desk.reserve()).toMatchObject({ status: 'refused', reason: 'NotSupported' })
  })

  test('a time-out decides nothing: the late answer does', async () => {
    const desk = await Desk.open(answers({ ReserveNow: 'hold' }))
    const { id } = await desk.reserve()
    const call = desk.peer.last()
    await desk.stand.clock.advance(31_000)
    expect(desk.show(id)).toMatchObject({ status: 'requesting' })
    desk.peer.answer(call)
    await desk.stand.clock.advance(100)
    expect(desk.show(id)).toMatchObject({ status: 'held' })
  })

  test('a time-out decides nothing: its time does', async () => {
    const desk = await Desk.open(answers({ ReserveNow: 'hold' }))
    const { id } = await desk.reserve({ aheadMs: 60_000 })
    await desk.stand.clock.advance(58_000)
    expect(desk.show(id)).toMatchObject({ status: 'requesting' })
    await desk.stand.clock.advance(2_000)
    expect(desk.show(id)).toMatchObject({ status: 'expired' })
  })

  test.each([
    ['the past', { aheadMs: -1 }, 'expiry-in-the-past'], ['an unknown charge point', { clientID: 'CP9' }, 'unknown-charge-point'], ['one that is not connected', { clientID: 'CP2' }, 'charge-point-offline'],
  ])('not for %s', async (_, more, code) => {
    const desk = await Desk.open()
    await expect(desk.reserve(more)).rejects.toMatchObject({ code })
    expect(desk.house.reservations.list()).toEqual([])
    expect(desk.calls('ReserveNow')).toEqual([])
  })

  test('away: said with what would wait for it, for it cannot wait itself', async () => {
    const desk = await Desk.open()
    const { id } = await desk.reserve()
    await expect(desk.reserve({ clientID: 'CP2' })).rejects.toMatchObject({ code: 'charge-point-offline', hint: expect.stringContaining('/chargepoints/CP2/reserve-now') as string })
    desk.stand.desk.disconnected(desk.peer, 1006, '')
    desk.peer.open = false
    await expect(desk.house.reservations.cancel(id, 0, caller)).rejects.toMatchObject({ code: 'charge-point-offline', hint: expect.stringContaining('/chargepoints/CP1/cancel-reservation') as string })
    expect(desk.show(id)).toMatchObject({ status: 'held' })
  })

  test('one per connector; the charge point as a whole is a place of its own', async () => {
    const desk = await Desk.open()
    const { id } = await desk.reserve()
    await expect(desk.reserve({ idTag: 'BERTA' })).rejects.toMatchObject({ code: 'reservation-exists' })
    expect((await desk.reserve({ connectorId: 2 })).status).toBe('held')
    expect((await desk.reserve({ connectorId: 0 })).status).toBe('held')
    expect(desk.house.reservations.list().map(({ connectorId }) => connectorId)).toEqual([0, 2, 1])
    await desk.cancel(id)
    expect((await desk.reserve({ idTag: 'BERTA' })).status).toBe('held')
  })

  test('nothing is left of one that could not be written', async () => {
    const desk = await Desk.open()
    desk.stand.trouble.store = true
    await expect(desk.reserve()).rejects.toMatchObject({ code: 'store-down' })
    expect(desk.house.reservations.list()).toEqual([])
    desk.stand.trouble.store = false
    await desk.stand.clock.advance(3_000)
    expect((await desk.reserve()).status).toBe('held')
    expect((await (await desk.restart()).house.reservations.list()).length).toBe(1)
  })
})

describe('over', () => {
  test('at its time, whatever the charge point says', async () => {
    const desk = await Desk.open()
    const { id } = await desk.reserve()
    await desk.stand.clock.advance(hourMs)
    expect(desk.show(id)).toMatchObject({ status: 'expired', endedAt: desk.show(id).expiryDate })
    expect(desk.calls('CancelReservation')).toEqual([])
  })

  test.each([['Faulted', 'connector-faulted'], ['Unavailable', 'connector-unavailable']])('when its connector is %s', async (status, reason) => {
    const desk = await Desk.open()
    const { id } = await desk.reserve()
    await desk.status(2, status)
    await desk.status(1, 'Reserved')
    await desk.status(1, status, 2 * hourMs)
    expect(desk.show(id)).toMatchObject({ status: 'held' })
    await desk.status(1, status)
    expect(desk.show(id)).toMatchObject({ status: 'cancelled', reason })
  })

  test('when it is given up', async () => {
    const desk = await Desk.open()
    const { id } = await desk.reserve()
    await desk.cancel(id, 10_000)
    expect(desk.calls('CancelReservation')).toEqual([{ reservationId: id }])
    expect(desk.show(id)).toMatchObject({ status: 'cancelled' })
    expect(desk.changes).toEqual(['requesting', 'held', 'cancelling', 'cancelled'])
    await expect(desk.cancel(id)).rejects.toMatchObject({ code: 'reservation-ended' })
  })

  test('not when the charge point does not give it up', async () => {
    const desk = await Desk.open(answers({ CancelReservation: { status: 'Rejected' } }))
    const { id } = await desk.reserve()
    await expect(desk.cancel(id, 10_000)).rejects.toMatchObject({ code: 'cancel-rejected' })
    expect(desk.show(id)).toMatchObject({ status: 'held', reason: 'cancel-rejected' })
    desk.peer.script = answers({ CancelReservation: { error: 'InternalError' } })
    await desk.cancel(id)
    expect(desk.show(id)).toMatchObject({ status: 'held', reason: 'InternalError' })
    await desk.stand.clock.advance(hourMs)
    expect(desk.show(id)).toMatchObject({ status: 'expired' })
  })

  test('a cancellation that is not answered decides nothing, can be repeated, and its late answer counts', async () => {
    const desk = await Desk.open(answers({ CancelReservation: 'hold' }))
    const { id } = await desk.reserve()
    await desk.cancel(id)
    const call = desk.peer.last()
    await desk.stand.clock.advance(31_000)
    expect(desk.show(id)).toMatchObject({ status: 'cancelling' })
    desk.peer.answer(call)
    await desk.stand.clock.advance(100)
    expect(desk.show(id)).toMatchObject({ status: 'cancelled' })
  })

  test('when its charge point moves away; and forgotten with its site', async () => {
    const desk = await Desk.open(accept, { sites: [{ id: 'main' }, { id: 'annex' }], chargePoints: [{ id: 'CP1', site: 'annex' }] })
    const { id } = await desk.reserve()
    await desk.house.putChargePoint(pointOf({ id: 'CP1', site: 'main' }), undefined, caller)
    expect(desk.show(id)).toMatchObject({ status: 'cancelled', reason: 'charge-point-left', siteID: 'annex' })
    await desk.house.deleteSite('annex', caller)
    expect(desk.house.reservations.list()).toEqual([])
  })

  test('when its charge point is deleted', async () => {
    const desk = await Desk.open()
    const { id } = await desk.reserve()
    await desk.house.deleteChargePoint('CP1', caller)
    expect(desk.show(id)).toMatchObject({ status: 'cancelled', reason: 'charge-point-left' })
    await desk.stand.clock.advance(2 * hourMs)
    expect((await desk.restart()).show(id)).toMatchObject({ status: 'cancelled' })
  })
})

describe('used', () => {
  test.each([
    ['by the start that names it', {}, (id: number) => ({ reservationId: id, idTag: 'ZOE' }), true],
    ['by its tag', {}, () => ({ idTag: 'anna' }), true],
    ['on any connector when the whole charge point is reserved', { connectorId: 0 }, () => ({ connectorId: 2 }), true],
    ['not by its tag elsewhere', {}, () => ({ connectorId: 2 }), false],
    ['not by a foreign tag', {}, () => ({ idTag: 'ZOE' }), false],
    ['not by a start from before it', {}, () => ({ agoMs: 2 * hourMs }), false],
  ])('%s', async (_, more, start, yes) => {
    const desk = await Desk.open()
    const { id } = await desk.reserve(more)
    const transactionId = await desk.start(start(id))
    expect(desk.show(id)).toMatchObject(yes ? { status: 'used', transactionId } : { status: 'held' })
  })

  test.each([['FAMILY', true], ['OTHERS', false]])('by a tag of its group: %s', async (parentIdTag, yes) => {
    const desk = await Desk.open(accept, { chargePoints: [{ id: 'CP1', settings: { authorisation: ['local'] } }] })
    const put = desk.house.idTags.put({ id: 'CARLA', status: 'Accepted', parentIdTag, concurrent: false }, caller)
    await desk.stand.clock.advance(0)
    await put
    const { id } = await desk.reserve({ parentIdTag: 'Family' })
    const transactionId = await desk.start({ idTag: 'CARLA' })
    expect(desk.show(id)).toMatchObject(yes ? { status: 'used', transactionId } : { status: 'held' })
  })

  test('by the start that names it, told of after its time', async () => {
    const desk = await Desk.open()
    const { id } = await desk.reserve()
    await desk.stand.clock.advance(2 * hourMs)
    expect(desk.show(id)).toMatchObject({ status: 'expired' })
    const transactionId = await desk.start({ reservationId: id, agoMs: 1.5 * hourMs })
    expect(desk.show(id)).toMatchObject({ status: 'used', transactionId })
  })

  test('not by a start at another charge point that names it', async () => {
    const desk = await Desk.open()
    const { id } = await desk.reserve()
    const other = await desk.stand.boot('CP2')
    await desk.stand.call(other, 'StartTransaction', { connectorId: 1, idTag: 'ANNA', meterStart: 0, timestamp: desk.iso(0), reservationId: id })
    expect(desk.show(id)).toMatchObject({ status: 'held' })
  })
})

describe('as raw commands', () => {
  test('ReserveNow makes up an id, or keeps the one given; the same id replaces', async () => {
    const desk = await Desk.open()
    expect(await desk.raw('ReserveNow', { connectorId: 1, idTag: 'ANNA', expiryDate: desk.iso(hourMs) })).toBe('accepted')
    const [made] = desk.house.reservations.list()
    expect(made).toMatchObject({ status: 'held', idTag: 'ANNA' })
    const first = desk.iso(hourMs)
    expect(await desk.raw('ReserveNow', { connectorId: 2, idTag: 'ANNA', expiryDate: first, reservationId: 77 })).toBe('accepted')
    const later = desk.iso(3 * hourMs)
    expect(await desk.raw('ReserveNow', { connectorId: 2, idTag: 'BERTA', expiryDate: later, reservationId: 77 })).toBe('accepted')
    expect(desk.show(77)).toMatchObject({ status: 'held', idTag: 'BERTA', expiryDate: later })
    await desk.stand.clock.advance(2 * hourMs)
    expect(desk.show(77)).toMatchObject({ status: 'held' })
    await desk.stand.clock.advance(hourMs)
    expect(desk.show(77)).toMatchObject({ status: 'expired' })
  })

  test('a replacement that is refused leaves what is held', async () => {
    const desk = await Desk.open()
    await desk.raw('ReserveNow', { connectorId: 2, idTag: 'ANNA', expiryDate: desk.iso(hourMs), reservationId: 77 })
    desk.peer.script = answers({ ReserveNow: { status: 'Occupied' } })
    expect(await desk.raw('ReserveNow', { connectorId: 1, idTag: 'BERTA', expiryDate: desk.iso(hourMs), reservationId: 77 })).toBe('rejected')
    expect(desk.show(77)).toMatchObject({ status: 'held', idTag: 'ANNA', connectorId: 2, reason: 'not-replaced-occupied' })
  })

  test('an id of another charge point is not taken from it', async () => {
    const desk = await Desk.open()
    await desk.stand.boot('CP2')
    const { id } = await desk.reserve({ clientID: 'CP2' })
    await expect(desk.raw('ReserveNow', { connectorId: 1, idTag: 'ANNA', expiryDate: desk.iso(hourMs), reservationId: id })).rejects.toMatchObject({ code: 'reservation-id-taken' })
    await desk.raw('CancelReservation', { reservationId: id })
    expect(desk.show(id)).toMatchObject({ status: 'held', clientID: 'CP2' })
  })

  test('CancelReservation of an unknown id is passed on; of a known one it gives it up', async () => {
    const desk = await Desk.open()
    const { id } = await desk.reserve()
    expect(await desk.raw('CancelReservation', { reservationId: 4_711 })).toBe('accepted')
    expect(desk.calls('CancelReservation')).toEqual([{ reservationId: 4_711 }])
    expect(await desk.raw('CancelReservation', { reservationId: id })).toBe('accepted')
    expect(desk.show(id)).toMatchObject({ status: 'cancelled' })
  })

  test('one that waits for its charge point is sent when it comes, ended when it is cancelled, and dropped when it is over', async () => {
    const desk = await Desk.open()
    desk.peer.cut()
    desk.stand.desk.disconnected(desk.peer, 1006, '')
    const wait = (reservationId: number, aheadMs: number) => desk.raw('ReserveNow', { connectorId: reservationId, idTag: 'ANNA', expiryDate: desk.iso(aheadMs), reservationId }, desk.iso(2 * hourMs))
    expect(await wait(1, hourMs)).toBe('queued')
    expect(await wait(2, hourMs)).toBe('queued')
    expect(await wait(3, 60_000)).toBe('queued')
    expect([1, 2, 3].map((id) => desk.show(id).status)).toEqual(['requesting', 'requesting', 'requesting'])
    await desk.cancel(2)
    expect(desk.show(2)).toMatchObject({ status: 'cancelled' })
    await desk.stand.clock.advance(60_000)
    expect(desk.show(3)).toMatchObject({ status: 'expired' })
    desk.peer = await desk.stand.boot('CP1')
    await desk.stand.clock.advance(1_000)
    expect(desk.calls('ReserveNow')).toMatchObject([{ reservationId: 1 }])
    expect(desk.show(1)).toMatchObject({ status: 'held' })
  })
})

describe('after a restart', () => {
  test('what was held is held, and is over at its time although its charge point does not come back', async () => {
    const desk = await Desk.open()
    const { id } = await desk.reserve()
    const after = await desk.restart()
    expect(after.show(id)).toMatchObject({ status: 'held' })
    await after.stand.clock.advance(hourMs)
    expect(after.show(id)).toMatchObject({ status: 'expired' })
    expect((await after.restart()).show(id)).toMatchObject({ status: 'expired' })
  })

  test('what is overdue is over at once; what is used later is used', async () => {
    const desk = await Desk.open()
    const short = await desk.reserve({ aheadMs: 60_000 })
    const long = await desk.reserve({ connectorId: 2 })
    desk.stand.directory.crash()
    await desk.stand.clock.advance(120_000)
    const after = await desk.restart()
    await after.stand.clock.advance(0)
    expect(after.show(short.id)).toMatchObject({ status: 'expired' })
    after.peer = await after.stand.boot('CP1')
    const transactionId = await after.start({ connectorId: 2 })
    expect(after.show(long.id)).toMatchObject({ status: 'used', transactionId })
  })

  test('what was on its way is still asked for, or being given up: nobody knows', async () => {
    const desk = await Desk.open(answers({ ReserveNow: 'hold' }))
    const asked = await desk.reserve()
    const after = await desk.restart()
    await after.stand.clock.advance(1_000)
    expect(after.show(asked.id)).toMatchObject({ status: 'requesting' })
    after.peer = await after.stand.boot('CP1')
    await after.stand.clock.advance(1_000)
    await after.cancel(asked.id)
    expect(after.show(asked.id)).toMatchObject({ status: 'cancelled' })
  })

  test('what cannot be read is set aside, and said', async () => {
    const desk = await Desk.open()
    const { id } = await desk.reserve()
    const epoch = await desk.stand.store.own('main')
    await desk.stand.store.commit('main', epoch, { puts: new Map([['reservation:6', { v: 9 }]]) })
    const after = await desk.restart()
    expect(after.house.reservations.list().map((one) => one.id)).toEqual([id])
    expect(after.house.alerts().find(({ code }) => code === 'quarantined')?.message).toContain('reservation:6')
  })
})

describe('connector 0', () => {
  const knowing = async (value: string | null) => {
    const desk = await Desk.open()
    const key = { key: 'ReserveConnectorZeroSupported', value, readonly: true, atMs: 0, commandId: 'cmd_1' }
    const epoch = await desk.stand.store.own('main')
    const record = { v: 1, refreshedAtMs: 0, keys: { reserveconnectorzerosupported: key }, unknown: {}, desired: {}, refusals: {}, rebooting: {}, applied: { of: '', count: 0, done: true } }
    await desk.stand.store.commit('main', epoch, { puts: new Map([['configuration:CP1', record]]) })
    const after = await desk.restart()
    after.peer = await after.stand.boot('CP1')
    await after.stand.clock.advance(1_000)
    return after
  }

  test.each(['false', 'FALSE', '', 'no'])('is refused where its support is known to be "%s"', async (value) => {
    const desk = await knowing(value)
    await expect(desk.reserve({ connectorId: 0 })).rejects.toMatchObject({ kind: 'conflict', code: 'connector-zero-not-supported' })
    await expect(desk.raw('ReserveNow', { connectorId: 0, idTag: 'ANNA', expiryDate: desk.iso(hourMs) })).rejects.toMatchObject({ code: 'connector-zero-not-supported' })
    expect(desk.house.reservations.list()).toEqual([])
    expect((await desk.reserve()).status).toBe('held')
  })

  test.each(['true', 'True', null])('is asked for where it is "%s"', async (value) => {
    expect((await (await knowing(value)).reserve({ connectorId: 0 })).status).toBe('held')
  })
})

test('the newest 1,000 that have ended are kept, and what lives whatever its age', async () => {
  const clock = new VirtualClock()
  const scope = await openScope({ store: createMemoryStore(), name: 'depot', clock })
  const log = new ReservationLog({ wall: () => clock.wall(), newId: () => 1, emit: () => undefined, warn: () => undefined })
  const record = (id: number, status: ReservationRecord['status']): ReservationRecord => ({
    v: 1, id, siteID: 'depot', clientID: 'CP1', connectorId: 1, idTag: 'ANNA', parentIdTag: null, expiresAtMs: id, status, granted: true, reason: null,
    createdAtMs: id, endedAtMs: status === 'held' ? null : id, commandId: 'cmd_1', transactionId: null,
  })
  log.put(record(0, 'held'), scope)
  for (let id = 1; id <= 1_005; id++) {
    log.put(record(id, 'held'), scope)
    log.put(record(id, 'expired'), scope)
  }
  expect(log.list().length).toBe(1_001)
  expect(log.liveOf('CP1').map(({ id }) => id)).toEqual([0])
  expect([5, 6].map((id) => log.get(id)?.id)).toEqual([undefined, 6])
  expect(scope.entries('reservation:').length).toBe(1_001)
  log.drop(scope)
  expect([log.list(), log.liveOf('CP1')]).toEqual([[], []])
})
