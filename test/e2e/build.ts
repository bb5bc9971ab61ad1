// The product as it is shipped, compiled and bundled once for all test files of a run and kept apart from dist.
import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '../..')
const cache = join(root, 'node_modules/.cache')
const prefix = 'kwota-e2e-'
const keptMs = 3_600_000
const longestBuildMs = 120_000

/** The path of main.js, built from src as it is now; inside the project, so that its packages resolve. */
export async function buildProduct(): Promise<string> {
  const dir = join(cache, `${prefix}${await fingerprint()}`)
  const main = join(dir, 'dist/main.js')
  await mkdir(cache, { recursive: true })
  const lock = `${dir}.lock`
  for (const endMs = Date.now() + longestBuildMs; !existsSync(main);) {
    if (Date.now() > endMs) throw new Error(`another build does not end; remove ${lock}`)
    // Whoever makes the directory builds; the others wait for it.
    const mine = await mkdir(lock).then(() => true, () => false)
    if (!mine) await wait(200)
    else await compile(dir).finally(() => rm(lock, { recursive: true, force: true }))
  }
  await removeOld(dir)
  return main
}

async function compile(dir: string): Promise<void> {
  const draft = join(cache, `${prefix}${randomUUID()}`)
  await mkdir(draft)
  try {
    await cp(join(root, 'package.json'), join(draft, 'package.json'))
    await promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json'), '--outDir', join(draft, 'dist')])
    await promisify(execFile)(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--config', join(root, 'web/vite.config.ts'), '--outDir', join(draft, 'dist/web')], { env: { ...process.env, NODE_ENV: 'production' } })
    await rename(draft, dir)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : ''
    if (!existsSync(dir)) throw new Error(`the sources do not compile:\n${output}`, { cause: error })
  }
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256')
  const names = await Promise.all(['src', 'web'].map(async (folder) => (await readdir(join(root, folder), { recursive: true })).filter((name) => /\.(?:tsx?|css|html|svg)$/.test(name)).sort().map((name) => join(folder, name))))
  for (const name of [...names.flat(), 'test/e2e/build.ts', 'package.json', 'tsconfig.json', 'tsconfig.build.json']) hash.update(name).update(await readFile(join(root, name)))
  return hash.digest('hex').slice(0, 20)
}

async function removeOld(current: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name)
    if (!name.startsWith(prefix) || path === current) continue
    const age = await stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs, () => 0)
    if (age > keptMs) await rm(path, { recursive: true, force: true })
  }
}
