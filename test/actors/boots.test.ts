// A boot is a fact that must not be lost: what it wiped is never believed again, through cuts, a store that is down and a crash.
import { describe, expect, test } from 'vitest'
import { charging, type HouseStand } from './house-stand.ts'
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

  test('while the store is down it is pending after 2 s, counted, lowered, and accepted when it is repeated later', async () => {
    const stand = await charging()
    stand.trouble.store = true
    const peer = connect(stand, 10)
    const answered = stand.desk.handle(peer, 'BootNotification', boot, [])
    await stand.clock.advance(3_000)
    expect(await answered).toMatchObject({ status: 'Pending', interval: 10 })
    expect(peer.profiles().slice(0, 2)).toEqual(['ChargePointMaxProfile 0 32', 'TxDefaultProfile 1 0'])
    stand.trouble.store = false
    await stand.clock.advance(2_000)
    expect(await stand.desk.handle(peer, 'BootNotification', boot, [])).toMatchObject({ status: 'Accepted' })
  })
})

describe('after a crash', () => {
  test('a boot that was answered Accepted is known', async () => {
    const first = await charging({ maxA: 20 })
    const rebooted = connect(first, 10, hold)
    expect(await first.desk.handle(rebooted, 'BootNotification', boot, [])).toMatchObject({ status: 'Accepted' })
    first.directory.crash()
    const again = await first.restart()
    connect(again, 11, hold)
    await again.clock.advance(6_000)
    expect(reserved(again)).toBe(32)
  })

  test('a boot that was not durable was never accepted: the charge point boots again, and counts', async () => {
    const first = await charging({ maxA: 20 })
    first.trouble.store = true
    const rebooted = connect(first, 10)
    const answered = first.desk.handle(rebooted, 'BootNotification', boot, [])
    await first.clock.advance(2_500)
    expect(await answered).toMatchObject({ status: 'Pending' })
    first.directory.crash()
    first.trouble.store = false
    const again = await first.restart()
    const back = connect(again, 11, hold)
    await again.desk.handle(back, 'BootNotification', boot, [])
    await again.clock.advance(6_000)
    expect(reserved(again)).toBe(32)
  })

  test('who kept its profiles and only reconnects is told nothing again', async () => {
    const first = await charging()
    const again = await first.restart()
    const back = connect(again, 11)
    await again.clock.advance(20_000)
    expect(back.profiles()).toEqual([])
    expect(again.house.connector('CP1', 1).power).toMatchObject({ confirmedA: 32, reservedA: 32, online: true })
  })
})
