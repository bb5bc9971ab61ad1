// Opens the directory of the embedded store and says clearly why it cannot.
import { mkdir, open } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { asUnavailable } from './batch.ts'

export type Level = ClassicLevel<string, string>

/** Another process, or another handle of this one, has the data open. */
export class StoreLocked extends Error {
  override readonly name = 'StoreLocked'
}

/** Opens (and creates) `<dataDir>/store`. Rejects with StoreLocked or StoreUnavailable, both naming the directory. */
export async function openLevel(dataDir: string): Promise<Level> {
  const location = join(resolve(dataDir), 'store')
  const level: Level = new ClassicLevel(location)
  try {
    await mkdir(location, { recursive: true })
    await syncDirectory(dirname(location))
    await level.open()
  } catch (error) {
    await level.close().catch(() => undefined)
    if (causes(error).some(cause => codeOf(cause) === 'LEVEL_LOCKED')) {
      throw new StoreLocked(`${location} is in use by another kwota. Stop that one, or start this one with another --data-dir.`, { cause: error })
    }
    throw asUnavailable(`cannot open ${location}`, error)
  }
  return level
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
