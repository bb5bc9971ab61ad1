// Programs that tests use where they are installed, and what is said where they are not.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The first of `names` on the PATH. */
export function onPath(...names: readonly string[]): string | undefined {
  return (process.env['PATH'] ?? '').split(delimiter).flatMap((dir) => names.map((name) => join(dir, name))).find(isExecutable)
}

/** For `describe.skipIf`: true, with the reason printed, where something is missing; in CI that is an error instead. */
export function leftOut(missing: boolean, what: string, reason: string): boolean {
  if (!missing) return false
  if (process.env['CI'] === 'true') throw new Error(`${what} cannot run: ${reason}; in CI they must`)
  process.stderr.write(`${what} left out: ${reason}\n`)
  return true
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
