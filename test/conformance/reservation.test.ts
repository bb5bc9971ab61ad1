// Certification cases of reservations.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { RequestOf, ResponseOf } from '../../src/protocol/messages/index.ts'
import { authorise, expectShown, report, start, startCentral, stopCentral, tags, type Central } from './central.ts'
import type { Station } from './station.ts'

let central: Central
beforeAll(async () => { central = await startCentral() }, 150_000)
afterEach(() => central.farewell())
afterAll(stopCentral)

interface Reserved { readonly request: RequestOf<'ReserveNow'>; readonly path: string }

/** The operator reserves; the ReserveNow that must come is answered as told. */
async function reserve(station: Station, status: ResponseOf<'ReserveNow'>['status'], more: { readonly connectorId?: number; readonly parentIdTag?: string; readonly forMs?: number } = {}): Promise<Reserved> {
  const { forMs = 3_600_000, ...rest } = more
  const body = { clientID: station.id, connectorId: 1, idTag: tags.valid, expiryDate: new Date(Date.now() + forMs).toISOString(), ...rest }
  const asked = station.expectCall('ReserveNow', { status })
  const [request, { status: code, body: shown }] = await Promise.all([asked, central.request<{ id: number }>('POST', '/reservations', body, { Prefer: 'wait=10' })])
  expect([200, 201], JSON.stringify(shown)).toContain(code)
  const { expiryDate, ...asAsked } = body
  const { clientID: _, ...fields } = asAsked
  expect(request).toMatchObject(fields)
  expect(Date.parse(request.expiryDate)).toBe(Date.parse(expiryDate))
  expect(request.reservationId).toBe(shown.id)
  return { request, path: `/reservations/${shown.id}` }
}

test('TC_046_CSMS reserve a connector and charge: the reservation is held, then used up by its transaction', async () => {
  const station = await central.booted('TC-046')
  const { request, path } = await reserve(station, 'Accepted')
  await expectShown(central, path, { status: 'held', clientID: 'TC-046', connectorId: 1, idTag: tags.valid })
  await report(station, 1, 'Reserved')
  await expectShown(central, '/chargepoints/TC-046/connectors/1', { status: 'Reserved' })
  await authorise(station)
  await report(station, 1, 'Preparing')
  const id = await start(station, { reservationId: request.reservationId })
  await report(station, 1, 'Charging')
  await expectShown(central, path, { status: 'used' })
  await expectShown(central, `/transactions/${id}`, { status: 'charging', idTag: tags.valid })
})

test('TC_047_CSMS a reservation expires: held until its time, expired after it without a word of the charge point', async () => {
  const station = await central.booted('TC-047')
  const { path } = await reserve(station, 'Accepted', { forMs: 4_000 })
  await expectShown(central, path, { status: 'held' })
  await report(station, 1, 'Reserved')
  await expectShown(central, path, { status: 'expired' })
  await report(station, 1, 'Available')
  await expectShown(central, '/chargepoints/TC-047/connectors/1', { status: 'Available' })
})

test('TC_048_1_CSMS a faulted connector cannot be reserved: shown as refused', async () => {
  const station = await central.booted('TC-048-1')
  await report(station, 1, 'Faulted', 'OtherError')
  await expectShown(central, (await reserve(station, 'Faulted')).path, { status: 'refused' })
})

test('TC_048_2_CSMS an occupied connector cannot be reserved: shown as refused', async () => {
  const station = await central.booted('TC-048-2')
  await report(station, 1, 'Preparing')
  await expectShown(central, (await reserve(station, 'Occupied')).path, { status: 'refused' })
})

test('TC_048_3_CSMS an unavailable connector cannot be reserved: taken out of service, then shown as refused', async () => {
  const station = await central.booted('TC-048-3')
  const outOfService = { connectorId: 1, type: 'Inoperative' } as const
  const { request, command } = await central.operate(station, 'change-availability', outOfService, { action: 'ChangeAvailability', answer: { status: 'Accepted' } })
  expect(request).toEqual(outOfService)
  expect(command).toMatchObject({ status: 'accepted', response: { status: 'Accepted' } })
  await report(station, 1, 'Unavailable')
  await expectShown(central, '/chargepoints/TC-048-3/connectors/1', { status: 'Unavailable' })
  await expectShown(central, (await reserve(station, 'Unavailable')).path, { status: 'refused' })
})

