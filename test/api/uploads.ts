// Two uploaded files of CP1 for the walk to find, and one that has gone from the disk.
import type { Directory } from '../../src/actors/directory.ts'
import { uploadsKey, type UploadedFile } from '../../src/actors/uploads-record.ts'

export const content = 'what happened\n'

export async function makeUploads({ estate }: Directory): Promise<void> {
  const file = (id: string, fileName: string, kind: UploadedFile['kind'], hour: number): UploadedFile => ({
    id, fileName, kind, bytes: Buffer.byteLength(content), contentType: 'text/html', commandId: 'cmd_1', uploadedAtMs: Date.UTC(2026, 10, 22, hour), sha256: 'c0ffee'.padEnd(64, '0'),
  })
  const files = [file('file_lost', 'lost.txt', 'diagnostics', 11), file('file_2', 'sécurité "1";\u202ftxt.log', 'log', 10), file('file_1', 'diag.txt', 'diagnostics', 9)]
  for (const { id } of files.slice(1)) await estate.options.uploads?.files.write(id, (async function* () { yield Buffer.from(content) })())
  estate.sites.get('main')?.scope.put(uploadsKey('CP1'), { v: 1, addresses: [], files })
}
