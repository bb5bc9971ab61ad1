// The backups that a running kwota makes of itself and keeps beside its data: one at a time, the newest ten.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { transactionSeries, idSeries, startSeries } from './actors/archive.ts'
import { auditSeries } from './actors/audit-stored.ts'
import { Refusal } from './actors/house.ts'
import type { Clock } from './clock.ts'
import { noCounts, writeBackup, type BackupHeader } from './store/backup-file.ts'
import type { Files } from './store/files.ts'
import { StoreUnavailable, type Piece, type Store } from './store/port.ts'

const viewSchema = z.object({
  id: z.string(), madeAt: z.string(),
  /** Of the file, as its SHA-256 is. */
  bytes: z.int(), sha256: z.string(),
  kwotaVersion: z.string(), withoutHistory: z.boolean(),
  scopes: z.int(), records: z.int(), seriesEntries: z.int(),
})
export type BackupView = z.output<typeof viewSchema>

export interface Backups {
  /** Refused (conflict, `backup-under-way`) while another is being made, and with store-down. */
  make(options: { readonly withoutHistory: boolean }): Promise<BackupView>
  /** Newest first. */
  list(): Promise<readonly BackupView[]>
  /** Refused (not-found, `unknown-backup`). */
  get(id: string): Promise<BackupView>
  open(id: string): Promise<{ readonly view: BackupView; readonly content: AsyncIterable<Uint8Array> }>
  remove(id: string): Promise<void>
}

export interface BackupsOptions {
  readonly store: Pick<Store, 'dump'>
  readonly kind: BackupHeader['store']
  readonly files: Files
  readonly clock: Clock
  readonly version: string
  readonly newId: () => string
}

/** The oldest goes before one more comes. */
export const mostBackups = 10

/** Beside its content, so that nobody has to read that to know what it is. */
const viewEnding = '-view'

export function createBackups({ store, kind, files, clock, version, newId }: BackupsOptions): Backups {
  let making: string | null = null

  async function list(): Promise<BackupView[]> {
    const names = await files.list(new Set(making === null ? [] : [making, making + viewEnding]))
    const views: BackupView[] = []
    for (const name of names) {
      const id = name.slice(0, -viewEnding.length)
      if (name.endsWith(viewEnding) && names.includes(id)) views.push(...await viewIn(name))
    }
    return views.sort((a, b) => (a.madeAt === b.madeAt ? 0 : a.madeAt < b.madeAt ? 1 : -1))
  }

  async function viewIn(name: string): Promise<BackupView[]> {
    const chunks: Uint8Array[] = []
    for await (const chunk of await files.read(name) ?? []) chunks.push(chunk)
    try {
      return [viewSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')))]
    } catch {
      return []
    }
  }

  async function get(id: string): Promise<BackupView> {
    const found = (await list()).find((view) => view.id === id)
    if (found === undefined) throw unknownBackup(id)
    return found
  }

  async function remove(id: string): Promise<void> {
    await files.remove(id)
    await files.remove(id + viewEnding)
  }

  async function write(id: string, withoutHistory: boolean): Promise<BackupView> {
    const madeAt = new Date(clock.wall()).toISOString()
    const counts = noCounts()
    const bytes = measured(writeBackup({ version, madeAt, store: kind, instant: kind === 'redis' ? 'scope' : 'store', series: !withoutHistory }, withoutHistory ? withoutReadings(store.dump()) : store.dump(), counts))
    try {
      await files.write(id, bytes.content)
      const view: BackupView = { id, madeAt, ...bytes.measure(), kwotaVersion: version, withoutHistory, scopes: counts.scopes, records: counts.records, seriesEntries: counts.entries }
      await files.write(id + viewEnding, (async function* () { yield Buffer.from(JSON.stringify(view)) })())
      return view
    } catch (error) {
      await remove(id).catch(() => undefined)
      if (error instanceof StoreUnavailable) throw new Refusal('store-down', 'store-down', `The backup could not be made: ${error.message}.`)
      throw error
    }
  }

  return {
    list,
    get,
    async make({ withoutHistory }) {
      if (making !== null) throw new Refusal('conflict', 'backup-under-way', 'A backup is being made already.', { hint: 'Wait for it to end; GET /api/v1/backups lists it then.' })
      const id = making = `backup_${newId()}`
      try {
        const whole = await list()
        // What a kill has left without its view.
        for (const name of await files.list()) if (!whole.some((view) => name === view.id || name === view.id + viewEnding)) await files.remove(name)
        for (const { id: old } of whole.slice(mostBackups - 1)) await remove(old)
        return await write(id, withoutHistory)
      } finally {
        making = null
      }
    },
    async open(id) {
      const view = await get(id)
      const content = await files.read(id)
      if (content === null) throw unknownBackup(id)
      return { view, content }
    },
    async remove(id) {
      await get(id)
      await remove(id)
    },
  }
}

/** What must not be lost stays: ended transactions and the audit log. */
const alwaysKept: ReadonlySet<string> = new Set([transactionSeries, idSeries, startSeries, auditSeries])

export async function* withoutReadings(pieces: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  for await (const piece of pieces) if (piece.type !== 'entry' || alwaysKept.has(piece.series)) yield piece
}

/** Counts bytes and takes their SHA-256 as they pass. */
export function measured(given: AsyncIterable<Uint8Array>): { readonly content: AsyncIterable<Uint8Array>; measure(): { readonly bytes: number; readonly sha256: string } } {
  const hash = createHash('sha256')
  let bytes = 0
  return {
    content: (async function* () {
      for await (const chunk of given) {
        hash.update(chunk)
        bytes += chunk.length
        yield chunk
      }
    })(),
    measure: () => ({ bytes, sha256: hash.digest('hex') }),
  }
}

function unknownBackup(id: string): Refusal {
  return new Refusal('not-found', 'unknown-backup', `There is no backup ${id}.`, { hint: 'GET /api/v1/backups lists those that are kept.' })
}
