// A command that may wait is not lost to a charge point that comes back and is held: it waits until its boot is accepted, or its time.
import { describe, expect, test } from 'vitest'
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import { pointOf } from './site-stand.ts'

const pending = { chargePoints: [{ id: 'CP1', settings: { bootPolicy: 'pending' as const } }] }
const boot = { chargePointVendor: 'Acme', chargePointModel: 'One' }

async function queue(stand: HouseStand, action: 'RemoteStartTransaction' | 'RemoteStopTransaction' | 'Reset', body: object, ms = 600_000): Promise<string> {
  const asked = stand.house.commands.issue('CP1', action, body, { expiresAt: new Date(stand.clock.wall() + ms).toISOString() }, caller)
  asked.catch(() => undefined)
  await stand.clock.advance(100)
  return (await asked).id
}

const statuses = (stand: HouseStand, ids: readonly string[]) => ids.map((id) => stand.house.commands.get(id).status)

/** As an operator accepts it; the charge point boots again. */
async function acceptIt(stand: HouseStand): Promise<void> {
  await stand.house.putChargePoint(pointOf({ id: 'CP1' }), undefined, caller)
  await stand.boot('CP1')
}

describe('a remote start and stop', () => {
  test('queued while it was away: they wait while it is pending, others pass, and they leave in order once it is accepted', async () => {
    const stand = await openHouse(pending)
    const ids = [await queue(stand, 'RemoteStartTransaction', { idTag: 'A' }), await queue(stand, 'RemoteStopTransaction', { transactionId: 7 }), await queue(stand, 'Reset', { type: 'Soft' })]
    const held = await stand.boot('CP1')
    await stand.clock.advance(10_000)
    expect(statuses(stand, ids)).toEqual(['queued', 'queued', 'accepted'])
    expect(held.calls.filter(({ action }) => action.startsWith('Remote'))).toEqual([])
    stand.desk.disconnected(held, 1000, '')
    await acceptIt(stand)
    await stand.clock.advance(10_000)
    expect(statuses(stand, ids)).toEqual(['accepted', 'accepted', 'accepted'])
  })

  test('queued while it is pending; accepted on the same connection', async () => {
    const stand = await openHouse(pending)
    const peer = await stand.boot('CP1')
    await stand.clock.advance(1_000)
    const id = await queue(stand, 'RemoteStartTransaction', { idTag: 'A' })
    await stand.clock.advance(5_000)
    expect(statuses(stand, [id])).toEqual(['queued'])
    await stand.house.settings.put('CP1', { bootPolicy: 'accept' }, {}, caller)
    await stand.call(peer, 'BootNotification', boot)
    await stand.clock.advance(10_000)
    expect(statuses(stand, [id])).toEqual(['accepted'])
    expect(peer.calls.filter(({ action }) => action === 'RemoteStartTransaction')).toHaveLength(1)
  })

  test('nobody accepts it in time: expired, never sent; also over a restart', async () => {
    const stand = await openHouse(pending)
    const peer = await stand.boot('CP1')
    const ids = [await queue(stand, 'RemoteStartTransaction', { idTag: 'A' }, 60_000), await queue(stand, 'RemoteStopTransaction', { transactionId: 7 }, 600_000)]
    await stand.clock.advance(61_000)
    expect(statuses(stand, ids)).toEqual(['expired', 'queued'])
    const again = await stand.restart()
    const back = await again.boot('CP1')
    await again.clock.advance(5_000)
    expect(statuses(again, ids)).toEqual(['expired', 'queued'])
    await again.clock.advance(600_000)
    expect(statuses(again, ids)).toEqual(['expired', 'expired'])
    expect([...peer.calls, ...back.calls].filter(({ action }) => action.startsWith('Remote'))).toEqual([])
  })

  test('that does not wait is refused as before', async () => {
    const stand = await openHouse(pending)
    await stand.boot('CP1')
    await expect(stand.house.commands.issue('CP1', 'RemoteStartTransaction', { idTag: 'A' }, {}, caller)).rejects.toMatchObject({ code: 'charge-point-pending' })
  })
})
