// `kwota audit verify` and `kwota audit export`: is the audit log whole, and a copy of it that shows later whether it still is.
import { createReadStream } from 'node:fs'
import { verifyChain } from '../actors/audit-chain.ts'
import type { AuditRecord } from '../actors/audit-record.ts'
import type { Clock } from '../clock.ts'
import { ConfigError } from '../config.ts'
import type { OpenHistory } from '../simulator/sessions/history.ts'
import { exportLines, fileSource, runningSource, storeSource, type AuditSource } from './audit-sources.ts'
import { openClient, type ClientTerminal } from './client.ts'
import { createProgress } from './progress.ts'

export interface AuditOptions {
  readonly dataDir?: string
  readonly redisUrl?: string
  readonly url?: string
  /** One JSON object on stdout. */
  readonly json?: boolean
  /** A hash that was written down: some entry must have it. */
  readonly contains?: string
}

export interface AuditIo {
  readonly stdout: { write(text: string): boolean; once(event: 'drain', then: () => void): unknown }
  readonly stderr: ClientTerminal['stderr']
  readonly stdin: AsyncIterable<Uint8Array>
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly openHistory: OpenHistory
}

/** Exit code: 0 it is whole, 1 it is not. Rejects with ConfigError or StoreUnavailable when there is nothing to read. */
export async function auditVerify(file: string | undefined, options: AuditOptions, io: AuditIo): Promise<0 | 1> {
  const progress = createProgress({ clock: io.clock, stderr: io.stderr, name: 'audit' })
  return reading(file, options, io, async ({ head, rows }) => {
    let seen = 0
    let found = false
    const verdict = await verifyChain(head, rows, ({ hash }: AuditRecord) => {
      seen++
      progress(() => `${seen} entries fit so far`)
      found ||= hash === options.contains
    })
    const lacks = verdict.ok && options.contains !== undefined && !found
    const ok = verdict.ok && !lacks
    if (options.json === true) io.stdout.write(`${JSON.stringify({ ...verdict, ok, ...(options.contains === undefined ? {} : { contains: found }) })}\n`)
    else if (verdict.fault !== null) io.stdout.write(`The audit log is not whole. Entry ${verdict.fault.sequence} ${wordsFor[verdict.fault.what]}: ${verdict.fault.detail}.\n${verdict.records} entries before it fit${verdict.hash === null ? '' : `; the newest of them has the hash ${verdict.hash}`}.\n`)
    else if (lacks) io.stdout.write(`The audit log is another one: each of its ${verdict.records} entries follows from the one before, and none has the hash ${options.contains}.\n`)
    else io.stdout.write(verdict.hash === null ? 'The audit log is whole: it has no entries yet.\n' : `The audit log is whole: ${verdict.records} entries, the newest has the hash ${verdict.hash}.\n`)
    return ok ? 0 : 1
  })
}

/** Exit code 0. Rejects as auditVerify does. */
export function auditExport(options: AuditOptions, io: AuditIo): Promise<0> {
  const progress = createProgress({ clock: io.clock, stderr: io.stderr, name: 'audit' })
  return reading(undefined, options, io, async (source) => {
    let written = 0
    for await (const line of exportLines(source)) {
      if (!io.stdout.write(line)) await new Promise<void>((resolve) => { io.stdout.once('drain', () => resolve()) })
      written++
      progress(() => `${written} lines written`)
    }
    return 0 as const
  })
}

const wordsFor = { altered: 'was altered', missing: 'is missing', 'cut-off': 'and what follows was cut off', reordered: 'is out of order' } as const

async function reading<T>(file: string | undefined, { dataDir, redisUrl, url }: AuditOptions, io: AuditIo, act: (source: AuditSource) => Promise<T>): Promise<T> {
  if ([file, dataDir, redisUrl, url].filter((one) => one !== undefined).length > 1) throw new ConfigError([{ where: 'kwota audit', problem: 'was given several places to read', fix: 'name one: a file, --data-dir, --redis-url or --url' }])
  if (file !== undefined) return act(await fileSource(file === '-' ? io.stdin : bytesOf(file)))
  if (url !== undefined) return act(await runningSource(openClient({ url }, io)))
  const store = await io.openHistory(redisUrl ?? dataDir ?? './data', 'ask it: --url http://127.0.0.1:8080, with a key of the scope admin in KWOTA_API_KEY')
  try {
    return await act(await storeSource(store))
  } finally {
    await store.close()
  }
}

async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(file)) yield chunk as Uint8Array
  } catch (error) {
    throw new ConfigError([{ where: file, problem: `cannot be read (${error instanceof Error ? error.message : String(error)})`, fix: 'name a file that kwota audit export has written' }])
  }
}
