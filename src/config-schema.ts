// What kwota.yaml may say: its schema, with every default and its unit.
import { z } from 'zod'
import { tlsSchema } from './config-tls.ts'
import { authorisationPolicies, idTagSchema, retentionSchema, settingsSchema } from './settings.ts'
import { chargePointSchema, siteSchema } from './power/site.ts'
import { tariffSchema } from './sessions/tariff.ts'
import { vendorEntrySchema } from './vendor-settings.ts'

const password = z.string().refine((text) => Buffer.byteLength(text) >= 16 && Buffer.byteLength(text) <= 20, 'a password has 16 to 20 bytes')
const apiKey = z.string().regex(/^[\x21-\x7e]{16,256}$/, 'an API key has 16 to 256 printable characters and no space')
const seconds = (least: number, most: number) => z.int().min(least).max(most)
const unique = <T>(list: readonly T[]) => new Set(list).size === list.length

const hostName = z.string().regex(/^(?:\*\.)?[\w.:-]{1,253}$/, 'a host is a name or an address without port, e.g. kwota.example, *.depot.example, 10.0.0.7 or fd00::7')

/** A service of the operator that is asked by HTTP POST, signed when there is a secret. */
export const serviceSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: 'not a URL that begins with http:// or https://' }).max(2_048).refine((url) => !/\/\/[^/]*@/.test(url), 'a URL must not hold a user name or password; use secret'),
  secret: z.string().min(16).max(512).exactOptional(),
  /** How long its answer is waited for, the body included. */
  timeoutS: z.number().min(0.1).max(10).default(2),
})

const provisionedChargePointSchema = chargePointSchema.extend({ password: password.optional() })

const topicLevels = z.string().regex(/^[\w-]{1,64}(?:\/[\w-]{1,64}){0,3}$/, 'up to four levels of letters, digits, _ and -, e.g. kwota or home/kwota')

export const mqttSchema = z.strictObject({
  url: z.url({ protocol: /^(?:mqtts?|wss?)$/, error: 'not a URL that begins with mqtt://, mqtts://, ws:// or wss://' }).max(2_048).exactOptional(),
  username: z.string().min(1).max(256).exactOptional(),
  password: z.string().min(1).max(1_024).exactOptional(),
  /** Every topic of ours begins with it. */
  prefix: topicLevels.default('kwota'),
  /** Where Home Assistant looks for what there is; null = it is told nothing. */
  discoveryPrefix: topicLevels.nullable().default('homeassistant'),
  /** May whoever writes to the broker set grid limits? */
  commands: z.boolean().default(false),
})

/** The engine's settings; all in seconds. */
export const engineSchema = z.strictObject({
  /** How long a grant stands without renewal before the charge point steps down to its fallback. */
  leaseS: seconds(60, 86_400).default(900),
  /** How long an answer to a CALL is waited for. */
  callTimeoutS: seconds(1, 600).default(30),
  meterSampleIntervalS: seconds(1, 3_600).default(10),
  heartbeatIntervalS: seconds(10, 86_400).default(300),
})

