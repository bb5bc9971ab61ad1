// What charging profiles of people allow, as limits of the engine: a cap per connector, constraints on charge points, and when they change.
import type { Constraint, Imposed } from '../power/limits.ts'
import { carPhasesOf, type ProfileCap } from '../power/loads.ts'
import { phases } from '../power/site.ts'
import { chargePointNode, type Outlet, type Tree } from '../power/tree.ts'
import { limitAt, nextChangeMs, type RuledLimit } from '../profiles/rule.ts'
import { withoutReplaced, type Ground, type Installed, type Stack } from '../profiles/stack.ts'
import type { Books } from './books.ts'
import { groundOf } from './held-profiles.ts'
import { levelInUse, readLearnt } from './learnt.ts'
import { overruling } from './overruling.ts'
import type { Scope } from './scope.ts'
import { mayStand, profilesKey, readProfiles, type StoredProfile } from './stored-profiles.ts'

/** A limit with the instant it next changes, ms of the wall clock; null = not within a day. */
interface Lasting<T> { readonly limit: T; readonly untilMs: number | null }
/** Of one charge point, and what it was worked out from. */
interface Known {
  readonly value: unknown
  readonly tree: Tree
  readonly facts: string
  /** The records those facts were read from: while they are the same objects, so are the facts. */
  seen: readonly unknown[]
  readonly fromMs: number
  readonly untilMs: number
  readonly caps: ReadonlyMap<string, Lasting<ProfileCap>>
  /** By connector, A. */
  readonly overruledA: ReadonlyMap<string, number>
  readonly whole: Lasting<readonly Constraint[]>
}

const dayMs = 86_400_000
/** Boundaries looked at for one at which the limit really is another. */
const mostSteps = 16

export class ProfileLimits {
  private readonly scope: Scope
  private readonly books: Books
  private known: ReadonlyMap<string, Known> = new Map()
  private caps: ReadonlyMap<string, Lasting<ProfileCap>> = new Map()
  private constraints: readonly Constraint[] = []
  /** The charge points of a tree that the engine steers, each with the name of its record. */
  private steered: { readonly tree: Tree; readonly records: ReadonlyMap<string, string> } | null = null

  constructor(scope: Scope, books: Books) {
    this.scope = scope
    this.books = books
  }

  /** What holds now: `wallMs` is what profiles are set by, `nowMs` the same instant of the engine, which `nextAtMs` is in. Worked out anew only where something changed. */
  look(nowMs: number, wallMs: number): Imposed {
    const known = new Map<string, Known>()
    let nextMs = Infinity
    let same = true
    for (const [clientID, record] of this.records()) {
      const value = this.scope.get(record)
      if (value === undefined) continue
      const here = this.of(clientID, value, wallMs)
      same &&= here === this.known.get(clientID)
      nextMs = Math.min(nextMs, here.untilMs)
      known.set(clientID, here)
    }
    if (!same || known.size !== this.known.size) {
      this.known = known
      this.caps = new Map([...known.values()].flatMap(({ caps }) => [...caps]))
      this.constraints = [...known.values()].flatMap(({ whole }) => whole.limit)
    }
    return { constraints: this.constraints, nextAtMs: nowMs + nextMs - wallMs }
  }

  private records(): ReadonlyMap<string, string> {
    const { tree } = this.books
    if (this.steered?.tree !== tree) {
      const steered = [...this.books.clients()].filter((clientID) => this.books.outletsOf(clientID)[0]?.control === 'engine')
      this.steered = { tree, records: new Map(steered.map((clientID) => [clientID, profilesKey(clientID)])) }
    }
    return this.steered.records
  }

  /** As of the last look; null = people's profiles limit nothing here. */
  capOf(key: string): ProfileCap | null {
    return this.caps.get(key)?.limit ?? null
  }

  /** Most that profiles of people may let any car take although the engine's say less, A on a phase; 0 = the engine's stand above all. */
  overruledA({ key, clientID }: Outlet): number {
    return this.known.get(clientID)?.overruledA.get(key) ?? 0
  }

  /** Until when the cap of a connector, or the limit of a whole charge point (`whole`), is what it is; ms of the wall clock. */
  untilMs({ key, clientID }: Outlet, whole: boolean): number | null {
    return (whole ? this.known.get(clientID)?.whole.untilMs : this.caps.get(key)?.untilMs) ?? null
  }

