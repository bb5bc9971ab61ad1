// A boot is a fact that must not be lost: what it wiped is never believed again, through cuts, a store that is down and a crash.
import { describe, expect, test } from 'vitest'
import { charging, openHouse, type HouseStand } from './house-stand.ts'
import { Peer, type Script } from './site-stand.ts'

const hold: Script = () => 'hold'
const boot = { chargePointVendor: 'Acme', chargePointModel: 'One' }

/** A connection of its own making; it has said nothing yet. */
function connect({ clock, desk }: Pick<HouseStand, 'clock' | 'desk'>, generation: number, script?: Script): Peer {
  const peer = new Peer(clock, 'CP1', generation)
  if (script !== undefined) peer.script = script
  desk.connected(peer)
  return peer
}
const reserved = ({ house }: Pick<HouseStand, 'house'>) => house.connector('CP1', 1).power?.reservedA

describe('a boot', () => {
  test('whose connection breaks in the very next moment: the next one is told everything again', async () => {
    const stand = await charging()
    const cut = connect(stand, 10)
    await stand.desk.handle(cut, 'BootNotification', boot, [])
    cut.cut()
    stand.desk.disconnected(cut, 1006, '')
    const back = connect(stand, 11)
    await stand.clock.advance(2_000)
    expect(back.profiles()).toEqual(['ChargePointMaxProfile 0 32', 'TxDefaultProfile 1 0', 'TxProfile 1 32'])
  })

  test('whose connection breaks and does not come back: after 5 s its hardware counts', async () => {
    const stand = await charging({ maxA: 20 })
    expect(reserved(stand)).toBe(20)
    const cut = connect(stand, 10)
    await stand.desk.handle(cut, 'BootNotification', boot, [])
    cut.cut()
    stand.desk.disconnected(cut, 1006, '')
    await stand.clock.advance(6_000)
    expect(reserved(stand)).toBe(32)
  })

  test('while the store is down it is answered after 2 s, counted, and lowered', async () => {
    const stand = await charging()
    stand.trouble.store = true
    const peer = connect(stand, 10)
    const answered = stand.desk.handle(peer, 'BootNotification', boot, [])
    await stand.clock.advance(3_000)
    expect(await answered).toMatchObject({ status: 'Accepted' })
    expect(peer.profiles().slice(0, 2)).toEqual(['ChargePointMaxProfile 0 32', 'TxDefaultProfile 1 0'])
  })
})

describe('after a crash', () => {
  test('a boot that was never durable leaves nothing to believe: the charge point that only reconnects is asked again', async () => {
    const first = await charging({ maxA: 20 })
    first.trouble.store = true
    const rebooted = connect(first, 10)
    const answered = first.desk.handle(rebooted, 'BootNotification', boot, [])
    await first.clock.advance(2_500)
    expect(await answered).toMatchObject({ status: 'Accepted' })
    first.directory.crash()
    first.trouble.store = false
    const again = await first.restart()
    expect(reserved(again)).toBe(20)
    const back = connect(again, 11, hold)
    await again.clock.advance(6_000)
    expect(reserved(again)).toBe(32)
    back.cut()
    again.desk.disconnected(back, 1006, '')
    const once = connect(again, 12)
    await again.clock.advance(20_000)
    expect(once.profiles()).toContain('TxDefaultProfile 1 0')
    expect(reserved(again)).toBe(20)
  })

  test('so it is with a first boot that was never durable: the hardware counts as soon as it connects', async () => {
    const first = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    await first.clock.advance(1_000)
    first.trouble.store = true
    const peer = connect(first, 1)
    void first.desk.handle(peer, 'BootNotification', boot, [])
    await first.clock.advance(3_000)
    first.directory.crash()
    first.trouble.store = false
    const again = await first.restart()
    expect(reserved(again)).toBe(0)
    connect(again, 2)
    await again.clock.advance(100)
    expect(reserved(again)).toBe(32)
  })

  test('only once, however often it comes back', async () => {
    const first = await charging()
    const again = await first.restart()
    const back = connect(again, 11)
    await again.clock.advance(20_000)
    expect(back.profiles()).toEqual(['ChargePointMaxProfile 0 32', 'TxDefaultProfile 1 0', 'TxProfile 1 32'])
    back.cut()
    again.desk.disconnected(back, 1006, '')
    const calm = connect(again, 12)
    await again.clock.advance(20_000)
    expect(calm.profiles()).toEqual([])
  })

  test('who has not been back yet is still asked after an orderly stop in between', async () => {
    const first = await charging()
    const second = await first.restart()
    await second.directory.stop()
    const third = await openHouse({ clock: first.clock, store: second.store.restart() })
    const back = connect(third, 11)
    await third.clock.advance(20_000)
    expect(back.profiles()).toContain('TxDefaultProfile 1 0')
  })

  test('after an orderly stop nothing is in doubt', async () => {
    const first = await charging()
    await first.directory.stop()
    const again = await openHouse({ clock: first.clock, store: first.store.restart() })
    const back = connect(again, 11)
    await again.clock.advance(20_000)
    expect(back.profiles()).toEqual([])
    expect(again.house.connector('CP1', 1).power).toMatchObject({ confirmedA: 32, reservedA: 32, online: true })
  })

  test('an orderly stop that could not be written is none', async () => {
    const first = await charging()
    first.trouble.store = true
    await first.directory.stop()
    first.trouble.store = false
    const again = await openHouse({ clock: first.clock, store: first.store.restart() })
    const back = connect(again, 11)
    await again.clock.advance(20_000)
    expect(back.profiles()).toContain('TxDefaultProfile 1 0')
  })

  test('a charge point that is known to keep its profiles is not asked', async () => {
    const first = await openHouse({ chargePoints: [{ id: 'CP1', keepsProfiles: true }] })
    await first.boot('CP1')
    await first.clock.advance(20_000)
    const again = await first.restart()
    const back = connect(again, 11)
    await again.clock.advance(20_000)
    expect(back.profiles()).toEqual(['ChargePointMaxProfile 0 32'])
  })
})
