// Brings a charge point's configuration to what it is to be: reads first, changes only what differs, one key after the other, never in a loop.
import { createHash } from 'node:crypto'
import type { CentralAction, RequestOf } from '../protocol/messages/index.ts'
import { standardKey } from '../protocol/messages/configuration-keys.ts'
import { neverRepeated } from '../settings-check.ts'
import type { Settings } from '../settings.ts'
import type { CommandRecord } from './command-record.ts'
import { faultOf } from '../configuration-check.ts'
import {
  configurationKey, givenOf, knownValue, missingInWords, partOf, readConfiguration, standingOf, withBoot, withoutExpired, withoutRefusals, withPart, type Configuration, type Desired, type Standing, type Wanted,
} from './configuration-record.ts'
import type { Station } from './handlers/station.ts'
import { Refusal } from './house.ts'
import { findTaken, itemsOf, listsMeasurands } from './measurand-list.ts'
import { outOfReach } from './reach.ts'

export type KeyStatus = 'Accepted' | 'Rejected' | 'RebootRequired' | 'NotSupported' | 'TimedOut' | 'Failed'
export interface KeyResult { readonly key: string; readonly status: KeyStatus; readonly commandId: string | null; readonly reason: string | null }
/** Sends a command and resolves with how it ended; rejects with Refusal when it may not be sent. */
export type Send = <A extends CentralAction>(action: A, request: RequestOf<A>) => Promise<CommandRecord>

/** Settings change in bursts, and a connection is often followed by a boot. */
const soonMs = 2_000
/** So often is a set of values brought to one that keeps breaking off, until it boots. */
const mostTries = 3

export function configurationOf(station: Pick<Station, 'scope' | 'clientID' | 'log'>): Configuration {
  return readConfiguration(station.scope, station.clientID, (why) => station.log.warn({ clientID: station.clientID, why }, 'what was known of the configuration keys cannot be read and begins anew'))
}

/** Puts what `change` makes of the record; whoever needs it durable flushes. */
export function keepConfiguration(station: Pick<Station, 'scope' | 'clientID' | 'log'>, change: (record: Configuration) => Configuration): void {
  const before = configurationOf(station)
  const after = change(before)
  if (after !== before) station.scope.put(configurationKey(station.clientID), after)
}

export function firmwareOf(station: Station): string | null {
  return station.snapshot().context.boot?.['firmwareVersion'] ?? null
}

/** What the settings say of configuration keys; `configuration` names them itself and counts before the settings that stand for one. */
export function configuredKeys(settings: Settings): Wanted {
  const { meterSampleIntervalS, clockAlignedIntervalS, measurands, alignedMeasurands, stopMeasurands, configuration = {} } = settings
  const said: readonly (readonly [string, string | undefined])[] = [
    ['MeterValueSampleInterval', meterSampleIntervalS?.toString()], ['ClockAlignedDataInterval', clockAlignedIntervalS?.toString()],
    ['MeterValuesSampledData', measurands?.join()], ['MeterValuesAlignedData', alignedMeasurands?.join()], ['StopTxnSampledData', stopMeasurands?.join()],
    ...Object.entries(configuration),
  ]
  return new Map(said.flatMap(([key, value]) => (value === undefined || neverRepeated.has(key.toLowerCase()) ? [] : [[key.toLowerCase(), { key, value }] as const])))
}

/** What it is to have now: what the settings say, and above that what somebody asked for by name and that is not over. */
export function wantedOf(station: Station, record: Configuration = configurationOf(station)): Wanted {
  return new Map([...configuredKeys(station.settings()), ...Object.entries(withoutExpired(record, station.clock.wall()).desired)])
}

/** Names in requests of as many as the charge point takes; none = all it has, in one request. Resolves with the last command. */
export async function readKeys(station: Station, names: readonly string[], send: Send): Promise<CommandRecord> {
  const most = Number(knownValue(configurationOf(station), 'GetConfigurationMaxKeys'))
  const size = Number.isInteger(most) && most > 0 ? most : Math.max(1, names.length)
  let last = await send('GetConfiguration', names.length === 0 ? {} : { key: names.slice(0, size) })
  for (let at = size; at < names.length && last.status === 'accepted'; at += size) last = await send('GetConfiguration', { key: names.slice(at, at + size) })
  return last
}

