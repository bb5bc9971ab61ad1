// What kwota backup and kwota restore share: their ports, the place they speak of, and how they end.
import { readFileSync } from 'node:fs'
import type { Clock } from '../clock.ts'
import { loadConfig, type Config } from '../config.ts'
import { BackupFault } from '../store/backup-file.ts'
import { ownerInWords, StoreOwned } from '../store/port.ts'
import type { Stores } from '../stores.ts'
import { Ended } from './endings.ts'

export interface BackupIo {
  readonly stdout: { write(content: string | Uint8Array): boolean; once(event: 'drain', then: () => void): unknown }
  readonly stderr: { write(text: string): unknown }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly clock: Clock
  readonly stores: Pick<Stores, 'openToDump' | 'openToLook' | 'openToReplace'>
  readonly version: string
}

export interface PlaceFlags { readonly dataDir?: string; readonly config?: string; readonly redisUrl?: string }

/** As `kwota serve` would find it. Throws ConfigError. */
export function placeOf({ dataDir, config, redisUrl }: PlaceFlags, { env, cwd }: Pick<BackupIo, 'env' | 'cwd'>): Pick<Config, 'dataDir' | 'redisUrl'> & { readonly name: string } {
  const flags = { ...(dataDir === undefined ? {} : { dataDir }), ...(config === undefined ? {} : { config }), ...(redisUrl === undefined ? {} : { redisUrl }) }
  const whole = loadConfig({ flags, env, readFile: (path) => readFileSync(path, 'utf8'), cwd })
  return { dataDir: whole.dataDir, redisUrl: whole.redisUrl, name: whole.redisUrl === null ? whole.dataDir : 'Redis' }
}

/** Rejects with Ended where the store says why it cannot; with other errors as they are. */
export async function endingWith(act: () => Promise<void>, whenInUse: string): Promise<void> {
  try {
    await act()
  } catch (error) {
    throw asEnded(error, whenInUse) ?? error
  }
}

function asEnded(error: unknown, whenInUse: string): Ended | null {
  if (error instanceof BackupFault) return new Ended(1, `${error.message}. Nothing was changed.`)
  if (error instanceof StoreOwned) return new Ended(5, `This Redis is in use by ${ownerInWords(error.owner)}.`, whenInUse)
  if (error instanceof Error && error.name === 'StoreLocked') return new Ended(5, error.message, whenInUse)
  return null
}

/** 20261123T193000Z. */
export function timeInName(clock: Clock): string {
  return new Date(clock.wall()).toISOString().replace(/[-:]|\.\d+/g, '')
}
