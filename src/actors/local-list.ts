// Keeps the local authorisation list of a charge point in step with our id tags: asks for its version, sends the differences, and everything where it is in doubt.
import type { CommandRecord } from './command-record.ts'
import { configurationOf, firmwareOf, readKeys } from './configuration-desk.ts'
import { knownValue } from './configuration-record.ts'
import type { Station } from './handlers/station.ts'
import { Refusal } from './house.ts'
import type { TagSet } from './listed-tags.ts'
import { chunkOf, isInStep, nextStep, nothing, roomOf, type LocalList, type Step, type Update } from './local-list-record.ts'
import { contentOf, keepLocalList as keepRecord, readLocalList, setOf } from './local-list-sets.ts'
import { outOfReach } from './reach.ts'

const lengths = ['SendLocalListMaxLength', 'LocalAuthListMaxLength'] as const
/** After an answer that did not come it is tried again, so often. */
const againMs = 60_000
const mostAgain = 5
const notInStep = 'a local list could not be brought in step'
const unsupported = new Set(['NotSupported', 'NotImplemented'])

interface Turn {
  running: Promise<void> | null
  /** Somebody asked while it ran: once more. */
  again: boolean
  tries: number
  cancelRetry: (() => void) | null
  /** The boots at which its lengths were asked for. */
  askedAtBoots: number
  /** The newest list on its way to it: what an older one is answered says nothing about what it has. */
  newest: Update | null
}
const turns = new WeakMap<Station, Turn>()
/** What a charge point has once it has accepted a list of ours. */
const ours = new WeakMap<Update, Step>()

function turnOf(station: Station): Turn {
  const turn = turns.get(station) ?? { running: null, again: false, tries: 0, cancelRetry: null, askedAtBoots: -1, newest: null }
  turns.set(station, turn)
  return turn
}

export function localListOf(station: Station): LocalList {
  return readLocalList(station.scope, station.clientID, () => station.log.warn({ clientID: station.clientID }, 'what was known of a local list cannot be read and begins anew'))
}

/** What it has is forgotten once that is in doubt. */
function keep(station: Station, changes: Partial<LocalList>, sets: readonly TagSet[] = []): void {
  const record = { ...localListOf(station), ...changes }
  keepRecord(station.scope, station.clientID, record.trusted ? record : { ...record, ...nothing }, sets)
}

/** What its list is to say: our tags that may charge there, as many as fit, the first by id; more is an alert. */
export function wantedBy(station: Station): TagSet {
  const room = roomOf(knownValue(configurationOf(station), 'LocalAuthListMaxLength'))
  const wanted = station.listed.wanted(room)
  const tooLong = station.settings().localList && wanted.total > room
  station.condition('local-list-too-long', tooLong ? `${station.clientID} takes ${room} id tags in its local list; ${wanted.total} may charge there: the first ${room} by id are in it.` : null)
  return wanted
}

/** There is something to send, and it was not refused before. */
function isBehind(station: Station): boolean {
  const record = localListOf(station)
  if (!station.settings().localList || record.unsupportedBy === firmwareNow(station)) return false
  const { sum } = wantedBy(station)
  return !isInStep(record, sum) && record.gaveUpOn !== sum
}

/** Brings it in step where it is behind; a look at one that is not costs the same however many tags there are. */
export async function catchUp(station: Station): Promise<void> {
  if (!station.settings().localList) return
  await station.listed.ready()
  if (isBehind(station)) await bringInStep(station)
}

/** The step after a boot: what it has is asked for anew, and what it refused before is tried once more. */
export async function keepLocalList(station: Station): Promise<void> {
  if (!station.settings().localList) return
  turnOf(station).tries = 0
  if (localListOf(station).gaveUpOn !== null) keep(station, { gaveUpOn: null })
  await bringInStep(station)
}

/** One at a time for a charge point; whoever comes while it runs is served by one more run. Without `probe` its version is not asked for. */
export function bringInStep(station: Station, { probe }: { readonly probe: boolean } = { probe: true }): Promise<void> {
  const turn = turnOf(station)
  turn.cancelRetry?.()
  turn.cancelRetry = null
  if (turn.running !== null) {
    turn.again = true
    return turn.running
  }
  turn.running = runAll(station, turn, probe).finally(() => { turn.running = null })
  return turn.running
}

async function runAll(station: Station, turn: Turn, probe: boolean): Promise<void> {
  do {
    turn.again = false
    const ended = await station.listed.inTurn(() => run(station, turn, probe)).catch((error: unknown): CommandRecord['error'] => ({ code: error instanceof Refusal ? error.code : 'failed', description: String(error) }))
    if (ended === null) turn.tries = 0
    else retryLater(station, turn, ended)
  } while (turn.again)
}

/** What does not come back by itself is asked for again a few times; a new connection or boot begins anew. */
function retryLater(station: Station, turn: Turn, { code }: { readonly code: string }): void {
  keep(station, { lastError: code })
  if (turn.tries++ >= mostAgain || outOfReach(station) !== null) return
  turn.cancelRetry?.()
  turn.cancelRetry = station.clock.after(againMs, () => {
    turn.cancelRetry = null
    catchUp(station).catch((error: unknown) => station.log.warn({ clientID: station.clientID, error }, notInStep))
  })
}

