// Files on disk: each written whole or not at all, in one directory of their own.
import { createReadStream } from 'node:fs'
import { access, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** One contract test (test/store/files-contract.ts) holds for every implementation. Names are up to 64 letters, digits, - and _. */
export interface Files {
  /** Durable when it resolves; when the content or the disk fails it rejects with that error and leaves nothing. Replaces a file of that name. */
  write(name: string, content: AsyncIterable<Uint8Array>): Promise<void>
  /** Null when there is no such file. */
  read(name: string): Promise<AsyncIterable<Uint8Array> | null>
  /** No such file is as good as removed. */
  remove(name: string): Promise<void>
  /** The names of all whole files; what a crash left half-written is removed on the way. Call it while nothing is written, or pass the names that are. */
  list(underWay?: ReadonlySet<string>): Promise<readonly string[]>
}

const part = '.part'

/** The directory is made with the first file, so that whoever keeps none needs none. */
export function openFiles(directory: string): Files {
  const pathOf = (name: string): string => join(directory, checkFileName(name))

  return {
    async write(name, content) {
      const path = pathOf(name)
      await mkdir(directory, { recursive: true, mode: 0o700 })
      await writeWhole(path, content)
    },
    async read(name) {
      const path = pathOf(name)
      try {
        await access(path)
      } catch (error) {
        if (isMissing(error)) return null
        throw error
      }
      // Opened when somebody reads, so that whoever does not leaves nothing open.
      return (async function* () { yield* createReadStream(path) })()
    },
    async remove(name) {
      await rm(pathOf(name), { force: true })
    },
    async list(underWay = new Set()) {
      const names = await readdir(directory).catch((error: unknown) => {
        if (isMissing(error)) return []
        throw error
      })
      const left = names.filter((name) => name.endsWith(part) && !underWay.has(name.slice(0, -part.length)))
      for (const name of left) await rm(join(directory, name), { force: true })
      return names.filter((name) => validName.test(name))
    },
  }
}

/** Only its owner may read it. Durable when it resolves; when the content or the disk fails it rejects with that error and leaves what was there before. */
export async function writeWhole(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(`${path}${part}`, 'w', 0o600)
  try {
    await file.chmod(0o600)
    for await (const chunk of content) await file.writeFile(chunk)
    await file.sync()
    await file.close()
    await rename(`${path}${part}`, path)
    await syncDirectory(dirname(path))
  } catch (error) {
    await file.close().catch(() => undefined)
    await rm(`${path}${part}`, { force: true })
    throw error
  }
}

const validName = /^[\w-]{1,64}$/

/** Throws for a name that could lead elsewhere. */
export function checkFileName(name: string): string {
  if (!validName.test(name)) throw new RangeError(`${JSON.stringify(name)} is no name for a file here`)
  return name
}

/** A renamed file is durable only with its directory. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
