// The wire witness of a seed: every frame at kwota's end; one answer each, one CALL at a time, and what profiles may say and when (I2, I3, I5).
import type { Clock } from '../../clock.ts'
import { phases } from '../../power/site.ts'
import type { ChargingProfile } from '../../protocol/messages/index.ts'
import type { WiredNode } from '../wiring.ts'
import type { Findings } from './finding.ts'
import { balances, bears, round, type Moment } from './grid-witness.ts'
import type { WireTap } from './network.ts'
import type { World } from './world.ts'
import type { Load, Yard } from './yard.ts'

/** `oldA` = what may have ruled before it as far as was known when it was sent, `permitA` = what did rule then (Infinity = not known). */
interface Told { readonly line: number; readonly id: string; readonly key: string; readonly limitA: number; readonly transactionId: number | null; readonly oldA: number; readonly permitA: number }
/** `transactionId` null = it holds for every car. */
type Place = NonNullable<ReturnType<Yard['placeOf']>>
/** What is told in watts is told in whole ones. */
const isMultiple = (watts: number, of: number) => Math.abs(watts - Math.round(watts / of) * of) < 1
const slackOf = (inAmps: boolean) => inAmps ? 0.01 : 1
interface Unsettled { readonly transactionId: number | null; readonly oldA: number; readonly newA: number; readonly acceptedMs: number }
interface Line { readonly clientID: string; readonly answering: Map<string, { readonly action: string; readonly atMs: number }>; readonly answered: Set<string>; asking: { readonly id: string; readonly action: string; readonly atMs: number } | null }

export interface WireWitness extends WireTap {
  /** Looks for what was not answered in time. */
  look(atMs: number): void
  readonly profiles: number
  readonly raisings: number
}

const settleMs = 9_000
const toleranceA = 0.1
const pilotMinA = 6
const answeredWithinMs = 45_000
/** kwota's own wall clock may have been stepped by an hour. */
const steppedMs = 3_700_000

