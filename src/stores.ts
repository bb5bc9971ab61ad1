// Opens the store that the configuration names: to serve, to read, or to put a backup in its place.
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from './clock.ts'
import { ConfigError, type Config } from './config.ts'
import type { Log } from './log.ts'
import { BackupFault, writeBackup } from './store/backup-file.ts'
import { openBackupHistory } from './store/backup-history.ts'
import { openEmbeddedStore, StoreLocked } from './store/embedded.ts'
import { openFiles, writeWhole } from './store/files.ts'
import type { Store } from './store/port.ts'
import { openMark, type Mark } from './store/redis-mark.ts'
import { openRedisStore } from './store/redis.ts'
import { lookAt, openReplaceable, settleSwap, type Replaceable } from './store/swap.ts'

type Place = Pick<Config, 'dataDir' | 'redisUrl'>

/** Restoring takes longer than a write of a site may. */
const patientMs = 10_000

export interface Stores {
  /** Rejects with StoreLocked while another process has it. */
  openEmbedded(place: Pick<Place, 'dataDir'>): Promise<Store>
  /** Beside the Redis, not in it. */
  openMark(place: Pick<Place, 'dataDir'>, log: Log): Promise<Mark>
  /** A data directory, redis://… or a backup, to read only; rejects with ConfigError when there is nothing, or when a running kwota holds it. */
  openHistory(source: string, whenInUse?: string): Promise<Store>
  /** To read all of it while no kwota runs on it. Rejects with ConfigError when there is nothing, with StoreLocked or StoreOwned when one does. */
  openToDump(place: Place): Promise<Pick<Store, 'dump' | 'close'>>
  /** As openToDump, and nothing of it changes; null when there is nothing. */
  openToLook(place: Place): Promise<Pick<Store, 'dump' | 'close'> | null>
  /** To put something in its place. `keepIn` = the directory for what was in a Redis, `at` = in names. */
  openToReplace(place: Place, keepIn: string, at: string): Promise<Replaceable>
}

export function createStores({ clock, version }: { readonly clock: Clock; readonly version: string }): Stores {
  async function openFreeRedis(url: string) {
    const store = await openRedisStore({ url, clock, commandTimeoutMs: patientMs })
    try {
      await store.restoring.demandFree()
      return store
    } catch (error) {
      await store.close()
      throw error
    }
  }

  async function openReplaceableRedis(url: string, keepIn: string, at: string): Promise<Replaceable> {
    const store = await openFreeRedis(url)
    const cutOff = await store.restoring.noted()
    return {
      dump: (given) => store.dump(given),
      cutOff,
      async replace(pieces, noted) {
        await store.restoring.begin(noted)
        let kept: string | null = null
        try {
          // Once more: whoever has taken something before the mark is seen now, whoever comes after it sees the mark.
          await store.restoring.demandFree()
          // What a restore that was cut off has left is not worth keeping, and what was there before it is kept already.
          if (cutOff === null && (await store.scopes()).length > 0) {
            kept = join(keepIn, `kwota-before-restore-${at}.kwota-backup.gz`)
            await writeWhole(kept, writeBackup({ version, madeAt: noted.at, store: 'redis', instant: 'scope', series: true }, store.dump()))
          }
        } catch (error) {
          if (cutOff === null) await store.restoring.end()
          throw error
        }
        await store.clear()
        await store.load(pieces)
        await store.restoring.end()
        return kept
      },
      close: () => store.close(),
    }
  }

  return {
    async openEmbedded({ dataDir }) {
      mkdirSync(dataDir, { recursive: true })
      await settleSwap(dataDir)
      return openEmbeddedStore({ dataDir, clock })
    },
    openMark: ({ dataDir }, log) => openMark({ files: openFiles(dataDir), clock, onFailure: (error) => log.warn({ error, dataDir }, 'how far Redis has come cannot be kept beside it: after a restart nobody will know that it came back older') }),
    async openHistory(source, whenInUse = 'stop that one, or copy the directory and name the copy') {
      if (/^rediss?:\/\//.test(source)) return openRedisStore({ url: source, clock })
      if (statSync(source, { throwIfNoEntry: false })?.isFile() === true) {
        return openBackupHistory(source, clock).catch((error: unknown) => {
          throw error instanceof BackupFault ? new ConfigError([{ where: source, problem: error.message, fix: 'name a file that kwota backup has written' }]) : error
        })
      }
      if (!existsSync(join(source, 'store'))) throw nothingIn(source)
      return openEmbeddedStore({ dataDir: source, clock }).catch((error: unknown) => {
        throw error instanceof StoreLocked ? new ConfigError([{ where: source, problem: 'is in use by a running kwota', fix: whenInUse }]) : error
      })
    },
    async openToDump({ dataDir, redisUrl }) {
      if (redisUrl !== null) {
        const store = await openFreeRedis(redisUrl)
        await store.restoring.demandWhole().catch(async (error: unknown) => {
          await store.close()
          throw error
        })
        return store
      }
      if (existsSync(dataDir)) await settleSwap(dataDir)
      if (!existsSync(join(dataDir, 'store'))) throw nothingIn(dataDir)
      return openEmbeddedStore({ dataDir, clock })
    },
    openToLook: ({ dataDir, redisUrl }) => (redisUrl === null ? lookAt({ dataDir, clock }) : openFreeRedis(redisUrl)),
    openToReplace: ({ dataDir, redisUrl }, keepIn, at) => (redisUrl === null ? openReplaceable({ dataDir, clock, at }) : openReplaceableRedis(redisUrl, keepIn, at)),
  }
}

function nothingIn(where: string): ConfigError {
  return new ConfigError([{ where, problem: 'holds no data of kwota', fix: 'name its data directory (--data-dir, ./data), or redis://…' }])
}
