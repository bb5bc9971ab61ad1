// Prometheus's own checker for tests, where it is installed.
import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const path = (process.env['PATH'] ?? '').split(delimiter).map((dir) => join(dir, 'promtool')).find(isExecutable)

/** For `describe.skipIf`: true, with the reason printed, where there is none; in CI that is an error instead. */
export function withoutPromtool(): boolean {
  if (path !== undefined) return false
  const reason = 'no promtool on the PATH (Debian: apt-get install prometheus)'
  if (process.env['CI'] !== undefined && process.env['CI'] !== '') throw new Error(reason)
  console.warn(`left out: ${reason}`)
  return true
}

/** Resolves with what it said; rejects, with it in the message, when it finds a fault. */
export async function promtool(cwd: string, ...args: string[]): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(path ?? 'promtool', args, { cwd })
    return stdout + stderr
  } catch (error) {
    throw error instanceof Error && 'stdout' in error && 'stderr' in error ? new Error(`${String(error.stdout)}${String(error.stderr)}`) : error
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