export function createWireWitness(options: {
  readonly world: World; readonly clock: Clock; readonly nodes: readonly WiredNode[]; readonly yard: () => Yard; readonly findings: Findings
  /** The limit and the least base load kwota may count with now; null while it cannot be held to it. */
  readonly ground: () => (Pick<Moment, 'baseA' | 'tiltA' | 'limits'> & { readonly slackA: number }) | null
  /** Nothing keeps it from answering: awake, its store well, the line well; since when, ms. */
  readonly fitSinceMs: (clientID: string) => number
}): WireWitness {
  const { world, clock, nodes, findings } = options
  const lines = new Map<number, Line>()
  const pending = new Map<string, Told[]>()
  /** The last lowering of each kind: what settles of one says nothing of the other. */
  const unsettled = new Map<string, Unsettled>()
  /** The transaction whose TxProfile rules over a connector, and the TxDefaultProfile that was accepted there last. */
  const ruling = new Map<string, number | null>()
  const accepted = new Map<string, number>()
  const told = new Set<string>()
  /** Connectors (0 = all of a charge point) that were told a TxDefaultProfile. */
  const defaulted = new Set<string>()
  const ended = new Set<number>()
  /** Transactions that kwota was told are over: their TxProfiles rule nobody. */
  const over = new Set<number>()
  /** Whoever refused a profile is tried with the lowest limit that any car understands. */
  const refusing = new Set<string>()
  let profiles = 0
  let raisings = 0

  function loadsByKey(): Map<string, Load> {
    return new Map(options.yard().loads().map((load) => [load.key, load]))
  }

  /** The most a connector may be allowed as far as anybody outside can know: a lowering that was not answered may not have come. */
  function worstA(load: Load, nowMs: number): number {
    // A TxProfile may leave before the charge point has the number of its transaction.
    const rules = (transactionId: number | null) => transactionId === null || (load.transactionId === null ? !over.has(transactionId) : transactionId === load.transactionId)
    const kept = Math.max(0, ...kindsOf(load.key).map((kind) => unsettled.get(kind)).map((settling) => settling !== undefined && rules(settling.transactionId) && nowMs < settling.acceptedMs + settleMs ? settling.oldA : 0))
    const coming = (pending.get(load.key) ?? []).filter((entry) => rules(entry.transactionId)).reduce((most, entry) => Math.max(most, entry.limitA, beforeA(entry, nowMs)), 0)
    return Math.max(load.permitA, Math.min(Math.max(kept, coming), load.carA, options.yard().placeOf(load.key)?.maxA ?? Infinity))
  }

  /** What is told over another lowering is from where that one was, until it has settled; from then on it is from what that one has left. */
  function beforeA(entry: Told, nowMs: number): number {
    const settles = kindsOf(entry.key).some((kind) => nowMs < (unsettled.get(kind)?.acceptedMs ?? -Infinity) + settleMs)
    return settles || pending.get(entry.key)?.[0] !== entry ? entry.oldA : Math.min(entry.oldA, entry.permitA)
  }

  function ampsOf(profile: ChargingProfile, limit: number, load: Load | undefined, { phases: wired, efficiency }: Place): number {
    return profile.chargingSchedule.chargingRateUnit === 'A' ? limit : limit / (world.site.voltage * Math.max(1, load?.phases.length ?? wired.length) * efficiency)
  }

  function checkRaising(load: Load, limitA: number, atMs: number): void {
    raisings++
    const ground = options.ground()
    if (ground === null) return
    const loads = options.yard().loads().filter((each) => each.trusted || each.key === load.key)
    const worth = loads.map((each) => ({ ...each, worthA: each.key === load.key ? Math.max(worstA(each, atMs), limitA) : worstA(each, atMs) }))
    for (const { node, on, loadA, limitA: most } of balances(nodes.filter(({ id }) => load.path.includes(id)), world.site.voltage, ground, worth)) {
      if (bears(load, on) && loadA > most + toleranceA + ground.slackA) findings.add('I2', `${load.key} is raised from ${round(load.permitA)} to ${round(limitA)} A although ${node} ${on} may carry ${round(loadA)} A then, with a limit of ${round(most)} A`)
    }
  }

  function profileSent(line: number, clientID: string, id: string, request: { connectorId: number; csChargingProfiles: ChargingProfile }, atMs: number): void {
    profiles++
    const { connectorId, csChargingProfiles: profile } = request
    const purpose = profile.chargingProfilePurpose
    if (purpose === 'TxProfile' && !told.has(clientID)) findings.add('I5', `${clientID}/${connectorId} gets a TxProfile before anything else`)
    told.add(clientID)
    const key = `${clientID}/${connectorId}`
    if (purpose === 'TxDefaultProfile') defaulted.add(key)
    if (connectorId === 0) return
    if (purpose === 'TxProfile' && !defaulted.has(key) && !defaulted.has(`${clientID}/0`)) findings.add('I5', `${key} gets a TxProfile before its TxDefaultProfile`)
    const place = options.yard().placeOf(key)
    if (place === undefined) return void findings.add('I3', `a profile for ${key}, which does not exist`)
    const load = loadsByKey().get(key)
    const [first, ...later] = profile.chargingSchedule.chargingSchedulePeriod
    if (first === undefined) return
    checkLimits(key, place, profile, [first, ...later].map(({ limit }) => limit))
    if (purpose === 'TxProfile') checkShape(key, profile, atMs)
    const most = Math.min(place.maxA, ampsOf(profile, first.limit, load, place))
    // Of this transaction, so of this car, which takes no more than it can.
    const limitA = purpose === 'TxProfile' ? Math.min(most, load?.carA ?? Infinity) : most
    const list = (pending.get(key) ?? []).filter((entry) => entry.line === line)
    if (load?.trusted === true && Math.min(limitA, load.carA) > worstA(load, atMs) + 0.05 && (purpose === 'TxDefaultProfile' || load.transactionId !== null)) checkRaising(load, Math.min(limitA, load.carA), atMs)
    const beneath = load !== undefined && isBeneath(load, purpose)
    pending.set(key, [...list, { line, id, key, limitA, transactionId: purpose === 'TxProfile' ? profile.transactionId ?? null : null, oldA: load === undefined ? 0 : beneath ? beneathA(key, place) : worstA(load, atMs), permitA: load === undefined || beneath ? Infinity : load.permitA }])
  }

  /** Under a TxProfile a car draws by that one: a TxDefaultProfile is lowered only from what such a one was before. */
  function isBeneath(load: Load, purpose: string): boolean {
    return purpose === 'TxDefaultProfile' && load.transactionId !== null && ruling.get(load.key) === load.transactionId
  }

  function beneathA(key: string, { maxA }: Place): number {
    return Math.max(accepted.get(key) ?? maxA, ...(pending.get(key) ?? []).filter(({ transactionId }) => transactionId === null).map(({ limitA }) => limitA))
  }

  /** I3: 0, or within what the connector can do; in watts for one phase up to all. */
  function checkLimits(key: string, { minA, maxA, phases: wired, direct, efficiency }: Place, profile: ChargingProfile, limits: readonly number[]): void {
    const inAmps = profile.chargingSchedule.chargingRateUnit === 'A'
    if (direct && inAmps) findings.add('I3', `${key} gives direct current and is told amps`)
    const fallbackA = world.chargePoints.find(({ config }) => key.startsWith(`${config.id}/`))?.config.fallbackA ?? 0
    for (const limit of limits) {
      const least = inAmps ? minA : minA * world.site.voltage * (direct ? wired.length * efficiency : 1)
      const most = inAmps ? maxA : maxA * world.site.voltage * wired.length * efficiency
      if (limit === 0 || (limit >= least - slackOf(inAmps) && limit <= most + slackOf(inAmps)) || Math.abs(limit - fallbackA * (inAmps ? 1 : world.site.voltage * wired.length * efficiency)) < slackOf(inAmps) || (refusing.has(clientOf(key)) && (inAmps ? limit === pilotMinA : isMultiple(limit, pilotMinA * world.site.voltage * (direct ? wired.length * efficiency : 1))))) continue
      findings.add('I3', `${key} is told ${limit} ${inAmps ? 'A' : 'W'}, which is neither 0 nor within ${round(least)} to ${round(most)}`)
    }
  }

  /** I5: absolute, begun long ago. */
  function checkShape(key: string, profile: ChargingProfile, atMs: number): void {
    const start = Date.parse(profile.chargingSchedule.startSchedule ?? '')
    if (profile.chargingProfileKind !== 'Absolute' || !(start < clock.wall() + steppedMs)) findings.add('I5', `${key} gets a TxProfile that has not begun at ${Math.round(atMs / 1000)} s`)
  }

  function answered(clientID: string, id: string, status: unknown, atMs: number): void {
    for (const [key, list] of pending) {
      const entry = list.find((each) => each.id === id)
      if (entry === undefined) continue
      // A newer one of the same kind that is taken replaces whatever came before it.
      const replaced = (each: Told) => status === 'Accepted' && each.transactionId === entry.transactionId && list.indexOf(each) < list.indexOf(entry)
      const oldA = beforeA(entry, atMs)
      pending.set(key, list.filter((each) => each !== entry && !replaced(each)))
      if (status !== 'Accepted') refusing.add(clientID)
      if (status === 'Accepted' && entry.transactionId === null) accepted.set(key, entry.limitA)
      else if (status === 'Accepted') ruling.set(key, entry.transactionId)
      if (status === 'Accepted' && entry.limitA < oldA - 0.05) {
        const kind = kindOf(key, entry.transactionId)
        const before = unsettled.get(kind)
        unsettled.set(kind, { transactionId: entry.transactionId, oldA: Math.max(oldA, before !== undefined && atMs < before.acceptedMs + settleMs ? before.oldA : 0), newA: entry.limitA, acceptedMs: atMs })
      }
    }
  }

  /** A sample at or below the new limit, from after the Accepted, is proof enough here. */
  function sampled(clientID: string, payload: Readonly<Record<string, unknown>>): void {
    const key = `${clientID}/${String(payload['connectorId'])}`
    if (kindsOf(key).every((kind) => !unsettled.has(kind))) return
    const values = (payload['meterValue'] as { sampledValue?: { value: string; measurand?: string; unit?: string }[] }[] | undefined ?? []).flatMap(({ sampledValue }) => sampledValue ?? [])
    const { direct = false, efficiency = 1 } = options.yard().placeOf(key) ?? {}
    // The amps of a DC connector are those of its cable.
    const amps = values.filter(({ measurand }) => !direct && measurand === 'Current.Import').map(({ value }) => Number(value)).filter(Number.isFinite)
    const watts = values.filter(({ measurand }) => measurand === 'Power.Active.Import').map(({ value, unit }) => Number(value) * (unit === 'kW' ? 1000 : 1))
    const highest = amps.length > 0 ? Math.max(...amps) : (watts[0] ?? NaN) / (world.site.voltage * phases.length * efficiency)
    for (const kind of kindsOf(key)) {
      const newA = unsettled.get(kind)?.newA ?? 0
      if (highest <= newA + Math.max(0.5, newA * 0.03) + 0.1) unsettled.delete(kind)
    }
  }

  function lineOf(line: number, clientID: string): Line {
    const known = lines.get(line) ?? { clientID, answering: new Map(), answered: new Set(), asking: null }
    lines.set(line, known)
    return known
  }

  return {
    opened(line, clientID) {
      if (ended.has(line)) return
      const other = [...lines].find(([number, each]) => number !== line && each.clientID === clientID)
      if (other !== undefined) findings.add('one-session', `${clientID} has two live sessions, on lines ${other[0]} and ${line}`)
      lineOf(line, clientID)
    },
    closed(line) {
      ended.add(line)
      lines.delete(line)
      for (const [key, list] of pending) pending.set(key, list.filter((entry) => entry.line !== line))
    },
    frame(number, clientID, direction, text) {
      const line = lineOf(number, clientID)
      const atMs = clock.mono()
      const frame = JSON.parse(text) as [number, string, ...unknown[]]
      const [type, id] = frame
      if (type === 2 && direction === 'in') {
        line.answering.set(id, { action: String(frame[2]), atMs })
        if (frame[2] === 'MeterValues') sampled(clientID, frame[3] as Record<string, unknown>)
        if (frame[2] === 'StopTransaction') over.add((frame[3] as { transactionId: number }).transactionId)
      } else if (type === 2) {
        if (line.asking !== null && atMs - line.asking.atMs < 5_000) findings.add('one-call', `${clientID} is asked ${String(frame[2])} while ${line.asking.action} of ${atMs - line.asking.atMs} ms ago waits`)
        line.asking = { id, action: String(frame[2]), atMs }
        if (frame[2] === 'ClearChargingProfile') for (const key of ruling.keys()) if (clientOf(key) === clientID) ruling.delete(key)
        if (frame[2] === 'SetChargingProfile') profileSent(number, clientID, id, frame[3] as Parameters<typeof profileSent>[3], atMs)
      } else if (direction === 'out') {
        if (!line.answering.delete(id)) findings.add('one-answer', line.answered.has(id) ? `${clientID} is answered ${id} twice` : `${clientID} is answered ${id}, which it did not ask`)
        line.answered.add(id)
      } else {
        if (line.asking?.id === id) line.asking = null
        answered(clientID, id, type === 3 ? (frame[2] as { status?: unknown }).status : 'error', atMs)
      }
    },
    look(atMs) {
      for (const { clientID, answering } of lines.values()) {
        for (const [id, { action, atMs: sinceMs }] of answering) {
          if (atMs - Math.max(sinceMs, options.fitSinceMs(clientID)) > answeredWithinMs) {
            findings.add('one-answer', `${clientID} has waited ${Math.round((atMs - sinceMs) / 1000)} s for an answer to ${action}`)
            answering.delete(id)
          }
        }
      }
    },
    get profiles() { return profiles },
    get raisings() { return raisings },
  }
}

function kindOf(key: string, transactionId: number | null): string {
  return `${key} ${transactionId === null ? 'default' : 'tx'}`
}

function kindsOf(key: string): readonly string[] {
  return [kindOf(key, null), `${key} tx`]
}

function clientOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/'))
}