/** One ChangeConfiguration after the other; after one without an answer the rest is not sent. Rejects with Refusal when the first is refused: then nothing was sent. */
export async function changeKeys(changes: readonly Desired[], change: (one: Desired) => Promise<CommandRecord>): Promise<KeyResult[]> {
  const results: KeyResult[] = []
  let broken: string | null = null
  for (const one of changes) {
    const result: KeyResult = broken === null ? await changeKey(one, change, results.length === 0) : { key: one.key, status: 'Failed', commandId: null, reason: broken }
    if (result.status === 'TimedOut') broken = `not sent: ${one.key} before it was not answered`
    results.push(result)
  }
  return results
}

async function changeKey(one: Desired, change: (one: Desired) => Promise<CommandRecord>, first: boolean): Promise<KeyResult> {
  const { key } = one
  try {
    const { id: commandId, status, response, error } = await change(one)
    const answer = response?.['status']
    if (answer === 'Accepted' || answer === 'Rejected' || answer === 'RebootRequired' || answer === 'NotSupported') return { key, status: answer, commandId, reason: null }
    return { key, status: status === 'timed-out' ? 'TimedOut' : 'Failed', commandId, reason: error?.description ?? null }
  } catch (error) {
    if (first && error instanceof Refusal) throw error
    return { key, status: 'Failed', commandId: null, reason: error instanceof Error ? error.message : String(error) }
  }
}

const statusOf: Readonly<Record<Exclude<Standing, 'open'>, KeyStatus>> = { same: 'Accepted', RebootRequired: 'RebootRequired', Rejected: 'Rejected', NotSupported: 'NotSupported', Failed: 'Failed' }

/** Reads these keys and changes those that differ and that nothing speaks against. `again` = also what it refused before. */
export async function bring(station: Station, wanted: Wanted, send: Send, { again }: { readonly again: boolean }): Promise<KeyResult[]> {
  if (wanted.size === 0) return []
  if (again) keepConfiguration(station, (record) => withoutRefusals(record, wanted))
  const list = [...wanted.values()]
  const session = station.session()
  const read = await readKeys(station, list.map(({ key }) => key), send)
  if (read.status === 'timed-out' || station.session() !== session) {
    return list.map(({ key }) => ({ key, status: 'Failed', commandId: null, reason: 'its keys could not be read' }))
  }
  const results = new Map<string, KeyResult>()
  for (const one of list) {
    const record = configurationOf(station)
    const fault = faultOf(one.key, givenOf(record, one, firmwareOf(station)).value, (key) => knownValue(record, key))
    const standing = standingOf(record, one, firmwareOf(station))
    if (standing !== 'open') results.set(one.key, { key: one.key, status: statusOf[standing], commandId: null, reason: reasonOf(station, one) })
    else if (fault !== null) results.set(one.key, { key: one.key, status: 'Rejected', commandId: null, reason: fault })
  }
  const changes = list.filter(({ key }) => !results.has(key)).map((one) => givenOf(configurationOf(station), one, firmwareOf(station)))
  for (const result of await changeKeys(changes, ({ key, value }) => send('ChangeConfiguration', { key, value }))) results.set(result.key, result)
  for (const one of list) {
    const result = results.get(one.key)!
    if (result.reason === null) results.set(one.key, { ...result, reason: reasonOf(station, one) })
    if (station.session() === session && mayBeSplit(station, one, result)) results.set(one.key, await bringPart(station, one, result, send))
  }
  return list.map(({ key }) => results.get(key)!)
}

/** A list that it refuses is not lost as a whole, as long as it has the key at all (who rejects a value has it, whether it lists it or not) and was not asked about its parts. */
function mayBeSplit(station: Station, one: Desired, { status }: KeyResult): boolean {
  if ((status !== 'Rejected' && status !== 'NotSupported') || !listsMeasurands(one.key)) return false
  const record = configurationOf(station)
  const known = record.keys[one.key.toLowerCase()]
  return (known === undefined ? status === 'Rejected' : known.readonly !== true) && partOf(record, one, firmwareOf(station)) === null
}

