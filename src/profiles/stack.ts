// What stands at a charge point: installing, replacing and clearing charging profiles as OCPP 1.6 has it (3.13, 5.16, 5.17).
import type { ChargingProfile, RequestOf } from '../protocol/messages/index.ts'
import { profileFault, type Abilities, type Fault } from './check.ts'

export interface Installed { readonly connectorId: number; readonly profile: ChargingProfile; readonly installedAtMs: number }
export type Stack = readonly Installed[]
export interface Running { readonly connectorId: number; readonly transactionId: number; readonly startedAtMs: number }
/** The charge point as the profiles see it. `voltage` is nominal, V from phase to neutral; `phases` = those of the supply. */
export interface Ground { readonly connectors: readonly number[]; readonly transactions: readonly Running[]; readonly voltage: number; readonly phases: number }
export type Installation =
  | { readonly status: 'Accepted'; readonly stack: Stack; readonly replaced: readonly Installed[] }
  | { readonly status: 'Rejected' | 'NotSupported'; readonly reason: string; readonly stack: Stack }

/**
 * Offers `profile` to the charge point as SetChargingProfile does; a refused one changes nothing.
 * A TxProfile that names no transaction is tied to the one that runs there.
 */
export function install(stack: Stack, ground: Ground, connectorId: number, profile: ChargingProfile, nowMs: number, abilities: Abilities = {}): Installation {
  if (abilities.smartCharging === false) return { status: 'NotSupported', reason: 'the charge point has no smart charging (SupportedFeatureProfiles)', stack }
  const running = runningAt(ground, connectorId)
  const fault = profileFault(profile, abilities)
  const reason = placeFault(ground, connectorId, profile, running) ?? (fault === null ? null : inWords(fault))
  if (reason !== null) return { status: 'Rejected', reason, stack }
  const replaced = stack.filter((other) => replaces({ connectorId, profile }, other))
  const kept = replaced.length === 0 ? stack : stack.filter((other) => !replaced.includes(other))
  if (abilities.maxInstalled !== undefined && kept.length >= abilities.maxInstalled) {
    return { status: 'Rejected', reason: `${kept.length} profiles stand there; the charge point takes at most ${abilities.maxInstalled} (MaxChargingProfilesInstalled)`, stack }
  }
  const tied = profile.chargingProfilePurpose === 'TxProfile' && profile.transactionId === undefined && running !== undefined
    ? { ...profile, transactionId: running.transactionId } : profile
  return { status: 'Accepted', stack: [...kept, { connectorId, profile: tied, installedAtMs: nowMs }], replaced }
}

/** ClearChargingProfile: with an id only that counts; otherwise all that is said must fit, and nothing said fits all. Connector 0 = set on 0. */
export function clear(stack: Stack, criteria: RequestOf<'ClearChargingProfile'>): { readonly stack: Stack; readonly removed: readonly Installed[] } {
  const removed = stack.filter((each) => fitsClear(each, criteria))
  return removed.length === 0 ? { stack, removed } : { stack: stack.filter((each) => !removed.includes(each)), removed }
}

/** Do the criteria of a clear fit it (OCPP 1.6, 5.17)? With an id only that counts, otherwise all that is said. */
export function fitsClear({ connectorId: at, profile }: Pick<Installed, 'connectorId' | 'profile'>, { id, connectorId, chargingProfilePurpose: purpose, stackLevel }: RequestOf<'ClearChargingProfile'>): boolean {
  if (id !== undefined) return profile.chargingProfileId === id
  return (connectorId === undefined || at === connectorId)
    && (purpose === undefined || profile.chargingProfilePurpose === purpose)
    && (stackLevel === undefined || profile.stackLevel === stackLevel)
}

/** Of what came one after the other, those whose place no later one takes. */
export function withoutReplaced(stack: Stack): Stack {
  return stack.filter((one, index) => !stack.slice(index + 1).some((later) => replaces(later, one)))
}

/** Its TxProfiles go with a transaction (OCPP 1.6, 3.13.1). */
export function endTransaction(stack: Stack, transactionId: number): Stack {
  const left = stack.filter(({ profile }) => profile.chargingProfilePurpose !== 'TxProfile' || profile.transactionId !== transactionId)
  return left.length === stack.length ? stack : left
}

/** The transaction that runs on a connector. */
export function runningAt(ground: Ground, connectorId: number): Running | undefined {
  return ground.transactions.find((each) => each.connectorId === connectorId)
}

/**
 * Does `one` take the place of `other`? The same id does, and so does the same purpose and stack level on the same connector.
 * One id may serve several connectors beside each other, as central systems use it: same purpose, same stack level, neither of them connector 0.
 */
export function replaces(one: Pick<Installed, 'connectorId' | 'profile'>, other: Pick<Installed, 'connectorId' | 'profile'>): boolean {
  const sameKind = one.profile.chargingProfilePurpose === other.profile.chargingProfilePurpose && one.profile.stackLevel === other.profile.stackLevel
  if (one.connectorId === other.connectorId && sameKind) return true
  if (one.profile.chargingProfileId !== other.profile.chargingProfileId) return false
  return !sameKind || one.connectorId === 0 || other.connectorId === 0
}

function placeFault(ground: Ground, connectorId: number, { chargingProfilePurpose: purpose, transactionId }: ChargingProfile, running: Running | undefined): string | null {
  if (connectorId !== 0 && !ground.connectors.includes(connectorId)) return `there is no connector ${connectorId}`
  if (purpose === 'ChargePointMaxProfile' && connectorId !== 0) return `a ChargePointMaxProfile belongs on connector 0, not on ${connectorId}`
  if (purpose !== 'TxProfile') return null
  if (connectorId === 0) return 'a TxProfile belongs on the connector of its transaction, not on 0'
  if (running === undefined) return `a TxProfile needs a running transaction, and none runs on connector ${connectorId}`
  if (transactionId !== undefined && transactionId !== running.transactionId) return `it is for transaction ${transactionId}, but transaction ${running.transactionId} runs on connector ${connectorId}`
  return null
}

function inWords({ pointer, message }: Fault): string {
  if (message.startsWith('first startPeriod')) return message
  const period = /\/chargingSchedulePeriod\/(\d+)\//.exec(pointer)?.[1]
  const name = pointer.slice(pointer.lastIndexOf('/') + 1)
  return `${name}${period === undefined ? '' : ` of period ${Number(period) + 1}`}: ${message}`
}
