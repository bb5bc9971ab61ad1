// `kwota restore`: a backup in the place of what a store holds, or what that would come to.
import { createReadStream } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ConfigError } from '../config.ts'
import { BackupFault, readBackup, type BackupHeader, type OpenBackup } from '../store/backup-file.ts'
import { StoreUnavailable } from '../store/port.ts'
import { epochsIn, restoredPieces } from '../store/restored.ts'
import { endingWith, placeOf, timeInName, type BackupIo, type PlaceFlags } from './backup-io.ts'
import { tallyOf, type Tally } from './backup-tally.ts'
import { Ended } from './endings.ts'
import { createProgress } from './progress.ts'

export interface RestoreFlags extends PlaceFlags { readonly dryRun?: boolean; readonly force?: boolean; readonly json?: boolean }

const whenInUse = 'Stop it, restore, and start it again.'

interface Report { readonly dryRun: boolean; readonly file: string; readonly into: string; readonly madeAt: string; readonly kwotaVersion: string; readonly withoutHistory: boolean; readonly now: Tally; readonly inBackup: Tally; readonly kept: string | null }

/** Rejects with ConfigError or Ended. */
export function restore(file: string, flags: RestoreFlags, io: BackupIo): Promise<void> {
  return endingWith(async () => {
    const place = placeOf(flags, io)
    const path = resolve(io.cwd, file)
    const progress = createProgress({ clock: io.clock, stderr: io.stderr, name: 'restore' })
    const { header, inBackup } = await check(path, progress)
    const report = { file, into: place.name, madeAt: header.madeAt, kwotaVersion: header.version, withoutHistory: !header.series, inBackup }
    if (flags.dryRun === true) {
      const look = await io.stores.openToLook(place)
      try {
        const now = await tallyOf(look?.dump() ?? nothing())
        tell({ ...report, dryRun: true, now, kept: null }, flags, io)
      } finally {
        await look?.close()
      }
      return
    }
    const at = new Date(io.clock.wall()).toISOString()
    const store = await io.stores.openToReplace(place, dirname(path), timeInName(io.clock))
    try {
      const now = await tallyOf(store.dump())
      const stood = await epochsIn(store.dump({ withoutSeries: true }))
      if (stood.size > 0 && store.cutOff === null && flags.force !== true) throw new Ended(5, `${place.name} holds data of kwota.`, 'See with --dry-run what would be lost, and say --force to put the backup in its place.')
      for (const [scope, epoch] of Object.entries(store.cutOff?.epochs ?? {})) stood.set(scope, Math.max(epoch, stood.get(scope) ?? 0))
      const { pieces, counts } = await open(path)
      const kept = await store.replace(restoredPieces(watched(pieces, () => progress(() => `${counts.records} of ${inBackup.records} records, ${counts.entries} of ${inBackup.seriesEntries} entries of series`)), { epochs: stood, madeAt: header.madeAt, at }), { at, epochs: Object.fromEntries(stood) })
      tell({ ...report, dryRun: false, now, kept }, flags, io)
    } catch (error) {
      if (error instanceof StoreUnavailable || error instanceof BackupFault) throw new Ended(1, `The backup could not be restored: ${error.message}.`, 'Run it once more.')
      throw error
    } finally {
      await store.close()
    }
  }, whenInUse)
}

/** All of it, so that nothing is begun with a file that is not whole. */
async function check(path: string, progress: (words: () => string) => void): Promise<{ readonly header: BackupHeader; readonly inBackup: Tally }> {
  const { header, pieces, counts } = await open(path)
  const seen = () => progress(() => `${counts.records} records and ${counts.entries} entries of series of the file were read`)
  return { header, inBackup: await tallyOf(pieces, seen).catch((error: unknown) => { throw inFile(path, error) }) }
}

async function open(path: string): Promise<OpenBackup> {
  return readBackup(bytesOf(path)).catch((error: unknown) => { throw inFile(path, error) })
}

function inFile(path: string, error: unknown): unknown {
  return error instanceof BackupFault ? new BackupFault(`${path}: ${error.message}`) : error
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Uint8Array
  } catch (error) {
    throw new ConfigError([{ where: path, problem: `cannot be read (${error instanceof Error ? error.message : String(error)})`, fix: 'name a file that kwota backup has written' }])
  }
}

async function* watched<T>(pieces: AsyncIterable<T>, see: () => void): AsyncGenerator<T> {
  for await (const piece of pieces) {
    see()
    yield piece
  }
}

async function* nothing(): AsyncGenerator<never> {}

function tell(report: Report, { json }: RestoreFlags, { stdout }: BackupIo): void {
  stdout.write(json === true ? `${JSON.stringify(report)}\n` : inWords(report))
}

const rows: readonly (readonly [name: string, of: (tally: Tally) => number | string])[] = [
  ['sites', ({ sites }) => sites], ['charge points', ({ chargePoints }) => chargePoints],
  ['transactions running', ({ transactions }) => transactions.running], ['transactions ended', ({ transactions }) => transactions.ended],
  ['limits', ({ limits }) => limits], ['reservations', ({ reservations }) => reservations],
  ['records', ({ records }) => records], ['series entries', ({ seriesEntries }) => seriesEntries],
  ['newest record', ({ newestAt }) => newestAt ?? '–'],
]

function inWords({ dryRun, file, into, madeAt, kwotaVersion, withoutHistory, now, inBackup, kept }: Report): string {
  const table = rows.map(([name, of]) => `  ${name.padEnd(22)}${String(of(now)).padEnd(26)}${String(of(inBackup))}`)
  const lines = [
    `The backup ${file} of ${madeAt}, made by kwota ${kwotaVersion}${withoutHistory ? ' without history' : ''}, ${dryRun ? 'would replace' : 'has replaced'} what ${into} ${dryRun ? 'holds' : 'held'}:`,
    `  ${''.padEnd(22)}${(dryRun ? 'now' : 'before').padEnd(26)}${dryRun ? 'then' : 'now'}`, ...table,
    dryRun ? 'What came after the backup would be lost, and nothing was changed.' : kept === null ? 'There was nothing to keep.' : `What it held is kept as ${kept}.`,
    dryRun ? '' : 'At the next start every site holds its failsafe limit until a grid limit is set.',
  ]
  return `${lines.filter((line) => line !== '').join('\n')}\n`
}
