// May a profile that somebody else made be sent to a charge point the engine steers? Only below the engine's own, and where it raises nobody.
import { isUnproven, reservedA, type Row } from '../power/ledger.ts'
import { isPromised } from '../power/limits.ts'
import { boundsAbove, carPhasesOf } from '../power/loads.ts'
import type { Plan } from '../power/plan.ts'
import { connectorKey } from '../power/site.ts'
import type { Outlet } from '../power/tree.ts'
import type { ChargingProfile, RequestOf } from '../protocol/messages/index.ts'
import type { Books } from './books.ts'
import { groundOf } from './held-profiles.ts'
import { Refusal } from './house.ts'
import { capAt, spreadOf } from './profile-limits.ts'
import { highestA } from './overruling.ts'
import type { Scope } from './scope.ts'
import { levelInUse, readLearnt } from './learnt.ts'
import { engineProfileIds } from './translate.ts'

/** What the guard looks at: the books of the site and its last plan, its records, and the time. */
export interface GuardPorts {
  readonly books: () => Books
  readonly plan: () => Plan | null
  readonly scope: Scope
  readonly now: () => number
  /** The wall clock, which profiles are set by. */
  readonly wall: () => number
  /** People's profiles are others now: the plan must be looked at again. */
  readonly changed: () => void
}

const onZero = 'Set a ChargePointMaxProfile on connector 0; it bounds all its connectors together.'
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
    const { ladder } = books.quirksOf(clientID)
    if (purpose === 'TxProfile' && ladder !== 'tx') return refused('tx-profiles-not-taken', `${clientID} takes no TxProfile: it refused the engine's.`, ladder === 'default' ? 'Send a TxDefaultProfile; it holds for a running transaction as well.' : onZero)
    if (purpose === 'TxDefaultProfile' && connectorId > 0 && (ladder === 'connector-0' || ladder === 'max-0')) {
      return refused('engine-on-connector-0', `${clientID} takes the engine's limits on connector 0 only, and a TxDefaultProfile on connector ${connectorId} would overrule them there.`, onZero)
    }
    for (const outlet of concerned) {
      const mostA = highestA(profile, books.site.voltage, outlet)
      const row = books.row(connectorKey(clientID, outlet.connectorId))
      if (row === undefined) continue
      // The engine's own stands above it in its place: it never rules there, so it is a limit of the plan and nothing else.
      if (purpose === 'TxDefaultProfile' && (ladder === 'tx' || ladder === 'default') && !isUnproven(row)) {
        const idle = this.refuseIdle(outlet, row, connectorId, profile)
        if (idle !== null) return idle
        continue
      }
      const { thisCarA } = reservedA(row, this.ports.now())
      // Only where the engine's own TxProfile stands above it, it is not the fallback that it would overrule.
      const covered = purpose === 'TxProfile' && !ahead && row.tx.confirmed !== null
      const groundA = covered ? thisCarA : Math.min(thisCarA, outlet.fallbackA)
      if (mostA > groundA) {
        return refused('above-reservation', `The profile allows ${tenth(mostA)} A on connector ${outlet.connectorId} of ${clientID}; ${tenth(groundA)} A are reserved for it (fallback ${outlet.fallbackA} A).`, `Allow at most ${tenth(groundA)} A, or raise fallbackA of the charge point.`)
      }
    }
    return null
  }

  /** One that would limit nothing now, since the connector has less anyway. What it says for later is nobody's harm. */
  private refuseIdle(outlet: Outlet, row: Row, connectorId: number, profile: ChargingProfile): Refusal | null {
    const books = this.ports.books()
    const used = carPhasesOf(outlet, books.wiring(outlet.key).car.vehiclePhases, row.transactionId)
    const wallMs = this.ports.wall()
    const saidA = capAt([{ connectorId, profile, installedAtMs: wallMs }], groundOf(books, outlet.clientID), outlet.connectorId, spreadOf(outlet, used.length, books.site.voltage), wallMs)?.limitA ?? 0
    const plan = this.ports.plan()
    const target = plan?.targets.get(outlet.key)
    let most = { limitA: outlet.maxA, why: 'the most it can give' }
    if (plan !== null && target !== undefined) {
      for (const { index, perAmp } of boundsAbove(plan.ground, target.place, used)) {
        const constraint = plan.ground.constraints[index]!
        const perPhaseA = constraint.capacity / perAmp
        if (isPromised(constraint) && perPhaseA < most.limitA) most = { limitA: perPhaseA, why: `the most that ${constraint.source} leaves it` }
      }
    }
    // A car that has less only because people's own profiles say so may well have more by another.
    const bound = row.transactionId !== null && target?.binding.startsWith('profile:') !== true
    if (bound) most = { limitA: reservedA(row, this.ports.now()).thisCarA, why: `what is reserved for transaction ${row.transactionId}` }
    if (saidA <= most.limitA + 1e-9) return null
    return refused('above-reservation', `The profile allows ${tenth(saidA)} A now on connector ${outlet.connectorId} of ${outlet.clientID}; ${tenth(most.limitA)} A are ${most.why}, so it would limit nothing.`,
      `Allow at most ${tenth(most.limitA)} A now; what it says for later may be more.`)
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
      books.book(outlet.key, { type: 'others', limitA: highestA(profile, books.site.voltage, outlet), atMs: this.ports.now() })
    }
    this.changed()
  }

  /** What stands of people's profiles, or may stand, is not what it was: the site looks at its plan again. */
  changed(): void {
    this.ports.changed()
  }
}

function levelOf(scope: Scope, clientID: string): number {
  return levelInUse(readLearnt(scope, clientID))
}

function tenth(amps: number): number {
  return Math.round(amps * 10) / 10
}

function refused(code: string, detail: string, hint: string): Refusal {
  return new Refusal('conflict', code, detail, { hint })
}
