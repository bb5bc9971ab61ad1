// The pages as they were built: read once when first asked for, with their gzip, and nothing else of the disk.
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file of the pages. */
export interface PageFile {
  readonly type: string
  readonly plain: Buffer
  readonly gzip: Buffer
}

export interface Pages {
  /** The document at every address of a page; null where the pages were not built. */
  document(): Promise<PageFile | null>
  /** A file whose name holds the hash of its content; null for any other name. */
  asset(name: string): Promise<PageFile | null>
}

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }

/** Beside the compiled server; the same place seen from the sources. */
const builtAt = fileURLToPath(new URL('../../dist/web', import.meta.url))

/** The pages in `folder`, as `vite build` leaves them. */
export function createPages(folder = builtAt): Pages {
  let names: Promise<ReadonlySet<string>> | undefined
  const files = new Map<string, Promise<PageFile | null>>()

  function read(path: string): Promise<PageFile | null> {
    const known = files.get(path)
    if (known !== undefined) return known
    const file = load(join(folder, path))
    files.set(path, file)
    return file
  }
  return {
    document: () => read('index.html'),
    async asset(name) {
      names ??= readdir(join(folder, 'assets')).then((found) => new Set(found), () => new Set())
      return (await names).has(name) && types[extname(name)] !== undefined ? read(`assets/${name}`) : null
    },
  }
}

async function load(path: string): Promise<PageFile | null> {
  try {
    const [plain, gzip] = await Promise.all([readFile(path), readFile(`${path}.gz`)])
    return { type: types[extname(path)] ?? 'application/octet-stream', plain, gzip }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
