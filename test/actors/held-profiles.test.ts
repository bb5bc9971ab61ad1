// What kwota takes to stand at a charge point is what stands there, however the charge point wants its profiles.
import { expect, test } from 'vitest'
import { groundOf, heldProfiles } from '../../src/actors/held-profiles.ts'
import { messages, type ChargingProfile } from '../../src/protocol/messages/index.ts'
import { conform, profile } from './conforming-peer.ts'
import { caller, openHouse } from './house-stand.ts'
import type { Script } from './site-stand.ts'

type Taste = (connectorId: number, profile: ChargingProfile) => boolean

async function depot(takes: Taste, connectors: number) {
  const stand = await openHouse({ sites: [{ fuseA: 200 }], chargePoints: [{ id: 'CP1', fallbackA: 6, connectors: Array.from({ length: connectors }, (_, index) => ({ id: index + 1 })) }] })
  const point = conform(stand.clock, { connectors })
  const script: Script = (action, payload) => {
    if (action !== 'SetChargingProfile') return point.script(action, payload)
    const { connectorId, csChargingProfiles } = messages.SetChargingProfile.request.parse(payload)
    return takes(connectorId, csChargingProfiles) ? point.script(action, payload) : { status: 'Rejected' }
  }
  const peer = await stand.boot('CP1')
  peer.script = script
  const site = stand.directory.estate.sites.get('main')!
  const held = () => {
    const { engine, reviewAgeMs } = site.room
    return heldProfiles({ scope: site.scope, books: engine.books }, 'CP1', { wallMs: stand.clock.wall(), nowMs: engine.reviewedAtMs + reviewAgeMs })
  }
  return { stand, peer, site, held, ...point }
}

/** Without the moment they count from, which is an hour or a day before they were sent. */
const bare = (all: readonly { readonly connectorId: number; readonly profile: ChargingProfile }[]) => all
  .map(({ connectorId, profile: { chargingSchedule: { chargingRateUnit, chargingSchedulePeriod }, ...rest } }) => ({ connectorId, ...rest, chargingRateUnit, limits: chargingSchedulePeriod.map(({ limit }) => limit) }))
  .toSorted((a, b) => a.chargingProfileId - b.chargingProfileId)

test.each<[string, Taste, number]>([
  ['everything', () => true, 2],
  ['no TxProfile', (_, { chargingProfilePurpose: purpose }) => purpose !== 'TxProfile', 2],
  ['watts only', (_, { chargingSchedule: { chargingRateUnit } }) => chargingRateUnit === 'W', 2],
  ['connector 0 only', (connectorId) => connectorId === 0, 1],
  ['connector 0 only, for two connectors', (connectorId) => connectorId === 0, 2],
  ['ChargePointMaxProfile only', (_, { chargingProfilePurpose: purpose }) => purpose === 'ChargePointMaxProfile', 1],
])('a charge point that takes %s', async (_title, takes, connectors) => {
  const { stand, peer, held, memory, running } = await depot(takes, connectors)
  await stand.clock.advance(120_000)
  expect(bare(held())).toEqual(bare(memory.installed))
  expect(held().every(({ owner, status }) => owner === 'engine' && status === 'Accepted')).toBe(true)
  const transactionId = await stand.start(peer)
  running.set(1, { transactionId, startedMs: stand.clock.wall() })
  await stand.clock.advance(240_000)
  expect(memory.installed.length).toBeGreaterThan(0)
  expect(bare(held())).toEqual(bare(memory.installed))
})

test('what a reboot may have lost, what was not answered, and what was refused', async () => {
  const { stand, peer, site, held } = await depot(() => true, 1)
  await stand.clock.advance(40_000)
  const set = async (chargingProfileId: number, status: string) => {
    peer.script = (action) => (action !== 'SetChargingProfile' ? { status: 'Accepted' } : status === 'hold' ? 'hold' : { status })
    const asked = stand.house.profiles.set('CP1', { connectorId: 1, csChargingProfiles: profile({ chargingProfileId, stackLevel: chargingProfileId, limits: [[0, 4]] }) }, { waitMs: 30_000 }, caller)
    await stand.clock.advance(60_000)
    await asked
  }
  await set(1, 'Accepted')
  await set(2, 'hold')
  await set(3, 'Rejected')
  expect(held().filter(({ owner }) => owner === 'user').map(({ profile: { chargingProfileId }, status }) => [chargingProfileId, status])).toEqual([[1, 'Accepted'], [2, 'Unknown']])
  expect(groundOf(site.room.engine.books, 'CP1')).toEqual({ connectors: [1], transactions: [], voltage: 230, phases: 3 })
  const again = await stand.boot('CP1')
  again.script = () => 'hold'
  expect(held().filter(({ owner }) => owner === 'engine').map(({ status }) => status)).not.toContain('Accepted')
})
