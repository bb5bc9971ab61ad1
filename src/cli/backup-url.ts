// Has a running kwota make a backup of itself, over REST.
import { z } from 'zod'
import type { BackupIo } from './backup-io.ts'
import { openClient } from './client.ts'

const viewSchema = z.object({ id: z.string(), bytes: z.int(), sha256: z.string(), scopes: z.int(), records: z.int(), seriesEntries: z.int() })
/** It answers when the backup is made, which takes as long as there is data. */
const patienceS = 3_600

export interface AskedBackup {
  readonly view: z.output<typeof viewSchema>
  content(): Promise<AsyncIterable<Uint8Array>>
  /** It is not kept there. */
  forget(): Promise<void>
}

/** Rejects with Ended. */
export async function askBackup(url: string, withoutHistory: boolean, io: Pick<BackupIo, 'env' | 'cwd' | 'clock' | 'stderr'>): Promise<AskedBackup> {
  const client = openClient({ url }, io)
  const view = viewSchema.parse(await client.ask('POST', '/backups', { body: { withoutHistory }, timeoutS: patienceS }))
  return {
    view,
    content: () => client.open(`/backups/${view.id}/content`),
    forget: () => client.ask('DELETE', `/backups/${view.id}`),
  }
}
