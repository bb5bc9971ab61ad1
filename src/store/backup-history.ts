// What a backup holds, opened to be read like the store it was made of.
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { readBackup } from './backup-file.ts'
import { openEmbeddedStore } from './embedded.ts'
import type { Store } from './port.ts'

/** In a directory of its own that goes when it is closed. Rejects with BackupFault when the file is none, or is not whole. */
export async function openBackupHistory(path: string, clock: Clock): Promise<Store> {
  const dataDir = await mkdtemp(join(tmpdir(), 'kwota-replay-'))
  const drop = (): Promise<void> => rm(dataDir, { recursive: true, force: true })
  try {
    const { pieces } = await readBackup(bytesOf(path))
    const store = await openEmbeddedStore({ dataDir, clock })
    try {
      await store.load(pieces)
    } catch (error) {
      await store.close()
      throw error
    }
    const close = store.close.bind(store)
    return Object.assign(store, {
      async close() {
        await close()
        await drop()
      },
    })
  } catch (error) {
    await drop()
    throw error
  }
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path)) yield chunk as Uint8Array
}
