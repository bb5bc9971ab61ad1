// Files in memory, for tests: the same contract as on disk, and a disk that can be full.
import { checkFileName, type Files } from '../../src/store/files.ts'

export interface MemoryFiles extends Files {
  /** Writes fail with it while it is set. */
  trouble: Error | null
}

export function createMemoryFiles(): MemoryFiles {
  const held = new Map<string, Uint8Array>()
  const files: MemoryFiles = {
    trouble: null,
    async write(name, content) {
      checkFileName(name)
      const chunks: Uint8Array[] = []
      for await (const chunk of content) {
        if (files.trouble !== null) throw files.trouble
        chunks.push(chunk.slice())
      }
      held.set(name, Buffer.concat(chunks))
    },
    async read(name) {
      const bytes = held.get(checkFileName(name))
      return bytes === undefined ? null : (async function* () { yield bytes })()
    },
    async remove(name) {
      held.delete(checkFileName(name))
    },
    list: async () => [...held.keys()],
  }
  return files
}
