// A boot is a fact that must not be lost: what it wiped is never believed again, through cuts, a store that is down and a crash.
import { describe, expect, test } from 'vitest'
import type { Script } from './site-stand.ts'
import { Peer } from './site-stand.ts'
import { charging, type HouseStand } from './house-stand.ts'

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
