// May a profile that somebody else made be sent to a charge point the engine steers? Only below the engine's own, and no higher than what is reserved.
import { reservedA } from '../power/ledger.ts'
import { connectorKey } from '../power/site.ts'
import type { ChargingProfile, RequestOf } from '../protocol/messages/index.ts'
import type { Books } from './books.ts'
import { Refusal } from './house.ts'
import type { Scope } from './scope.ts'
import { levelInUse, type Learnt } from './station-link.ts'
import { engineProfileIds } from './translate.ts'

/** What the guard looks at: the books of the site, its records, and the time. */
export interface GuardPorts { readonly books: () => Books; readonly scope: Scope; readonly now: () => number }

const noControl = 'With control: none the engine leaves the charge point alone (and counts its maximum, always).'

export class ProfileGuard {
  private readonly ports: GuardPorts

  constructor(ports: GuardPorts) {
    this.ports = ports
  }

  /** Null when it may be sent; the engine's own never come this way. `ahead` = for a transaction that is still to start, as inside a remote start. */
  refuse(clientID: string, connectorId: number | undefined, profile: ChargingProfile, ahead = false): Refusal | null {
    const { scope } = this.ports
    const books = this.ports.books()
    const outlets = books.outletsOf(clientID)
    if (outlets[0]?.control !== 'engine') return null
    const { chargingProfileId: id, stackLevel, chargingProfilePurpose: purpose } = profile
    if (id >= engineProfileIds) return refused('engine-profile-id', `Profile ids from ${engineProfileIds} belong to the engine; this one is ${id}.`, `Take an id below ${engineProfileIds}.`)
    const own = levelOf(scope, clientID)
    if (stackLevel >= own) {
      return refused('engine-stack-level', own === 0
        ? `The engine uses stack level 0 on ${clientID}, the only one it is known to have, so there is none below for others.`
        : `Stack level ${own} of ${clientID} and above belong to the engine; this profile has ${stackLevel}.`, own === 0 ? noControl : `Take a stack level below ${own}.`)
    }
    // It only ever lowers, and the engine's stands above it.
    if (purpose === 'ChargePointMaxProfile') return null
    if (connectorId === undefined) return refused('connector-needed', `Without connectorId ${clientID} may start on a connector that nobody has configured, with the limit of this profile.`, 'Name the connector.')
    const concerned = outlets.filter((outlet) => connectorId === 0 || outlet.connectorId === connectorId)
    if (concerned.length === 0) return refused('unknown-connector', `${clientID} has no connector ${connectorId}, so nothing is reserved for it.`, 'Name a connector of its entry, or add it there.')
    const highestA = highest(profile, books.site.voltage)
    for (const outlet of concerned) {
      const row = books.row(connectorKey(clientID, outlet.connectorId))
      if (row === undefined) continue
      const { thisCarA } = reservedA(row, this.ports.now())
      // Only where the engine's own TxProfile stands above it, it is not the fallback that it would overrule.
      const covered = purpose === 'TxProfile' && !ahead && row.tx.confirmed !== null
      const groundA = covered ? thisCarA : Math.min(thisCarA, outlet.fallbackA)
      if (highestA > groundA) {
        return refused('above-reservation', `The profile allows ${tenth(highestA)} A on connector ${outlet.connectorId} of ${clientID}; ${tenth(groundA)} A are reserved for it (fallback ${outlet.fallbackA} A).`, `Allow at most ${tenth(groundA)} A, or raise fallbackA of the charge point.`)
      }
    }
    return null
  }

  /** A clear that would take the engine's own profiles away is refused: what they hold would be unlimited at once. */
  refuseClear(clientID: string, { id, stackLevel }: RequestOf<'ClearChargingProfile'>): Refusal | null {
    if (this.ports.books().outletsOf(clientID)[0]?.control !== 'engine') return null
    if (id !== undefined) return id >= engineProfileIds ? refused('engine-profile-id', `Profile ${id} belongs to the engine.`, noControl) : null
    const own = levelOf(this.ports.scope, clientID)
    if (stackLevel !== undefined && stackLevel < own) return null
    return refused('engine-profiles', `This would also clear the engine's own profiles (stack level ${own}), and ${clientID} would be unlimited until they are back.`,
      own === 0 ? 'Name the id of the profile to clear.' : `Name the id of the profile to clear, or a stackLevel below ${own}.`)
  }

  /** A TxProfile that is about to be sent: from now on it counts as one that may rule where the engine has none. */
  note(clientID: string, connectorId: number, profile: ChargingProfile): void {
    const books = this.ports.books()
    for (const outlet of books.outletsOf(clientID)) {
      if (outlet.control !== 'engine' || outlet.connectorId !== connectorId || profile.chargingProfilePurpose !== 'TxProfile') continue
      books.book(outlet.key, { type: 'others', limitA: highest(profile, books.site.voltage), atMs: this.ports.now() })
    }
  }
}

function levelOf(scope: Scope, clientID: string): number {
  return levelInUse(scope.get(`learnt:${clientID}`) as Learnt | undefined)
}

/** The most it ever allows, A on a phase. Watts may all flow on one phase: which a car uses is not known before it draws. */
function highest({ chargingSchedule: { chargingRateUnit, chargingSchedulePeriod } }: ChargingProfile, voltage: number): number {
  return Math.max(...chargingSchedulePeriod.map(({ limit }) => (chargingRateUnit === 'A' ? limit : limit / voltage)))
}

function tenth(amps: number): number {
  return Math.round(amps * 10) / 10
}

function refused(code: string, detail: string, hint: string): Refusal {
  return new Refusal('conflict', code, detail, { hint })
}
