// How the configuration of a charge point is shown: what it has, what it is to have, and what a standard key means.
import { standardKey } from '../protocol/messages/configuration-keys.ts'
import { isSecretName } from '../secret-names.ts'
import type { KeyStatus } from './configuration-desk.ts'
import { missingInWords, partOf, standingOf, type Configuration, type Wanted } from './configuration-record.ts'

/** `Queued` = it is to get it when it is there. */
export type ShownStatus = KeyStatus | 'Queued'

export interface ConfigurationKeyView {
  readonly key: string
  /** Null when it is not known, or never shown. */
  readonly value: string | null
  /** Null when it is not known. */
  readonly readonly: boolean | null
  /** When the charge point said so. */
  readonly at: string | null
  readonly desired?: string
  /** What became of the desired value, or of the last change that was asked for. */
  readonly status?: ShownStatus
  /** What is missing of a list that it takes in part. */
  readonly reason?: string
  readonly standard: { readonly type: 'bool' | 'int' | 'csl' | 'string'; readonly access: 'R' | 'RW' | 'W'; readonly unit?: string; readonly description: string } | null
}

export interface ConfigurationView {
  readonly clientID: string
  /** When all of them were read last. */
  readonly refreshedAt: string | null
  /** By name. */
  readonly keys: readonly ConfigurationKeyView[]
  readonly unknownKeys: readonly string[]
}

/** `names` = only these, however they are spelt. */
export function viewConfiguration(clientID: string, record: Configuration, wanted: Wanted, options: { readonly firmware: string | null; readonly names?: readonly string[] | undefined }): ConfigurationView {
  const asked = options.names === undefined ? null : new Set(options.names.map((name) => name.toLowerCase()))
  const names = [...new Set([...Object.keys(record.keys), ...wanted.keys()])].filter((name) => asked?.has(name) !== false)
  const keys = names.map((name) => viewKey(record, name, wanted, options.firmware)).toSorted((a, b) => (a.key.toLowerCase() < b.key.toLowerCase() ? -1 : 1))
  const unknown = Object.entries(record.unknown).filter(([name]) => asked?.has(name) !== false).map(([, { key }]) => key)
  return { clientID, refreshedAt: isoOrNull(record.refreshedAtMs), keys, unknownKeys: unknown.toSorted() }
}

function viewKey(record: Configuration, name: string, wanted: Wanted, firmware: string | null): ConfigurationKeyView {
  const known = record.keys[name]
  const desired = wanted.get(name)
  const standard = standardKey(name)
  const status = statusOf(record, name, wanted, firmware)
  const part = desired === undefined ? null : partOf(record, desired, firmware)
  const reason = part === null ? null : missingInWords(part)
  return {
    key: known?.key ?? standard?.name ?? desired?.key ?? name,
    value: known?.value ?? null, readonly: known?.readonly ?? null, at: isoOrNull(known?.atMs ?? null),
    ...(desired === undefined ? {} : { desired: isSecretName(known?.key ?? '') || isSecretName(desired.key) ? '…' : desired.value }),
    ...(status === undefined ? {} : { status }),
    ...(reason === null ? {} : { reason }),
    standard: standard === undefined ? null : {
      type: standard.type, access: standard.access, ...(standard.unit === undefined ? {} : { unit: standard.unit }), description: standard.description,
    },
  }
}

function statusOf(record: Configuration, name: string, wanted: Wanted, firmware: string | null): ShownStatus | undefined {
  const desired = wanted.get(name)
  if (desired === undefined) return record.rebooting[name] === undefined ? record.refusals[name]?.status : 'RebootRequired'
  const standing = standingOf(record, desired, firmware)
  return standing === 'same' ? 'Accepted' : standing === 'open' ? 'Queued' : standing
}

function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
