// The built product with its chaos programs beside it, compiled once for a test file.
import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../..')

export interface ChaosRun { readonly code: number; readonly stdout: string; readonly stderr: string }

export interface BuiltChaos {
  /** Runs one program, like `torture`; resolves when it has ended. */
  run(program: string, ...args: readonly string[]): Promise<ChaosRun>
  remove(): void
}

export async function buildChaos(): Promise<BuiltChaos> {
  const place = mkdtempSync(join(tmpdir(), 'kwota-chaos-test-'))
  copyFileSync(join(root, 'package.json'), join(place, 'package.json'))
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'))
  mkdirSync(join(place, 'test/store'), { recursive: true })
  copyFileSync(join(root, 'test/store/power-loss-hook.mjs'), join(place, 'test/store/power-loss-hook.mjs'))
  for (const [project, outDir] of [['tsconfig.build.json', 'dist'], ['chaos/tsconfig.json', 'dist/chaos']] as const) {
    await promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, project), '--outDir', join(place, outDir)]).catch((error: { stdout: string }) => {
      throw new Error(`${project} does not compile:\n${error.stdout}`)
    })
  }
  return {
    run: (program, ...args) => new Promise((resolve) => {
      const child = execFile(process.execPath, ['--disable-proto=throw', join(place, `dist/chaos/${program}.js`), ...args], { cwd: place, maxBuffer: 20_000_000 }, (_, stdout, stderr) => resolve({ code: child.exitCode ?? 1, stdout, stderr }))
    }),
    remove: () => rmSync(place, { recursive: true, force: true }),
  }
}