/** Null when there is nothing left to do; else why it broke off. */
async function run(station: Station, turn: Turn, probe: boolean): Promise<CommandRecord['error']> {
  if (outOfReach(station) !== null || !station.snapshot().context.accepted) return null
  if (probe) {
    if (localListOf(station).unsupportedBy === firmwareNow(station)) return null
    const broken = await askVersion(station)
    if (broken !== null || localListOf(station).unsupportedBy === firmwareNow(station)) return broken
  }
  await askLengths(station, turn)
  for (let whole = false; ;) {
    await station.listed.ready()
    const step = planned(station)
    if (step === null) {
      if (localListOf(station).lastError !== null) keep(station, { lastError: null })
      return null
    }
    whole ||= step.update.updateType === 'Full'
    const command = await station.order('SendLocalList', step.update)
    const status = command.response?.['status']
    if (status === 'NotSupported' || unsupported.has(command.error?.code ?? '')) return null
    if (status !== 'Accepted' && status !== 'Failed' && status !== 'VersionMismatch') return command.error ?? { code: 'no-answer', description: '' }
    if (status === 'Accepted') continue
    // What it has is in doubt now: everything once, and if that is not taken either, nothing until something changes.
    if (whole) {
      keep(station, { gaveUpOn: wantedBy(station).sum })
      station.log.warn({ clientID: station.clientID, status }, 'a charge point does not take its local list')
      return null
    }
  }
}

function planned(station: Station, whole = false): Step | null {
  const { listed: { say, changes }, scope } = station
  const record = localListOf(station)
  const ports = { say, changes, content: () => contentOf(scope, record, changes), set: (sum: string) => setOf(scope, sum) }
  const step = nextStep(record, wantedBy(station), chunkOf(knownValue(configurationOf(station), 'SendLocalListMaxLength')), ports, whole)
  if (step !== null) ours.set(step.update, step)
  return step
}

/** Everything in one message, or the first part of it, for somebody who wants it in step now; the rest follows its answer. */
export async function wholeList(station: Station): Promise<Update> {
  if (outOfReach(station) === null) await askLengths(station, turnOf(station)).catch(() => undefined)
  await station.listed.ready()
  return planned(station, true)!.update
}

async function askVersion(station: Station): Promise<CommandRecord['error']> {
  const { status, response, error } = await station.order('GetLocalListVersion', {})
  const version = response?.['listVersion']
  if (unsupported.has(error?.code ?? '') || (typeof version === 'number' && version < 0)) notSupported(station)
  else if (status !== 'accepted' || typeof version !== 'number') return error ?? { code: 'no-answer', description: '' }
  else if (version === 0) keep(station, { version, trusted: true, ...nothing, unsupportedBy: null })
  else if (version !== localListOf(station).version) keep(station, { version, trusted: false, unsupportedBy: null })
  return null
}

async function askLengths(station: Station, turn: Turn): Promise<void> {
  const { boots } = station.snapshot().context
  if (turn.askedAtBoots === boots) return
  turn.askedAtBoots = boots
  await readKeys(station, lengths, (action, request) => station.order(action, request))
}

function notSupported(station: Station): void {
  keep(station, { unsupportedBy: firmwareNow(station), lastError: 'NotSupported', trusted: false })
  station.log.info({ clientID: station.clientID }, 'a charge point has no local list; it is not asked again before its firmware changes')
}

function firmwareNow(station: Station): string {
  return firmwareOf(station) ?? ''
}

/** A list was recorded for sending; one that is not ours puts what it has in doubt. */
export function listIssued(station: Station, update: Update): void {
  turnOf(station).newest = update
  if (!ours.has(update)) keep(station, { trusted: false })
}

/** The answer to a list, also a late one. */
export function listAnswered(station: Station, update: Update, status: 'Accepted' | 'Failed' | 'NotSupported' | 'VersionMismatch', { createdBy }: CommandRecord): void {
  const step = ours.get(update)
  const newest = turnOf(station).newest === update
  if (status === 'NotSupported') return notSupported(station)
  if (status !== 'Accepted') return void keep(station, { trusted: false, lastError: status })
  const said = { atMs: station.clock.wall(), lastError: null, unsupportedBy: null }
  if (!newest) return void keep(station, { trusted: false, atMs: said.atMs })
  if (step === undefined) return void keep(station, { ...said, version: update.listVersion, trusted: false })
  keep(station, { ...said, version: update.listVersion, trusted: true, ...step.after, gaveUpOn: null }, step.sets)
  // Somebody asked for all of it: this was its first part.
  if (createdBy !== 'kwota') station.clock.after(0, () => { bringInStep(station, { probe: false }).catch((error: unknown) => station.log.warn({ clientID: station.clientID, error }, notInStep)) })
}

/** Nobody knows whether it was taken. */
export function listUnanswered(station: Station, { code }: { readonly code: string }): void {
  if (unsupported.has(code)) notSupported(station)
  else keep(station, { trusted: false, lastError: code })
}