export const fileSchema = z.strictObject({
  host: z.string().min(1).max(253).default('127.0.0.1'),
  /** 0 takes a free one. */
  port: z.int().min(0).max(65_535).default(8080),
  /** A second port, for wss:// and https://. */
  tls: tlsSchema.optional(),
  dataDir: z.string().min(1).max(4_096).default('./data'),
  redisUrl: z.url({ protocol: /^rediss?$/, error: 'not a Redis URL; write one that begins with redis:// or rediss://' }).optional(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  apiKey: apiKey.optional(),
  sites: z.array(siteSchema).max(1_000).prefault([{ id: 'main', fuseA: 63, fuseAssumed: true }]),
  chargePoints: z.array(provisionedChargePointSchema).max(20_000).default([]),
  /** Absent: accept when only this machine can reach kwota, else pending. Rejected: as a wrong password (401), or as what it is (404): then names can be found out. */
  unknownChargePoints: z.enum(['reject', 'pending', 'accept']).optional(),
  revealUnknown: z.boolean().default(false),
  idTags: z.array(idTagSchema).max(100_000).default([]),
  /** What charging costs; named by `tariffId` in settings and on id tags. */
  tariffs: z.array(tariffSchema).max(1_000).default([]),
  /** Asked in this order; the first that knows the tag decides. */
  authorisation: z.array(z.enum(authorisationPolicies)).min(1).refine(unique, 'a policy is named twice; name each once').default(['local', 'accept-all']),
  authorisationService: serviceSchema.optional(),
  certificateAuthority: serviceSchema.extend({ timeoutS: z.number().min(0.1).max(300).default(10) }).optional(),
  engine: engineSchema.prefault({}),
  /** An event loop that stands still for so long ends the process, so that it is started again; 0 = never. */
  watchdog: z.strictObject({ exitAfterS: seconds(0, 3_600).default(10) }).prefault({}),
  /** What holds for every charge point unless its site or itself says otherwise. */
  settings: settingsSchema.prefault({}),
  /** Names kwota is asked by besides IP addresses and localhost, for browsers that were led here by a name of somebody else. Absent: any where a key is needed, none where it is not. */
  hosts: z.array(z.string().regex(/^[\w.-]{1,253}$/, 'a host name without scheme and port, e.g. kwota.example')).max(100).optional(),
  /** Pages besides our own that may change something. */
  allowedOrigins: z.array(z.string().regex(/^https?:\/\/[\w.-]+(?::\d{1,5})?$/i, 'an origin is scheme and host, e.g. https://panel.example')).max(100).default([]),
  /** Sockets on all ports together, and of one address (a proxy is one); without the latter 1,000, and those of this machine are not counted. */
  connections: z.strictObject({ most: z.int().min(1).max(1_000_000).default(20_000), perAddress: z.int().min(1).max(1_000_000).optional() }).prefault({}),
  /** Per charge point; 0 = no limit. */
  messagesPerSecond: z.int().min(0).max(100_000).default(20),
  /** What one API key may ask for in a minute. */
  commandPace: z.strictObject({ bulkPerMinute: z.int().min(1).max(100_000).default(30), remoteStartsPerMinute: z.int().min(1).max(100_000).default(120) }).prefault({}),
  /** What answers vendor messages of every charge point. */
  dataTransfer: z.array(vendorEntrySchema).max(1_000).default([]),
  /** May services named over REST lie at private addresses? */
  webhooks: z.strictObject({ allowPrivate: z.boolean().default(false) }).prefault({}),
  /** A broker that is told what holds and what is measured; none without a URL (also KWOTA_MQTT_URL). */
  mqtt: mqttSchema.optional(),
  /** The OCPP messages of each site are kept so long, and so many of them; the oldest go first. */
  messageLog: z.strictObject({ keepDays: z.int().min(1).max(90).default(7), keepMiB: z.int().min(1).max(65_536).default(256) }).prefault({}),
  /** Where charge points may be sent for firmware, and with diagnostics and logs. Without hosts anywhere but to themselves, their own network card and the metadata of clouds; `*.` before a name stands for all below it. */
  chargePointUrls: z.strictObject({
    schemes: z.array(z.string().regex(/^[a-z][a-z0-9+.-]{0,19}$/, 'a scheme is written in lower case without the colon, e.g. https')).min(1).max(20).default(['ftp', 'ftps', 'http', 'https', 'sftp']),
    hosts: z.array(hostName).max(1_000).optional(),
  }).prefault({}),
  /** How long what is kept, in days; what PUT /api/v1/retention says stands before it. */
  retention: retentionSchema.prefault({}),
  /** Files of charge points: how long each, how long and how many of each are kept, the URL before `/uploads/` where it is not the one they connect to. */
  uploads: z.strictObject({ maxMiB: z.int().min(1).max(4_096).default(64), keepDays: z.int().min(1).max(3_650).default(30), keepFilesPerChargePoint: z.int().min(1).max(1_000).default(20), publicUrl: z.url({ protocol: /^https?$/, error: 'not a URL that begins with http:// or https://' }).optional() }).prefault({}),
})
