// A mutant: the compiled product with one rule broken, run in a process of its own, to see whether what checks the rule notices.
import { execFile } from 'node:child_process'
import { link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'

export interface Mutant {
  readonly id: string
  /** What of the rule is broken, in a few words. */
  readonly breaks: string
  /** Of the compiled product, from its root: `power/plan.js`. */
  readonly file: string
  /** Stands there exactly once. */
  readonly find: string
  readonly replace: string
}

const longestMs = 120_000
const longestOutput = 64 * 1024 * 1024

/** How often what a mutant replaces stands in the product; 1 is right. */
export async function placesOf({ file, find }: Mutant, main: string): Promise<number> {
  return (await readFile(join(dirname(main), file), 'utf8')).split(find).length - 1
}

/** The product with the rule broken, in a directory of its own beside the whole one: the same files by hard links, but for one. */
async function plant({ id, file, find, replace }: Mutant, main: string): Promise<string> {
  const whole = dirname(main)
  const text = await readFile(join(whole, file), 'utf8')
  if (text.split(find).length !== 2) throw new Error(`${id}: ${file} does not hold exactly once: ${find}`)
  const dir = await mkdtemp(join(whole, '..', `mutant-${id}-`))
  const dist = join(dir, 'dist')
  await mkdir(dist)
  await link(join(whole, '../package.json'), join(dir, 'package.json'))
  for (const entry of await readdir(whole, { recursive: true, withFileTypes: true })) {
    const path = relative(whole, join(entry.parentPath, entry.name))
    if (entry.isDirectory()) await mkdir(join(dist, path), { recursive: true })
    else if (path !== file) await link(join(whole, path), join(dist, path))
  }
  await writeFile(join(dist, file), text.replace(find, () => replace))
  return dir
}

/** Standard output of `kwota` with these arguments, whatever its exit code; `mutant` null = the product as it is. Rejects when it dies without a word. */
export async function runMutant(mutant: Mutant | null, main: string, args: readonly string[]): Promise<string> {
  const dir = mutant === null ? null : await plant(mutant, main)
  const program = dir === null ? main : join(dir, 'dist', basename(main))
  const output = new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [program, ...args], { timeout: longestMs, maxBuffer: longestOutput }, (error, stdout, stderr) => {
      if (error !== null && stdout === '') reject(new Error(`${mutant?.id ?? 'the product'}: ${error.message}\n${stderr}`))
      else resolve(stdout)
    })
  })
  return output.finally(() => (dir === null ? undefined : rm(dir, { recursive: true, force: true })))
}
