// `kwota backup`: everything in a store that nobody serves, or in a running kwota, as one file.
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { measured, withoutReadings } from '../backups.ts'
import { ConfigError } from '../config.ts'
import { globalScope } from '../actors/global-scope.ts'
import { noCounts, writeBackup } from '../store/backup-file.ts'
import { writeWhole } from '../store/files.ts'
import type { Piece } from '../store/port.ts'
import { endingWith, placeOf, timeInName, type BackupIo, type PlaceFlags } from './backup-io.ts'
import { askBackup } from './backup-url.ts'
import { Ended } from './endings.ts'
import { createProgress } from './progress.ts'

export interface BackupFlags extends PlaceFlags {
  readonly url?: string
  readonly withoutHistory?: boolean
  readonly json?: boolean
}

const whenInUse = 'Ask the running one: kwota backup --url http://127.0.0.1:8080, with a key of the scope admin in KWOTA_API_KEY.'

interface Written { readonly file: string; readonly scopes: number; readonly records: number; readonly seriesEntries: number; readonly bytes: number; readonly sha256: string }

/** Rejects with ConfigError or Ended. */
export function backup(file: string | undefined, flags: BackupFlags, io: BackupIo): Promise<void> {
  return endingWith(async () => {
    if (flags.url !== undefined && (flags.dataDir ?? flags.redisUrl ?? flags.config) !== undefined) throw new ConfigError([{ where: 'kwota backup', problem: 'was given several places to read', fix: 'name one: --url, --redis-url or --data-dir' }])
    tell(flags.url === undefined ? await fromStore(file, flags, io) : await fromRunning(file, flags.url, flags, io), flags, io)
  }, whenInUse)
}

async function fromStore(file: string | undefined, flags: BackupFlags, io: BackupIo): Promise<Written> {
  const place = placeOf(flags, io)
  const store = await io.stores.openToDump(place)
  try {
    const name = file ?? `kwota-${await siteIn(store.dump({ withoutSeries: true })) ?? hostname()}-${timeInName(io.clock)}.kwota-backup.gz`
    const counts = noCounts()
    const progress = createProgress({ clock: io.clock, stderr: io.stderr, name: 'backup' })
    const kind = place.redisUrl === null ? 'embedded' as const : 'redis' as const
    const pieces = flags.withoutHistory === true ? withoutReadings(store.dump()) : store.dump()
    const header = { version: io.version, madeAt: new Date(io.clock.wall()).toISOString(), store: kind, instant: kind === 'redis' ? 'scope' as const : 'store' as const, series: flags.withoutHistory !== true }
    const { content, measure } = measured(writeBackup(header, seen(pieces, () => progress(() => `${counts.records} records, ${counts.entries} entries of series`)), counts))
    await writeTo(name, content, io)
    return { file: name, scopes: counts.scopes, records: counts.records, seriesEntries: counts.entries, ...measure() }
  } finally {
    await store.close()
  }
}

async function fromRunning(file: string | undefined, url: string, { withoutHistory = false }: BackupFlags, io: BackupIo): Promise<Written> {
  const asked = await askBackup(url, withoutHistory, io)
  try {
    const { view } = asked
    const name = file ?? `kwota-${new URL(url).hostname.replace(/[^\w.-]/g, '')}-${timeInName(io.clock)}.kwota-backup.gz`
    const progress = createProgress({ clock: io.clock, stderr: io.stderr, name: 'backup' })
    const { content, measure } = measured(await asked.content())
    let bytes = 0
    await writeTo(name, checked((async function* () {
      for await (const chunk of content) {
        bytes += chunk.length
        progress(() => `${bytes} of ${view.bytes} bytes`)
        yield chunk
      }
    })(), () => measure().sha256 === view.sha256), io)
    return { file: name, scopes: view.scopes, records: view.records, seriesEntries: view.seriesEntries, bytes: view.bytes, sha256: view.sha256 }
  } finally {
    await asked.forget()
  }
}

/** Fails behind the last byte when they are not what they should be, so that no file is left. */
async function* checked(content: AsyncIterable<Uint8Array>, asItShouldBe: () => boolean): AsyncGenerator<Uint8Array> {
  yield* content
  if (!asItShouldBe()) throw new Ended(1, 'What arrived is not what was sent: its SHA-256 is another one. Try again.')
}

async function* seen<T>(pieces: AsyncIterable<T>, see: () => void): AsyncGenerator<T> {
  for await (const piece of pieces) {
    see()
    yield piece
  }
}

/** The only site, if there is just one. */
async function siteIn(pieces: AsyncIterable<Piece>): Promise<string | undefined> {
  const sites = new Set<string>()
  for await (const piece of pieces) if (piece.type === 'scope' && piece.scope !== globalScope) sites.add(piece.scope)
  const [only] = sites
  return sites.size === 1 && only !== undefined && /^[\w.-]+$/.test(only) ? only : undefined
}

async function writeTo(name: string, content: AsyncIterable<Uint8Array>, { stdout, cwd }: BackupIo): Promise<void> {
  if (name !== '-') {
    return writeWhole(resolve(cwd, name), content).catch((error: unknown) => {
      throw error instanceof Error && 'code' in error && typeof error.code === 'string' && 'path' in error ? new Ended(1, `${name} cannot be written (${error.code}).`) : error
    })
  }
  for await (const chunk of content) if (!stdout.write(chunk)) await new Promise<void>((then) => { stdout.once('drain', then) })
}

function tell(written: Written, { json }: BackupFlags, { stdout, stderr }: BackupIo): void {
  const { file, scopes, records, seriesEntries, bytes, sha256 } = written
  const text = json === true ? `${JSON.stringify(written)}\n` : `${file === '-' ? 'Written' : file}: ${scopes} scopes, ${records} records, ${seriesEntries} series entries, ${bytes} bytes, SHA-256 ${sha256}\n`
  if (file === '-') stderr.write(text)
  else stdout.write(text)
}
