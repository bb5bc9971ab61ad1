// Profiles of people that stand at a charge point where nothing below the engine's was asked of them: they must go before the engine may rely on its own.
import type { ChargePointConfig } from '../power/site.ts'
import type { Estate } from './estate.ts'
import { Refusal } from './house.ts'
import { mayStand, readProfiles } from './stored-profiles.ts'

/** Refusal conflict `profiles-stand` when the engine is to take over a charge point (`after`), or a connected one is to be forgotten (null), while profiles of people may stand there. */
export function refuseStanding(estate: Estate, before: ChargePointConfig, after: ChargePointConfig | null): void {
  if (after === null ? estate.point(before.id)?.session?.open !== true : before.control !== 'none' || after.control !== 'engine') return
  const scope = estate.sites.get(before.site)?.scope
  const ids = scope === undefined ? [] : readProfiles(scope, before.id).filter(({ status }) => mayStand(status)).map(({ profile }) => profile.chargingProfileId)
  if (ids.length === 0) return
  throw new Refusal('conflict', 'profiles-stand', `${before.id} holds charging profiles that people have sent (${ids.slice(0, 10).join(', ')}); ${after === null ? 'forgotten here, they would go on ruling there' : 'they could rule over what the engine sends'}.`,
    { hint: `Clear them first: DELETE /api/v1/chargepoints/${encodeURIComponent(before.id)}/charging-profiles/${ids[0]}.` })
}
