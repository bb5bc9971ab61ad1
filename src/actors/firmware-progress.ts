// What notifications about uploads and firmware mean for the command that asked for them: the next step, the end, a failure somebody should see.
import { z } from 'zod'
import type { CentralAction } from '../protocol/messages/index.ts'
import type { NoticeTopic } from './charge-point-facts.ts'
import type { CommandRecord } from './command-record.ts'
import type { Station } from './handlers/station.ts'

interface Topic {
  readonly action: CentralAction
  readonly alert: 'firmware-failed' | 'upload-failed'
  readonly what: string
  readonly done: string
  readonly failed: readonly string[]
}

export const topics: Readonly<Record<NoticeTopic, Topic>> = {
  firmware: { action: 'UpdateFirmware', alert: 'firmware-failed', what: 'firmware update', done: 'Installed', failed: ['DownloadFailed', 'InstallationFailed'] },
  signedFirmware: { action: 'SignedUpdateFirmware', alert: 'firmware-failed', what: 'signed firmware update', done: 'Installed', failed: ['DownloadFailed', 'InvalidSignature', 'InstallVerificationFailed', 'InstallationFailed'] },
  diagnostics: { action: 'GetDiagnostics', alert: 'upload-failed', what: 'upload of diagnostics', done: 'Uploaded', failed: ['UploadFailed'] },
  log: { action: 'GetLog', alert: 'upload-failed', what: 'upload of a log', done: 'Uploaded', failed: ['UploadFailure', 'PermissionDenied', 'BadMessage', 'NotSupportedOperation'] },
}

export const canceled = 'Canceled'
/** The charge point said that there is no file. */
export const nothingToUpload = 'NothingToUpload'
const booted = 'Booted '
const ends: ReadonlySet<string> = new Set(['Installed', 'Uploaded', canceled, nothingToUpload])

/** Attaches what a notification says to its command, if it is one of ours, and raises or resolves the alert of its topic. */
export function noteProgress(station: Station, topic: NoticeTopic, status: string, requestId: number | undefined): void {
  const { alert, what, done, failed } = topics[topic]
  const command = commandOf(station, topic, requestId)
  const over = command !== undefined && hasEnded(command)
  // Of a request that is unknown, or over already, nothing more can be said.
  if (requestId !== undefined && (command === undefined || over)) return
  const failure = failed.includes(status)
  if (command !== undefined && !over && lastOf(command) !== status) {
    station.reportProgress(failure || status === done ? withoutStandIn(command) : command, status)
  }
  if (status === 'Idle') return
  if (status === done) forgetVersion(station)
  station.condition(alert, failure ? `The ${what} of ${station.clientID} failed: ${status}.` : null, topic)
}

/** A new command of that topic has been issued: what failed before is being tried again. */
export function beginAttempt(station: Station, topic: NoticeTopic): void {
  station.condition(topics[topic].alert, null, topic)
}

/** A command was accepted in the place of the one before: that one is over. */
export function cancelPrevious(station: Station, topic: NoticeTopic, command: CommandRecord): void {
  const previous = station.newestCommand(topics[topic].action, (one) => one.id !== command.id && one.createdAtMs <= command.createdAtMs && hasReached(one))
  if (previous === undefined || hasEnded(previous)) return
  station.reportProgress(previous, canceled)
  station.uploads.revoke(previous.id)
}

export const versionSchema = z.object({ v: z.literal(1), commandId: z.string(), before: z.string() })
const versionKey = (clientID: string): string => `firmware:${clientID}`

/** Remembers which firmware it had as an update was ordered, so that the boot with another one is recognised, also after a restart. */
export function rememberVersion(station: Station, command: CommandRecord): void {
  const before = versionOf(station)
  if (before === undefined) forgetVersion(station)
  else station.scope.put(versionKey(station.clientID), { v: 1, commandId: command.id, before })
}

/** `commandId` given: only if it is that command's. */
export function forgetVersion(station: Station, commandId?: string): void {
  const known = versionSchema.safeParse(station.scope.get(versionKey(station.clientID))).data
  if (known !== undefined && (commandId === undefined || known.commandId === commandId)) station.scope.delete(versionKey(station.clientID))
}

/** It has booted: with another firmware than before, its update is over, whatever it says of it later. */
export async function noteFirmwareBooted(station: Station): Promise<void> {
  const known = versionSchema.safeParse(station.scope.get(versionKey(station.clientID))).data
  const version = versionOf(station)
  if (known === undefined || version === undefined || version === known.before) return
  for (const topic of ['firmware', 'signedFirmware'] as const) {
    const command = station.newestCommand(topics[topic].action, ({ id }) => id === known.commandId)
    if (command === undefined || hasEnded(command)) continue
    station.reportProgress(command, `${booted}${version}`)
    station.condition('firmware-failed', null, topic)
  }
  forgetVersion(station)
  await station.scope.flush()
}

function versionOf(station: Station): string | undefined {
  return station.snapshot().context.boot?.['firmwareVersion']
}

function commandOf(station: Station, topic: NoticeTopic, requestId: number | undefined): CommandRecord | undefined {
  return station.newestCommand(topics[topic].action, (command) => hasReached(command) && (requestId === undefined || command.request['requestId'] === requestId))
}

/** It may be carried out: sent, and neither refused nor answered with an error. */
function hasReached({ sentAtMs, status, error }: CommandRecord): boolean {
  if (sentAtMs === null) return false
  return status === 'sent' || status === 'accepted' || status === 'timed-out' || (status === 'failed' && (error?.code === 'disconnected' || error?.code === 'restarted'))
}

function lastOf({ progress }: CommandRecord): string | undefined {
  return progress.at(-1)?.status
}

function hasEnded(command: CommandRecord): boolean {
  return ends.has(lastOf(command) ?? '')
}

/** That it booted with another firmware stands for an end that it has not told; now it tells. */
function withoutStandIn(command: CommandRecord): CommandRecord {
  return lastOf(command)?.startsWith(booted) === true ? { ...command, progress: command.progress.slice(0, -1) } : command
}
