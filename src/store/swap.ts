// Puts a whole new embedded store in the place of the one that is there; what was cut off in the middle, the next start finishes or undoes.
import { cp, mkdir, mkdtemp, rename, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { openEmbeddedStore } from './embedded.ts'
import { syncDirectory } from './files.ts'
import { openLevel, StoreLocked } from './level.ts'
import type { Piece, Store } from './port.ts'

/** A store that may be replaced by another, and that nobody else writes to until it is closed. */
export interface Replaceable {
  dump: Store['dump']
  /** A restore that was cut off: what it noted. Null where there was none, or it has left nothing. */
  readonly cutOff: CutOff | null
  /** Everything that is there gives way to the pieces, or (embedded) nothing does when they fail. Once. Answers where the old data lie, null where there were none to keep. */
  replace(pieces: AsyncIterable<Piece>, noted: CutOff): Promise<string | null>
  close(): Promise<void>
}

/** What has to be known when a restore that was cut off is done once more. */
export interface CutOff { readonly at: string; readonly epochs: Readonly<Record<string, number>> }

const asideName = 'restoring'
const holdName = 'held'

/**
 * For a start: a swap that was cut off between its two renames is finished, one that did not get so far is undone. Rejects with StoreLocked while
 * a restore is under way.
 */
export async function settleSwap(dataDir: string): Promise<void> {
  const aside = join(dataDir, asideName)
  if (!await isThere(aside)) return
  const release = await holdSwap(dataDir)
  try {
    if (!await isThere(join(dataDir, 'store')) && await isThere(join(aside, 'store'))) await moveIn(dataDir)
    await rm(aside, { recursive: true, force: true })
  } finally {
    await release()
  }
}

/** Rejects with StoreLocked while another process has the data, or restores into them. `at` = names what is put aside, as in 20261123T193000Z. */
export async function openReplaceable(options: { readonly dataDir: string; readonly clock: Clock; readonly at: string }): Promise<Replaceable> {
  const { dataDir, clock, at } = options
  await mkdir(dataDir, { recursive: true })
  await settleSwap(dataDir)
  const old = await openEmbeddedStore({ dataDir, clock })
  let closed = false
  const close = async (): Promise<void> => {
    if (!closed) await old.close()
    closed = true
  }

  async function replace(pieces: AsyncIterable<Piece>): Promise<string | null> {
    const aside = join(dataDir, asideName)
    const holdsData = (await old.scopes()).length > 0
    const release = await holdSwap(dataDir)
    const kept = join(dataDir, `store.before-restore-${at}`)
    let done = false
    try {
      const next = await openEmbeddedStore({ dataDir: aside, clock })
      try {
        await next.load(pieces)
      } finally {
        await next.close()
      }
      await close()
      await rename(join(dataDir, 'store'), kept)
      await moveIn(dataDir)
      done = true
    } finally {
      if (done || await isThere(join(dataDir, 'store'))) await rm(aside, { recursive: true, force: true })
      await release()
    }
    if (holdsData) return kept
    await rm(kept, { recursive: true })
    return null
  }
  return { dump: (given) => old.dump(given), cutOff: null, replace, close }
}

/** To read only, on a copy: not a byte of the directory changes. Rejects with StoreLocked while another process has the data; null where there are none. */
export async function lookAt({ dataDir, clock }: { readonly dataDir: string; readonly clock: Clock }): Promise<Pick<Replaceable, 'dump' | 'close'> | null> {
  const location = join(dataDir, 'store')
  if (!await isThere(location)) return null
  const place = await mkdtemp(join(tmpdir(), 'kwota-look-'))
  const drop = (): Promise<void> => rm(place, { recursive: true, force: true })
  try {
    // The lock of the original, without opening it: that would write.
    await mkdir(join(place, holdName, 'store'), { recursive: true })
    await symlink(join(location, 'LOCK'), join(place, holdName, 'store', 'LOCK'))
    const hold = await openLevel(join(place, holdName)).catch((error: unknown) => { throw error instanceof StoreLocked ? inUse(location, error) : error })
    try {
      await cp(location, join(place, 'store'), { recursive: true, filter: (path) => path !== join(location, 'LOCK') })
    } finally {
      await hold.close()
    }
    const copy = await openEmbeddedStore({ dataDir: place, clock })
    return {
      dump: (given) => copy.dump(given),
      async close() {
        await copy.close()
        await drop()
      },
    }
  } catch (error) {
    await drop()
    throw error
  }
}

async function moveIn(dataDir: string): Promise<void> {
  await syncDirectory(dataDir)
  await rename(join(dataDir, asideName, 'store'), join(dataDir, 'store'))
  await syncDirectory(dataDir)
}

/** Keeps starts and other restores out for as long as this process lives. */
async function holdSwap(dataDir: string): Promise<() => Promise<void>> {
  const place = join(dataDir, asideName, holdName)
  await mkdir(place, { recursive: true })
  const hold = await openLevel(place).catch((error: unknown) => {
    throw error instanceof StoreLocked ? new StoreLocked(`A backup is being restored into ${dataDir}. Wait for that to end.`, { cause: error }) : error
  })
  return () => hold.close()
}

function inUse(location: string, cause: unknown): StoreLocked {
  return new StoreLocked(`${location} is in use by another kwota. Stop that one first.`, { cause })
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}
