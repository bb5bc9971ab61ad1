// Opens the directory of the embedded store and says clearly why it cannot.
import { mkdir, open } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { asUnavailable } from './batch.ts'
import { faultOfLevel } from './level-check.ts'
import { StoreDamaged } from './port.ts'

export type Level = ClassicLevel<string, string>

/** Another process, or another handle of this one, has the data open. */
export class StoreLocked extends Error {
  override readonly name = 'StoreLocked'
}

/** Opens (and creates) `<dataDir>/store`. Rejects with StoreLocked, StoreUnavailable, or StoreDamaged before anything is written, all naming the directory. */
export function openLevel(dataDir: string): Promise<Level> {
  return openChecked(dataDir, { tables: true })
}

/** As openLevel, for who had it open a moment ago: tables, which are never written again, are not read through once more. */
export function reopenLevel(dataDir: string): Promise<Level> {
  return openChecked(dataDir, { tables: false })
}

async function openChecked(dataDir: string, what: { readonly tables: boolean }): Promise<Level> {
  const location = join(resolve(dataDir), 'store')
  // One that is made opens by itself.
  let level: Level | null = null
  try {
    await mkdir(location, { recursive: true })
    await syncDirectory(dirname(location))
    await refuseLocked(location)
    const fault = await faultOfLevel(location, what)
    if (fault !== null) throw damaged(location, fault)
    level = new ClassicLevel(location)
    await level.open()
    return level
  } catch (error) {
    await level?.close().catch(() => undefined)
    const codes = causes(error).map(codeOf)
    if (codes.includes('LEVEL_LOCKED')) {
      throw new StoreLocked(`${location} is in use by another kwota. Stop that one, or start this one with another --data-dir.`, { cause: error })
    }
    if (error instanceof StoreDamaged) throw error
    if (codes.includes('LEVEL_CORRUPTION')) throw damaged(location, causes(error).map(String).at(-1) ?? '')
    throw asUnavailable(`cannot open ${location}`, error)
  }
}

function damaged(location: string, what: string): StoreDamaged {
  return new StoreDamaged(`${location} is damaged: ${what}. Nothing in it was changed. Put a backup in its place with kwota restore FILE, or move the directory away and start with an empty one.`)
}

/** Somebody else's files change while they are looked over. It is opened in a way that never succeeds, and writes nothing. */
async function refuseLocked(location: string): Promise<void> {
  const probe: Level = new ClassicLevel(location, { createIfMissing: false, errorIfExists: true })
  await probe.open().catch((error: unknown) => {
    if (causes(error).some((cause) => codeOf(cause) === 'LEVEL_LOCKED')) throw error
  })
  await probe.close()
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function causes(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : []
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
