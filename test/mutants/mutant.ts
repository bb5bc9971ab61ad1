// A mutant: the compiled product with one rule broken, run in a process of its own, to see whether what checks the rule notices.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

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

const hook = pathToFileURL(join(import.meta.dirname, 'hook.mjs')).href
const longestMs = 120_000
const longestOutput = 64 * 1024 * 1024

/** How often what a mutant replaces stands in the product; 1 is right. */
export async function placesOf({ file, find }: Mutant, main: string): Promise<number> {
  return (await readFile(join(dirname(main), file), 'utf8')).split(find).length - 1
}

/** Standard output of `kwota` with these arguments, whatever its exit code; `mutant` null = the product as it is. Rejects when it dies without a word. */
export function runMutant(mutant: Mutant | null, main: string, args: readonly string[]): Promise<string> {
  const flags = mutant === null ? [] : ['--import', hook]
  const env = mutant === null ? process.env : { ...process.env, KWOTA_MUTANT: JSON.stringify({ file: mutant.file, find: mutant.find, replace: mutant.replace }) }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...flags, main, ...args], { env, timeout: longestMs, maxBuffer: longestOutput }, (error, stdout, stderr) => {
      if (error !== null && stdout === '') reject(new Error(`${mutant?.id ?? 'the product'}: ${error.message}\n${stderr}`))
      else resolve(stdout)
    })
  })
}