test('TC_048_4_CSMS a charge point that takes no reservations: shown as refused', async () => {
  const station = await central.booted('TC-048-4')
  await expectShown(central, (await reserve(station, 'Rejected')).path, { status: 'refused' })
})

test('TC_049_CSMS reserve the whole charge point: connector 0, used up by a transaction on any connector', async () => {
  const station = await central.booted('TC-049')
  const { request, path } = await reserve(station, 'Accepted', { connectorId: 0 })
  expect(request.connectorId).toBe(0)
  await expectShown(central, path, { status: 'held', connectorId: 0 })
  await authorise(station)
  await report(station, 2, 'Preparing')
  await start(station, { connectorId: 2, reservationId: request.reservationId })
  await report(station, 2, 'Charging')
  await expectShown(central, path, { status: 'used' })
})

test('TC_051_CSMS cancel a reservation: asked for by its id, shown as cancelled', async () => {
  const station = await central.booted('TC-051')
  const { request, path } = await reserve(station, 'Accepted')
  await report(station, 1, 'Reserved')
  const asked = station.expectCall('CancelReservation', { status: 'Accepted' })
  const [cancel, { status }] = await Promise.all([asked, central.request('DELETE', path, undefined, { Prefer: 'wait=10' })])
  expect(cancel).toEqual({ reservationId: request.reservationId })
  expect(status).toBe(204)
  await report(station, 1, 'Available')
  await expectShown(central, path, { status: 'cancelled' })
})

test('TC_052_CSMS cancel a reservation the charge point does not have: shown as rejected', async () => {
  const station = await central.booted('TC-052')
  const { request, command } = await central.operate(station, 'cancel-reservation', { reservationId: 4_711 }, { action: 'CancelReservation', answer: { status: 'Rejected' } })
  expect(request).toEqual({ reservationId: 4_711 })
  expect(command).toMatchObject({ status: 'rejected', response: { status: 'Rejected' } })
})

test('TC_053_CSMS use a reserved connector by another tag of the same parent: accepted, and the reservation is used up', async () => {
  const station = await central.booted('TC-053')
  const { request, path } = await reserve(station, 'Accepted', { parentIdTag: tags.parent })
  expect(request.parentIdTag).toBe(tags.parent)
  await report(station, 1, 'Reserved')
  expect((await station.send('Authorize', { idTag: tags.sibling })).idTagInfo).toMatchObject({ status: 'Accepted', parentIdTag: tags.parent })
  const id = await start(station, { idTag: tags.sibling, reservationId: request.reservationId })
  await report(station, 1, 'Charging')
  await expectShown(central, path, { status: 'used' })
  await expectShown(central, `/transactions/${id}`, { idTag: tags.sibling, status: 'charging' })
})

/** A reservation of the whole charge point is refused. */
async function expectNoneOfAll(clientID: string, status: 'Faulted' | 'Occupied' | 'Unavailable' | 'Rejected'): Promise<void> {
  const station = await central.booted(clientID)
  const { request, path } = await reserve(station, status, { connectorId: 0 })
  expect(request.connectorId).toBe(0)
  await expectShown(central, path, { status: 'refused', connectorId: 0 })
}

test('TC_050_1_CS reserve a faulted charge point: shown as refused', () => expectNoneOfAll('TC-050-1', 'Faulted'))

test('TC_050_2_CS reserve an occupied charge point: shown as refused', () => expectNoneOfAll('TC-050-2', 'Occupied'))

test('TC_050_3_CS reserve an unavailable charge point: shown as refused', () => expectNoneOfAll('TC-050-3', 'Unavailable'))

test('TC_050_4_CS reserve a charge point that takes none for connector 0: shown as refused', () => expectNoneOfAll('TC-050-4', 'Rejected'))
