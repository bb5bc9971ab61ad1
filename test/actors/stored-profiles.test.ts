// What is kept of the profiles people have sent: what goes with a transaction, and what does not.
import { expect, test } from 'vitest'
import { openScope } from '../../src/actors/scope.ts'
import { dropTxProfiles, keepProfile, readProfiles } from '../../src/actors/stored-profiles.ts'
import type { ChargingProfile } from '../../src/protocol/messages/index.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { profile } from './conforming-peer.ts'

test('with a transaction go its TxProfiles, and nothing else that names it', async () => {
  const scope = await openScope({ store: createMemoryStore(), name: 'main', clock: new VirtualClock() })
  const keep = (chargingProfileId: number, chargingProfilePurpose: ChargingProfile['chargingProfilePurpose'], transactionId: number) =>
    keepProfile(scope, 'CP1', { connectorId: 1, profile: { ...(profile() as ChargingProfile), chargingProfileId, chargingProfilePurpose, transactionId }, status: 'Accepted', setAtMs: 0, commandId: `c${chargingProfileId}` })
  keep(1, 'TxProfile', 7)
  keep(2, 'TxDefaultProfile', 7)
  keep(3, 'ChargePointMaxProfile', 7)
  keep(4, 'TxProfile', 8)
  dropTxProfiles(scope, 'CP1', 7)
  expect(readProfiles(scope, 'CP1').map(({ profile: { chargingProfileId } }) => chargingProfileId)).toEqual([2, 3, 4])
})
