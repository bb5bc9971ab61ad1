// `kwota doctor`: looks at everything a start needs, in order, and says what to do.
import { readFileSync } from 'node:fs'
import { ConfigError, loadConfig, type Config, type Flags } from '../config.ts'
import type { BackupIo } from './backup-io.ts'
import { clockCheck, directoryCheck, fail, madeAtMs, nodeCheck, ok, portCheck, reachCheck, siteChecks, storeCheck, wantedNode, type Check } from './checkup.ts'
import { exitCodes, type ExitCode } from './endings.ts'
import { paintFor, plain } from './table.ts'
import type { Terminal } from './terminal.ts'

export interface DoctorFlags extends Flags { readonly json?: boolean }

const patienceMs = 2_000

/** Exit code: 0 nothing fails, 1 something does, 2 the configuration does. */
export async function doctor({ json, ...flags }: DoctorFlags, terminal: Terminal, stores: BackupIo['stores']): Promise<ExitCode> {
  const { stdout, stderr, env, cwd, clock } = terminal
  const cancel = clock.after(patienceMs, () => { stderr.write('kwota: still looking\n') })
  const checks: Check[] = [nodeCheck(process.versions.node, wantedNode())]
  const config = configOf(flags, env, cwd)
  if ('faults' in config) checks.push(...config.faults.map(({ where, problem, fix }) => fail('configuration', `${where}: ${problem}`, fix)))
  else {
    checks.push(ok('configuration', config.configFile ?? 'no kwota.yaml: flags, environment and defaults'), reachCheck(config))
    checks.push(await portCheck(config.host, config.port, false, (url) => versionAt(url, terminal)))
    if (config.tls !== null) checks.push(await portCheck(config.tls.host ?? config.host, config.tls.port, true, async () => null))
    const { check, stored } = await storeCheck(config, stores)
    checks.push(directoryCheck(config.dataDir), check, clockCheck(clock, config.dataDir, madeAtMs()), ...siteChecks(config, stored))
  }
  cancel()
  const failed = checks.some(({ status }) => status === 'fail')
  if (json === true) stdout.write(`${JSON.stringify({ ok: !failed, checks })}\n`)
  else {
    const paint = paintFor(stdout, env)
    const shown = { ok: paint.good('ok  '), warn: paint.warn('warn'), fail: paint.bad('fail') }
    const width = Math.max(...checks.map(({ name }) => name.length))
    for (const { name, status, detail, fix } of checks) stdout.write(`${shown[status]}  ${plain(name).padEnd(width)}  ${plain(detail)}\n${fix === null ? '' : `      ${' '.repeat(width)}→ ${plain(fix)}\n`}`)
  }
  return 'faults' in config ? exitCodes.usage : failed ? exitCodes.failure : exitCodes.ok
}

function configOf(flags: Flags, env: Terminal['env'], cwd: string): Config | ConfigError {
  try {
    return loadConfig({ flags, env, readFile: (path) => readFileSync(path, 'utf8'), cwd })
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}

/** Of the kwota that answers there; null when it is none. */
async function versionAt(url: string, { clock }: Pick<Terminal, 'clock'>): Promise<string | null> {
  const controller = new AbortController()
  const cancel = clock.after(patienceMs, () => controller.abort())
  try {
    const body: unknown = await (await fetch(`${url}/livez`, { signal: controller.signal })).json()
    return typeof body === 'object' && body !== null && 'status' in body && body.status === 'alive' && 'version' in body ? plain(String(body.version)) : null
  } catch {
    return null
  } finally {
    cancel()
  }
}
