// May a profile that somebody else made be sent to a charge point the engine steers? Only below the engine's own, and no higher than what is reserved.
import { reservedA } from '../power/ledger.ts'
import { connectorKey } from '../power/site.ts'
import type { ChargingProfile, RequestOf } from '../protocol/messages/index.ts'
import type { Books } from './books.ts'
import { Refusal } from './house.ts'
import type { Scope } from './scope.ts'
import type { Learnt } from './station-link.ts'
import { engineProfileIds } from './translate.ts'

/** What the guard looks at: the books of the site, its records, and the time. */
export interface GuardPorts { readonly books: Books; readonly scope: Scope; readonly nowMs: number }

const noControl = 'With control: none the engine leaves the charge point alone (and counts its maximum, always).'

/** Null when it may be sent; the engine's own never come this way. */
export function refuseProfile({ books, scope, nowMs }: GuardPorts, clientID: string, connectorId: number, profile: ChargingProfile): Refusal | null {
  const outlets = books.outletsOf(clientID)
  if (outlets[0]?.control !== 'engine') return null
  const { chargingProfileId: id, stackLevel, chargingProfilePurpose: purpose } = profile
  if (id >= engineProfileIds) return refused('engine-profile-id', `Profile ids from ${engineProfileIds} belong to the engine; this one is ${id}.`, `Take an id below ${engineProfileIds}.`)
  const own = stackLevelOf(scope, clientID)
  if (stackLevel >= own) {
    return refused('engine-stack-level', own === 0
      ? `The engine uses stack level 0 on ${clientID}, the only one it is known to have, so there is none below for others.`
      : `Stack level ${own} of ${clientID} and above belong to the engine; this profile has ${stackLevel}.`, own === 0 ? noControl : `Take a stack level below ${own}.`)
  }
  // It only ever lowers, and the engine's stands above it.
  if (purpose === 'ChargePointMaxProfile') return null
  const highestA = highest(profile, books.site.voltage)
  for (const outlet of outlets) {
    if (connectorId !== 0 && outlet.connectorId !== connectorId) continue
    const row = books.row(connectorKey(clientID, outlet.connectorId))
    if (row === undefined) continue
    const { thisCarA } = reservedA(row, nowMs)
    // Until the engine's own TxProfile stands above it, it is the fallback that it would overrule.
    const groundA = row.tx.confirmed !== null && purpose === 'TxProfile' ? thisCarA : Math.min(thisCarA, outlet.fallbackA)
    if (highestA > groundA) {
      return refused('above-reservation', `The profile allows ${tenth(highestA)} A on connector ${outlet.connectorId} of ${clientID}; ${tenth(groundA)} A are reserved for it (fallback ${outlet.fallbackA} A).`, `Allow at most ${tenth(groundA)} A, or raise fallbackA of the charge point.`)
    }
  }
  return null
}

/** A clear that would take the engine's own profiles away is refused: what they hold would be unlimited at once. */
export function refuseClear({ books, scope }: GuardPorts, clientID: string, criteria: RequestOf<'ClearChargingProfile'>): Refusal | null {
  if (books.outletsOf(clientID)[0]?.control !== 'engine') return null
  const { id, stackLevel } = criteria
  if (id !== undefined) {
    return id >= engineProfileIds ? refused('engine-profile-id', `Profile ${id} belongs to the engine.`, noControl) : null
  }
  const own = stackLevelOf(scope, clientID)
  if (stackLevel !== undefined && stackLevel < own) return null
  return refused('engine-profiles', `This would also clear the engine's own profiles (stack level ${own}), and ${clientID} would be unlimited until they are back.`,
    own === 0 ? 'Name the id of the profile to clear.' : `Name the id of the profile to clear, or a stackLevel below ${own}.`)
}

function stackLevelOf(scope: Scope, clientID: string): number {
  return (scope.get(`learnt:${clientID}`) as Learnt | undefined)?.stackLevel ?? 0
}

/** The most it ever allows, A per phase; watts over its own number of phases (absent = 3) at the nominal voltage. */
function highest({ chargingSchedule: { chargingRateUnit, chargingSchedulePeriod } }: ChargingProfile, voltage: number): number {
  return Math.max(...chargingSchedulePeriod.map(({ limit, numberPhases = 3 }) => (chargingRateUnit === 'A' ? limit : limit / (voltage * numberPhases))))
}

function tenth(amps: number): number {
  return Math.round(amps * 10) / 10
}

function refused(code: string, detail: string, hint: string): Refusal {
  return new Refusal('conflict', code, detail, { hint })
}
