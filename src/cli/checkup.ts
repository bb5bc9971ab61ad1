// What kwota doctor looks at on this machine: each check says how it is, and what to do about it.
import { accessSync, constants, existsSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { checkSite } from '../actors/check-site.ts'
import { Refusal } from '../actors/house.ts'
import type { Clock } from '../clock.ts'
import { isLoopback, type Config } from '../config.ts'
import { chargePointSchema, perPhase, siteSchema, type ChargePointConfig, type SiteConfig } from '../power/site.ts'
import { ownerInWords, StoreOwned } from '../store/port.ts'
import type { BackupIo } from './backup-io.ts'

export interface Check {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  /** What to do; null where nothing is. */
  readonly fix: string | null
}

export interface Stored { readonly sites: readonly SiteConfig[]; readonly chargePoints: readonly ChargePointConfig[] }

const leastFreeBytes = 1024 ** 3
const aheadMs = 60_000

export const ok = (name: string, detail: string): Check => ({ name, status: 'ok', detail, fix: null })
export const warn = (name: string, detail: string, fix: string): Check => ({ name, status: 'warn', detail, fix })
export const fail = (name: string, detail: string, fix: string): Check => ({ name, status: 'fail', detail, fix })

/** `wanted` as in package.json: >=20.19. */
export function nodeCheck(running: string, wanted: string): Check {
  const numbers = (text: string) => (/(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number)
  const [[major = 0, minor = 0], [least = 0, leastMinor = 0]] = [numbers(running), numbers(wanted)]
  return major > least || (major === least && minor >= leastMinor) ? ok('node', `Node.js ${running}`) : fail('node', `Node.js ${running} is too old`, `Install Node.js ${wanted.replace('>=', '')} or newer.`)
}

/** Who else listens there; `ask` = what answers at /livez, null when nobody does. */
export async function portCheck(host: string, port: number, tls: boolean, ask: (url: string) => Promise<string | null>): Promise<Check> {
  const name = tls ? 'port of TLS' : 'port'
  const where = `${host}:${port}`
  if (port === 0) return ok(name, `${host}, a free one`)
  const code = await new Promise<string | null>((resolve) => {
    const probe = createServer()
    probe.once('error', (error: Error & { code?: string }) => resolve(error.code ?? error.message))
    probe.listen(port, host.replace(/^\[(.*)\]$/, '$1'), () => probe.close(() => resolve(null)))
  })
  if (code === null) return ok(name, `${where} is free`)
  const setting = tls ? 'tls.port in kwota.yaml' : '--port'
  if (code === 'EACCES') return fail(name, `${where}: this user may not listen there`, `Choose a port above 1023 with ${setting}.`)
  if (code !== 'EADDRINUSE') return fail(name, `${where} cannot be listened at (${code})`, 'Choose an address of this machine with --host, and a port with --port.')
  const version = tls ? null : await ask(`http://${/^(?:0\.0\.0\.0|::|\[::\])$/.test(host) ? '127.0.0.1' : host}:${port}`)
  if (version !== null) return ok(name, `${where}: kwota ${version} runs there`)
  return fail(name, `${where} is taken by another program`, `End that one, or choose another port with ${setting}.`)
}

export function reachCheck({ host, tls, apiKey }: Pick<Config, 'host' | 'tls' | 'apiKey'>): Check {
  if (isLoopback(host) && isLoopback(tls?.host ?? host)) return ok('address', `${host}: this machine alone can reach what is started so${apiKey === null ? ', and needs no key' : ''}; for one that runs with other flags, give doctor the same (--host, --port, --data-dir, --config)`)
  return tls === null ? warn('address', `${host} can be reached from other machines, and all is readable on the way, keys and passwords too`, 'Add tls to kwota.yaml, or let a proxy in front do it, where the network is not yours alone.') : ok('address', `${host}, with TLS on port ${tls.port}`)
}

/** May this user write there, and is there room? */
export function directoryCheck(dataDir: string): Check {
  let there = dataDir
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there)
  try {
    accessSync(there, constants.W_OK)
    const { bavail, bsize } = statfsSync(there)
    const freeBytes = bavail * bsize
    const room = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free`
    return freeBytes < leastFreeBytes ? warn('disk', `${dataDir}: ${room}`, 'Make room, or name another directory with --data-dir; what cannot be written is told, and lowerings still leave.') : ok('disk', `${dataDir}: ${there === dataDir ? '' : 'will be made, '}${room}`)
  } catch (error) {
    return fail('disk', `${dataDir} cannot be written (${codeOf(error)})`, 'Give it to the user that kwota runs as, or name another with --data-dir.')
  }
}

/** Also what is configured in it; null where that cannot be read. */
export async function storeCheck(config: Pick<Config, 'dataDir' | 'redisUrl'>, stores: Pick<BackupIo['stores'], 'openToLook'>): Promise<{ readonly check: Check; readonly stored: Stored | null }> {
  const where = config.redisUrl === null ? join(config.dataDir, 'store') : 'Redis'
  try {
    const look = await stores.openToLook(config)
    if (look === null) return { check: ok('store', `${where} is not there yet: the first start makes it`), stored: { sites: [], chargePoints: [] } }
    try {
      const stored = await storedIn(look.dump({ withoutSeries: true }))
      return { check: ok('store', `${where} can be read: ${counted(stored.sites.length, 'site')}, ${counted(stored.chargePoints.length, 'charge point')}`), stored }
    } finally {
      await look.close()
    }
  } catch (error) {
    if (error instanceof StoreOwned) return { check: ok('store', `in use by ${ownerInWords(error.owner)}`), stored: null }
    if (error instanceof Error && error.name === 'StoreLocked') return { check: ok('store', `${where} is in use by a running kwota`), stored: null }
    const fix = config.redisUrl === null ? 'Put a backup in its place: kwota restore. What is there is kept beside it.' : 'Start it, or correct its address: --redis-url or REDIS_URL.'
    return { check: fail('store', `${where} cannot be read: ${error instanceof Error ? error.message : String(error)}`, fix), stored: null }
  }
}

async function storedIn(pieces: AsyncIterable<{ readonly type: string; readonly key?: string; readonly value?: unknown }>): Promise<Stored> {
  const sites: SiteConfig[] = []
  const chargePoints: ChargePointConfig[] = []
  const inner = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined)
  for await (const { type, key, value } of pieces) {
    if (type !== 'record' || key === undefined) continue
    const site = key === 'config' ? siteSchema.safeParse(inner(value, 'site')).data : undefined
    const chargePoint = key.startsWith('chargepoint:') ? chargePointSchema.safeParse(inner(value, 'config')).data : undefined
    if (site !== undefined) sites.push(site)
    if (chargePoint !== undefined) chargePoints.push(chargePoint)
  }
  return { sites, chargePoints }
}

/** A clock that is behind what was written by it has stepped; one before this kwota was made is not set. */
export function clockCheck(clock: Pick<Clock, 'wall'>, dataDir: string, madeAtMs: number): Check {
  const nowMs = clock.wall()
  const now = new Date(nowMs).toISOString().slice(0, 19)
  const fix = 'Set the clock, and have it kept by NTP (timedatectl set-ntp true); limits and curtailments go by it.'
  if (nowMs < madeAtMs) return fail('clock', `it is said to be ${now} UTC, before this kwota was made`, fix)
  const newestMs = newestIn(join(dataDir, 'store'))
  return newestMs > nowMs + aheadMs ? warn('clock', `it is said to be ${now} UTC, and data were written at ${new Date(newestMs).toISOString().slice(0, 19)}`, fix) : ok('clock', `${now} UTC`)
}

function newestIn(directory: string): number {
  try {
    return Math.max(-Infinity, ...readdirSync(directory).map((name) => statSync(join(directory, name)).mtimeMs))
  } catch {
    return -Infinity
  }
}

/** Whether the fallbacks of each site fit, of what the file says and of what is stored beside it. */
export function siteChecks(config: Stored, stored: Stored | null): Check[] {
  const beside = <T extends { readonly id: string }>(file: readonly T[], others: readonly T[]) => [...file, ...others.filter(({ id }) => !file.some((one) => one.id.toLowerCase() === id.toLowerCase()))]
  // The built-in site is there only where nothing is stored of it.
  const said = config.sites.filter(({ fuseAssumed, id }) => fuseAssumed !== true || stored?.sites.every((one) => one.id !== id) !== false)
  const sites = beside(said, stored?.sites ?? [])
  const chargePoints = beside(config.chargePoints, stored?.chargePoints ?? [])
  const lost = chargePoints.filter(({ site }) => stored !== null && !sites.some(({ id }) => id === site))
  return [
    ...sites.map((site) => siteCheck(site, chargePoints.filter((one) => one.site === site.id), stored === null)),
    ...lost.map(({ id, site }) => fail(`charge point ${id}`, `belongs to a site ${site} that is nowhere`, `Add the site, or name one of: ${sites.map((one) => one.id).join(', ')}.`)),
  ]
}

function siteCheck(site: SiteConfig, chargePoints: readonly ChargePointConfig[], fileAlone: boolean): Check {
  const name = `site ${site.id}`
  try {
    checkSite(site, chargePoints)
    if (site.fuseAssumed === true) {
      const assumed = `a fuse of ${perPhase(site.fuseA).L1} A is assumed`
      return warn(name, fileAlone ? `kwota.yaml does not say how big its fuse is; ${assumed} unless it was stated on the page, which cannot be seen from here while kwota runs` : `${assumed}: nobody said how big it is`, `Say it on the page of the site, or in kwota.yaml: sites: [{ id: ${site.id}, fuseA: <amps per phase> }].`)
    }
    return ok(name, `${counted(chargePoints.length, 'charge point')}${fileAlone ? ' of the file' : ''}: fallbacks and the worst base load fit`)
  } catch (error) {
    if (error instanceof Refusal) return fail(name, error.message, error.hint ?? 'Change it so that it fits.')
    throw error
  }
}

/** When this kwota was put here. */
export function madeAtMs(): number {
  return statSync(new URL('../../package.json', import.meta.url)).mtimeMs
}

export function wantedNode(): string {
  const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly engines: { readonly node: string } }
  return engines.node
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