/** Asks for parts of a list, the most important first, and remembers what it takes. */
async function bringPart(station: Station, one: Desired, refusal: KeyResult, send: Send): Promise<KeyResult> {
  const { maxLengthKey = '' } = standardKey(one.key) ?? {}
  const session = station.session()
  if (knownValue(configurationOf(station), maxLengthKey) === null) await readKeys(station, [maxLengthKey], send)
  const told = Number(knownValue(configurationOf(station), maxLengthKey) ?? NaN)
  const firmware = firmwareOf(station)
  let last = refusal
  const found = await findTaken(itemsOf(one.value), {
    refused: refusal.commandId !== null, most: Number.isInteger(told) && told > 0 ? told : null,
    ask: async (items) => {
      if (station.session() !== session) return 'broken'
      last = await changeKey({ key: one.key, value: items.join() }, ({ key, value }) => send('ChangeConfiguration', { key, value }), false)
      if (last.status === 'Rejected' || last.status === 'NotSupported') return 'refused'
      return last.status === 'Accepted' || last.status === 'RebootRequired' ? 'taken' : 'broken'
    },
  })
  if (found === null) return last
  keepConfiguration(station, (record) => withPart(record, one.key, { of: one.value, firmware, atMs: station.clock.wall(), ...found, taken: [...found.taken], refused: [...found.refused], leftOut: [...found.leftOut] }))
  return { key: one.key, status: statusOf[asBrought(standingOf(configurationOf(station), one, firmware))], commandId: last.commandId, reason: reasonOf(station, one) }
}

function asBrought(standing: Standing): Exclude<Standing, 'open'> {
  return standing === 'open' ? 'Failed' : standing
}

/** What is missing of a list that it takes in part. */
function reasonOf(station: Station, one: Desired): string | null {
  const part = partOf(configurationOf(station), one, firmwareOf(station))
  return part === null ? null : missingInWords(part)
}

interface Turns { last: Promise<unknown>; cancelSoon: (() => void) | null }
const turns = new WeakMap<Station, Turns>()

function turnsOf(station: Station): Turns {
  const known = turns.get(station) ?? { last: Promise.resolve(), cancelSoon: null }
  turns.set(station, known)
  return known
}

/** One at a time brings something to a charge point. */
export function inTurn<T>(station: Station, act: () => Promise<T>): Promise<T> {
  const mine = turnsOf(station)
  const result = mine.last.then(act, act)
  mine.last = result.catch(() => undefined)
  return result
}

/** The step after a boot: everything it is to have, once. */
export async function bringConfiguration(station: Station): Promise<void> {
  keepConfiguration(station, withBoot)
  await inTurn(station, () => apply(station, { booted: true }))
}

/** After a change of what it is to have, and when it comes back without a boot: only a set of values that was not brought to it yet. */
export function bringSoon(station: Station): void {
  const mine = turnsOf(station)
  mine.cancelSoon?.()
  mine.cancelSoon = station.clock.after(soonMs, () => {
    mine.cancelSoon = null
    inTurn(station, () => apply(station, { booted: false })).catch((error: unknown) => station.log.warn({ clientID: station.clientID, error }, 'the configuration could not be brought to a charge point'))
  })
}

async function apply(station: Station, { booted }: { readonly booted: boolean }): Promise<void> {
  if (outOfReach(station) !== null || !station.snapshot().context.accepted) return
  keepConfiguration(station, (record) => withoutExpired(record, station.clock.wall()))
  const record = configurationOf(station)
  const wanted = wantedOf(station, record)
  const of = wanted.size === 0 ? '' : fingerprint(wanted)
  const again = record.applied.of === of
  if (of === '' || (!booted && again && (record.applied.done || record.applied.count >= mostTries))) return
  const count = (again && !booted ? record.applied.count : 0) + 1
  keepConfiguration(station, (before) => ({ ...before, applied: { of, count, done: false } }))
  const session = station.session()
  const results = await bring(station, wanted, station.order, { again: false })
  const amiss = results.filter(({ status, reason }) => status !== 'Accepted' || reason !== null)
  if (amiss.length > 0) station.log.warn({ clientID: station.clientID, keys: amiss }, 'configuration keys are not what they are to be')
  if (station.session() === session) keepConfiguration(station, (before) => ({ ...before, applied: { of, count, done: true }, desired: settled(before, firmwareOf(station)) }))
  await station.scope.flush()
}

/** What has reached the charge point does not expire any more. */
function settled(record: Configuration, firmware: string | null): Configuration['desired'] {
  return Object.fromEntries(Object.entries(record.desired).map(([name, one]) => [name, standingOf(record, one, firmware) === 'open' ? one : { ...one, expiresAtMs: null }]))
}

function fingerprint(wanted: Wanted): string {
  const entries = [...wanted].map(([name, { value }]) => [name, value] as const).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(entries)).digest('base64url')
}
