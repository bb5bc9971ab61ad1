// A charge point whose boot is pending comes back without another boot: it is counted and lowered like any other.
import { describe, expect, test } from 'vitest'
import { openHouse, type HouseStand } from './house-stand.ts'
import { Peer } from './site-stand.ts'

/** A boot answered by the policy, then the connection is lost and comes back without a boot. */
async function backAgain(bootPolicy: 'pending' | 'reject') {
  const stand = await openHouse({ sites: [{ id: 'main', fuseA: 40 }], chargePoints: [{ id: 'CP1', fallbackA: 6, settings: { bootPolicy } }] })
  const first = await stand.boot('CP1')
  await stand.clock.advance(30_000)
  first.cut()
  stand.desk.disconnected(first, 1006, 'cut')
  await stand.clock.advance(5_000)
  const peer = new Peer(stand.clock, 'CP1', 1_000)
  stand.desk.connected(peer)
  await stand.clock.advance(5_000)
  return { stand, peer }
}

async function limitTo(stand: HouseStand, currentA: number): Promise<void> {
  const limited = stand.directory.estate.sites.get('main')!.room.setGridLimit({ currentA }, 'tester')
  await stand.clock.advance(1_000)
  await limited
}

describe('after a reconnection without a boot', () => {
  test('a pending one is sent its lowerings', async () => {
    const { stand, peer } = await backAgain('pending')
    const before = peer.calls.length
    await limitTo(stand, 0)
    expect(peer.profiles(before)).toEqual(['TxDefaultProfile 1 0'])
    expect(stand.house.power('main').connectors[0]).toMatchObject({ online: true })
  })
  test('a rejected one is sent nothing', async () => {
    const { stand, peer } = await backAgain('reject')
    await limitTo(stand, 0)
    expect(peer.calls).toEqual([])
  })
})
