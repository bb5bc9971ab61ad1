// Flags, environment, kwota.yaml and defaults become one validated, frozen Config; every default lives here, with its unit.
import { isIP } from 'node:net'
import { dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { contradictions, type Contradiction } from './config-check.ts'
import { engineSchema, fileSchema, mqttSchema, serviceSchema } from './config-schema.ts'
import { readTls, type TlsConfig } from './config-tls.ts'
import { authorisationPolicies, defaultSettings, idTagSchema, type Settings } from './settings.ts'
import type { ChargePointConfig, SiteConfig } from './power/site.ts'
import type { VendorEntry } from './vendor-settings.ts'
import { pointerOf, readYaml, type Path } from './yaml-file.ts'

/** What is wrong with the configuration; the message names the place, the problem and the fix. main exits 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly exitCode = 2
  readonly faults: readonly ConfigFault[]
  constructor(faults: readonly ConfigFault[]) {
    super(faults.map((fault) => `${fault.where}: ${fault.problem} (${fault.fix})`).join('\n'))
    this.faults = faults
  }
}

/** `where` is `--port`, `KWOTA_PORT` or `kwota.yaml:12 /sites/0/fuseA`; `line` from 1, for files only. */
export interface ConfigFault { readonly where: string; readonly line?: number; readonly problem: string; readonly fix: string }

type Key = keyof z.output<typeof fileSchema>
export type IdTagConfig = z.output<typeof idTagSchema>
export type EngineSettings = z.output<typeof engineSchema>
export type ProvisionedChargePoint = ChargePointConfig & { readonly password?: string | undefined }
export type UnknownChargePoints = 'reject' | 'pending' | 'accept'
/** `name` is the flag, the variable or `file:line`; for a default it is `default`. */
export interface Origin { readonly source: 'flag' | 'environment' | 'file' | 'default'; readonly name: string }

export interface Config {
  readonly host: string
  readonly port: number
  /** null: plain only. */
  readonly tls: TlsConfig | null
  /** Absolute. */
  readonly dataDir: string
  /** Absolute; null when there is none. */
  readonly configFile: string | null
  /** null: the embedded store under dataDir. */
  readonly redisUrl: string | null
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  readonly apiKey: string | null
  readonly sites: readonly SiteConfig[]
  readonly chargePoints: readonly ProvisionedChargePoint[]
  readonly unknownChargePoints: UnknownChargePoints; readonly revealUnknown: boolean
  readonly idTags: readonly IdTagConfig[]
  readonly tariffs: z.output<typeof fileSchema>['tariffs']
  readonly authorisation: readonly (typeof authorisationPolicies)[number][]
  /** null: the policy `external` has nobody to ask; requests for certificates are rejected. */
  readonly authorisationService: z.output<typeof serviceSchema> | null
  readonly certificateAuthority: z.output<typeof serviceSchema> | null
  readonly engine: EngineSettings
  readonly watchdog: { readonly exitAfterS: number }
  /** With everything that has a default; `engine`, `messagesPerSecond` and `authorisation` give theirs. */
  readonly settings: Settings
  readonly messagesPerSecond: number
  /** null: any where a key is needed, none where it is not. */
  readonly hosts: readonly string[] | null
  readonly allowedOrigins: readonly string[]
  readonly connections: { readonly most: number; readonly perAddress?: number | undefined }
  readonly commandPace: z.output<typeof fileSchema>['commandPace']
  readonly dataTransfer: readonly VendorEntry[]
  readonly webhooks: { readonly allowPrivate: boolean }
  /** null: there is none. */
  readonly mqtt: (z.output<typeof mqttSchema> & { readonly url: string }) | null
  readonly messageLog: { readonly keepDays: number; readonly keepMiB: number }
  readonly uploads: z.output<typeof fileSchema>['uploads']
  readonly retention: z.output<typeof fileSchema>['retention']
  readonly chargePointUrls: z.output<typeof fileSchema>['chargePointUrls']
  readonly origins: Readonly<Record<Key, Origin>>
}

/** As commander hands them over: strings, absent when not given. */
export interface Flags { readonly host?: string; readonly port?: string; readonly dataDir?: string; readonly config?: string; readonly redisUrl?: string; readonly logLevel?: string }

/** What can be set outside the file, and where. Secrets are never flags: those show in the process list. */
const outside: readonly { key: Key & ('host' | 'port' | 'dataDir' | 'redisUrl' | 'logLevel' | 'apiKey' | 'mqtt'); flag?: string; variable: string; file?: string; hint: string }[] = [
  { key: 'host', flag: '--host', variable: 'KWOTA_HOST', hint: 'an address of this machine, e.g. 127.0.0.1' },
  { key: 'port', flag: '--port', variable: 'KWOTA_PORT', hint: 'a whole number from 0 to 65535; 0 takes a free one' },
  { key: 'dataDir', flag: '--data-dir', variable: 'KWOTA_DATA_DIR', hint: 'a directory' },
  { key: 'redisUrl', flag: '--redis-url', variable: 'REDIS_URL', file: 'REDIS_URL_FILE', hint: 'a URL such as redis://127.0.0.1:6379' },
  { key: 'logLevel', flag: '--log-level', variable: 'KWOTA_LOG_LEVEL', hint: 'one of: debug, info, warn, error' },
  { key: 'apiKey', variable: 'KWOTA_API_KEY', file: 'KWOTA_API_KEY_FILE', hint: 'a key made with: openssl rand -hex 24' },
  { key: 'mqtt', variable: 'KWOTA_MQTT_URL', file: 'KWOTA_MQTT_URL_FILE', hint: 'a URL such as mqtt://user:password@broker:1883' },
]

/** Every variable that is read. */
export const knownVariables: readonly string[] = ['KWOTA_CONFIG', ...outside.flatMap(({ variable, file }) => (file === undefined ? [variable] : [variable, file]))]

export interface ConfigSources {
  readonly flags?: Flags
  readonly env: Readonly<Record<string, string | undefined>>
  /** Text of a file; throws as node:fs does. */
  readonly readFile: (path: string) => string
  readonly cwd: string
}

/** Throws ConfigError with everything that is wrong in the source it stopped at. Relative paths in the file are relative to the file. */
export function loadConfig(sources: ConfigSources): Config {
  return wholeConfig(sources).config
}

/** As kwota.yaml would say it, secrets included; and where the value at a path of it comes from. Throws as `loadConfig`. */
export function explainConfig(sources: ConfigSources): { readonly config: Config; readonly values: Readonly<Record<string, unknown>>; readonly originOf: (path: readonly (string | number)[]) => Origin } {
  const { config, full, file } = wholeConfig(sources)
  const { dataDir, settings, unknownChargePoints } = config
  const originOf = (path: readonly (string | number)[]): Origin => {
    const whole = config.origins[path[0] as Key]
    const own = path[0] === 'settings' && !file.isGiven(path) ? toppedBy[String(path[1])] : undefined
    if (own !== undefined) return originOf(own)
    if (path.length === 1 || whole.source !== 'file') return whole
    return file.isGiven(path) ? { source: 'file', name: `${file.name}:${file.lineOf(path)}` } : { source: 'default', name: 'default' }
  }
  const values: Readonly<Record<string, unknown>> = { ...full, dataDir, settings, unknownChargePoints }
  return { config, values: Object.fromEntries(keys.map((key) => [key, values[key]])), originOf }
}

/** Settings that are taken from elsewhere in the file where `settings` does not say them. */
const toppedBy: Readonly<Record<string, readonly string[]>> = {
  authorisation: ['authorisation'], messagesPerSecond: ['messagesPerSecond'], callTimeoutS: ['engine', 'callTimeoutS'], heartbeatIntervalS: ['engine', 'heartbeatIntervalS'],
}

function wholeConfig({ flags = {}, env, readFile, cwd }: ConfigSources) {
  const file = readConfigFile({ flags, env, readFile, cwd })
  const origins = new Map<Key, Origin>([...file.lines].map(([key, line]) => [key, { source: 'file', name: `${file.name}:${line}` }]))
  const merged: Record<string, unknown> = { ...file.value }
  if (file.path !== null && origins.has('dataDir')) merged['dataDir'] = resolve(dirname(file.path), file.value.dataDir)
  for (const setting of outside) {
    const given = readOutside(setting, { flags, env, readFile, cwd })
    if (given === null) continue
    const checked = fileSchema.shape[setting.key].safeParse(setting.key === 'port' ? numberOf(given.text) : setting.key === 'mqtt' ? { ...file.value.mqtt, url: given.text } : given.text)
    if (!checked.success) throw fail(given.origin.name, setting.key === 'port' ? `${JSON.stringify(given.text.slice(0, 40))} is no port` : (checked.error.issues[0]?.message ?? 'cannot be used').replace(/^Invalid (?:input|option): /, ''), `write ${setting.hint}`)
    merged[setting.key] = checked.data
    origins.set(setting.key, given.origin)
  }
  const full = fileSchema.parse(merged)
  const mqtt = full.mqtt?.url === undefined ? null : { ...full.mqtt, url: full.mqtt.url }
  if (mqtt === null && full.mqtt !== undefined) throw fail(origins.get('mqtt')?.name ?? 'mqtt', 'no broker is named', 'write mqtt.url, or set KWOTA_MQTT_URL')
  const reachable = [full.host, file.tls?.host ?? full.host].find((host) => !isLoopback(host))
  const alone = reachable === undefined
  if (!alone && full.apiKey === undefined) {
    throw fail(origins.get(reachable === full.host ? 'host' : 'tls')?.name ?? 'host', `${reachable} can be reached from other machines, and there is no API key`,
      'set KWOTA_API_KEY (make one with: openssl rand -hex 24), or listen on 127.0.0.1')
  }
  const config: Config = freeze({
    ...full,
    dataDir: resolve(cwd, full.dataDir),
    configFile: file.path,
    redisUrl: full.redisUrl ?? null,
    apiKey: full.apiKey ?? null,
    hosts: full.hosts ?? null,
    authorisationService: full.authorisationService ?? null, certificateAuthority: full.certificateAuthority ?? null,
    tls: file.tls, mqtt,
    settings: {
      ...defaultSettings, authorisation: [...full.authorisation], messagesPerSecond: full.messagesPerSecond,
      callTimeoutS: full.engine.callTimeoutS, heartbeatIntervalS: full.engine.heartbeatIntervalS, ...full.settings,
    },
    unknownChargePoints: full.unknownChargePoints ?? (alone ? 'accept' : 'pending'),
    origins: Object.fromEntries(keys.map((key) => [key, origins.get(key) ?? { source: 'default', name: 'default' }])) as Record<Key, Origin>,
  })
  return { config, full, file }
}

/** What only shows beside what is stored, said as what `loadConfig` finds by itself; null where there is no file. Throws ConfigError as `loadConfig` does. */
export function errorInFile(sources: ConfigSources, faults: readonly Contradiction[]): ConfigError | null {
  const file = readConfigFile(sources)
  return file.path === null || faults.length === 0 ? null : new ConfigError(faults.map((fault) => placed(file.name, file.lineOf, fault)))
}

const keys = Object.keys(fileSchema.shape) as Key[]

/** True when only this machine can reach a server that listens on `host`. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))
}

function readConfigFile({ flags = {}, env, readFile, cwd }: ConfigSources) {
  const variable = env['KWOTA_CONFIG'] || undefined
  const asked = flags.config !== undefined ? '--config' : variable !== undefined ? 'KWOTA_CONFIG' : null
  const name = flags.config ?? variable ?? 'kwota.yaml'
  const path = resolve(cwd, name)
  let text: string
  try {
    text = readFile(path)
  } catch (error) {
    if (asked === null && codeOf(error) === 'ENOENT') return { path: null, name, value: fileSchema.parse({}), tls: null, lines: new Map<Key, number>(), lineOf: () => 1, isGiven: () => false }
    throw fail(asked ?? name, `${path} cannot be read: ${codeOf(error) ?? 'unknown reason'}`, 'name a file that this user may read')
  }
  const read = readYaml(text, fileSchema)
  if (!read.ok) throw new ConfigError(read.faults.map(({ line, pointer, problem, fix }) => ({ where: `${name}:${line} ${pointer}`.trimEnd(), line, problem, fix })))
  const tls = readTls(read.value.tls, (from) => readFile(resolve(dirname(path), from)))
  const faults = [...contradictions(read.value), ...tls.faults].map((fault) => placed(name, read.lineOf, fault))
  if (faults.length > 0) throw new ConfigError(faults)
  // What a file names is stated, also where it was copied from what is assumed without one.
  const value = read.given.includes('sites') ? { ...read.value, sites: read.value.sites.map(({ fuseAssumed: _assumed, ...site }) => site) } : read.value
  return { path, name, value, tls: tls.value, lines: new Map(keys.filter((key) => read.given.includes(key)).map((key) => [key, read.lineOf([key])])), lineOf: read.lineOf, isGiven: read.isGiven }
}

function placed(name: string, lineOf: (path: Path) => number, { at, problem, fix }: Contradiction): ConfigFault {
  return { where: `${name}:${lineOf(at)} ${pointerOf(at)}`, line: lineOf(at), problem, fix }
}

function readOutside(setting: (typeof outside)[number], { flags = {}, env, readFile, cwd }: ConfigSources): { text: string; origin: Origin } | null {
  const flag = setting.key === 'apiKey' || setting.key === 'mqtt' ? undefined : flags[setting.key]
  if (flag !== undefined) return { text: flag, origin: { source: 'flag', name: setting.flag ?? setting.key } }
  const direct = env[setting.variable] || undefined
  const pointed = (setting.file !== undefined && env[setting.file]) || undefined
  if (direct !== undefined && pointed !== undefined) throw fail(setting.variable, `and ${setting.file} are both set`, 'keep one of the two')
  if (direct !== undefined) return { text: direct, origin: { source: 'environment', name: setting.variable } }
  if (pointed === undefined || setting.file === undefined) return null
  try {
    return { text: readFile(resolve(cwd, pointed)).trim(), origin: { source: 'environment', name: setting.file } }
  } catch (error) {
    throw fail(setting.file, `${pointed} cannot be read: ${codeOf(error) ?? 'unknown reason'}`, 'name a file that this user may read')
  }
}

function fail(where: string, problem: string, fix: string): ConfigError {
  return new ConfigError([{ where, problem, fix }])
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Number() reads '', '0x10' and '1e3' too; people mean digits. */
function numberOf(text: string): number | string {
  return /^\d{1,9}$/.test(text) ? Number(text) : text
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) freeze(inner)
  }
  return value
}