  private of(clientID: string, value: unknown, wallMs: number): Known {
    const before = this.known.get(clientID)
    const { tree } = this.books
    const outlets = this.books.outletsOf(clientID)
    const learnt = readLearnt(this.scope, clientID)
    const quirks = this.books.quirksOf(clientID)
    const seen = [learnt, quirks, ...outlets.flatMap(({ key }) => [this.books.row(key), this.books.wiring(key)])]
    const holds = before !== undefined && before.value === value && before.tree === tree && wallMs >= before.fromMs && wallMs < before.untilMs
    if (holds && before.seen.every((one, index) => one === seen[index])) return before
    const level = levelInUse(learnt)
    const { ladder } = quirks
    const facts = `${level} ${ladder} ` + outlets.map((outlet) => `${this.books.row(outlet.key)?.transactionId} ${this.books.wiring(outlet.key).queuedAtMs} ${this.phasesOf(outlet)}`).join()
    if (holds && before.facts === facts) {
      before.seen = seen
      return before
    }
    const ground = groundOf(this.books, clientID)
    const stored = readProfiles(this.scope, clientID)
    const overruledA = new Map(outlets.map((outlet) => [outlet.key, overruling(stored, outlet, level, ladder, ground.voltage)]))
    const worlds = worldsOf(stored)
    const caps = new Map<string, Lasting<ProfileCap>>()
    let nextMs = wallMs + dayMs
    const note = (untilMs: number | null): void => { nextMs = Math.min(nextMs, untilMs ?? Infinity) }
    for (const outlet of outlets) {
      const used = this.phasesOf(outlet)
      const { limit, untilMs } = lasting(worlds.map((stack) => stack.filter(({ profile }) => profile.chargingProfilePurpose !== 'ChargePointMaxProfile')), ground, outlet.connectorId, wallMs,
        (stacks, atMs) => lowest(stacks.map((stack) => capAt(stack, ground, outlet.connectorId, spreadOf(outlet, used, ground.voltage), atMs))))
      note(untilMs)
      if (limit !== null) caps.set(outlet.key, { limit, untilMs })
    }
    const whole = lasting(worlds.map((stack) => stack.filter(({ profile }) => profile.chargingProfilePurpose === 'ChargePointMaxProfile')), ground, 0, wallMs,
      (stacks, atMs) => stacks.flatMap((stack) => wholeAt(stack, ground, chargePointNode(clientID), atMs)))
    note(whole.untilMs)
    return { value, tree, facts, seen, fromMs: wallMs, untilMs: nextMs, caps, overruledA, whole }
  }

  private phasesOf(outlet: Outlet): number {
    return carPhasesOf(outlet, this.books.wiring(outlet.key).car.vehiclePhases, this.books.row(outlet.key)?.transactionId ?? null).length
  }
}

/** What may stand there: with those that were not answered, and without. While it is not known which, the lower of both counts. */
function worldsOf(stored: readonly StoredProfile[]): readonly Stack[] {
  const standing = stored.filter(({ status }) => mayStand(status))
  const installed = ({ connectorId, profile, setAtMs }: StoredProfile): Installed => ({ connectorId, profile, installedAtMs: setAtMs })
  const sure = standing.filter(({ status }) => status === 'Accepted').map(installed)
  if (sure.length === standing.length) return [sure]
  return [sure, withoutReplaced(standing.map(installed))]
}

/** The limit at `atMs`, and the first later instant, within a day, at which it is another. */
function lasting<T>(stacks: readonly Stack[], ground: Ground, connectorId: number, atMs: number, limitOf: (stacks: readonly Stack[], atMs: number) => T): Lasting<T> {
  const limit = limitOf(stacks, atMs)
  const same = JSON.stringify(limit)
  let nextMs = atMs
  for (let step = 0; step < mostSteps; step++) {
    const changes = stacks.flatMap((stack) => nextChangeMs(stack, ground, connectorId, nextMs, atMs + dayMs) ?? [])
    if (changes.length === 0) return { limit, untilMs: null }
    nextMs = Math.min(...changes)
    if (JSON.stringify(limitOf(stacks, nextMs)) !== same) break
  }
  return { limit, untilMs: nextMs }
}

/** Over how many phases watts are spread: those of a DC connector are what it gives, and it takes more. */
export function spreadOf({ dc = null }: Outlet, used: number, voltage: number): number {
  return dc === null ? used : dc.wattsPerA / voltage
}

/** What a stack lets a connector take, A on each of the `used` phases. Watts are all phases together, whatever the profile takes their number for. */
export function capAt(stack: Stack, ground: Ground, connectorId: number, used: number, atMs: number): ProfileCap | null {
  const said = ruledAt(stack, ground, connectorId, atMs)
  return said === null ? null : { limitA: said.unit === 'A' ? said.limit : said.limit / (ground.voltage * used), source: said.source }
}

function wholeAt(stack: Stack, ground: Ground, nodeID: string, atMs: number): Constraint[] {
  const said = ruledAt(stack, ground, 0, atMs)
  if (said === null) return []
  return (said.unit === 'W' ? ['W' as const] : phases).map((on) => ({ nodeID, on, capacity: said.limit, source: said.source }))
}

/** In the unit of the profile that rules. */
function ruledAt(stack: Stack, ground: Ground, connectorId: number, atMs: number): { readonly limit: number; readonly unit: 'A' | 'W'; readonly source: string } | null {
  const inAmps = limitAt(stack, ground, connectorId, 'A', atMs)
  if (inAmps.limit === null) return null
  const unit = unitOf(stack, inAmps)
  const limit = unit === 'A' ? inAmps.limit : limitAt(stack, ground, connectorId, 'W', atMs).limit ?? 0
  return { limit, unit, source: `profile:${inAmps.source?.chargingProfileId ?? ''}` }
}

function unitOf(stack: Stack, { source }: RuledLimit): 'A' | 'W' {
  const rules = stack.find(({ profile }) => profile.chargingProfileId === source?.chargingProfileId && profile.chargingProfilePurpose === source.purpose && profile.stackLevel === source.stackLevel)
  return rules?.profile.chargingSchedule.chargingRateUnit ?? 'A'
}

function lowest(caps: readonly (ProfileCap | null)[]): ProfileCap | null {
  return caps.reduce((least, cap) => (least === null || (cap !== null && cap.limitA < least.limitA) ? cap : least), null)
}
