// One place where every route that changes something leaves its entry in the audit log, before it is answered.
import { createHash } from 'node:crypto'
import { differences, fitToKeep, secretsIn, textToKeep, type Keeping } from '../actors/audit-kept.ts'
import type { AuditEntry } from '../actors/audit-record.ts'
import { Refusal, type House } from '../actors/house.ts'
import { audits, shown, standing, type Asked, type Audited } from './audit-table.ts'
import { toProblem } from './problem.ts'
import type { Answer, RawRequest, Route } from './route.ts'

const reading = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether a route leaves an entry, and what that is about; one that nobody has described is recorded as it was asked for. */
export function auditOf({ method, operationId, tag, scope }: Route): Audited | null {
  if (reading.has(method) || scope === 'public') return null
  const found = audits[operationId]
  return found === undefined ? { kind: kebab(tag) } : found
}

/**
 * The route's answer, once the entry about it is durable. Refused with store-down when it is not: then the entry is written as soon as
 * the store takes writes. A limit that holds in memory although the store is down has its entry too.
 */
export async function respondAudited(route: Route, request: RawRequest): Promise<Answer> {
  const audited = auditOf(route)
  if (audited === null || isDryRun(request.query)) return route.respond(request)
  const { room: { house }, caller } = request
  const asked: Asked = { params: request.params as Asked['params'], body: jsonOf(request.bodyText), text: request.bodyText }
  const keeping = keepingOf(house, audited, asked)
  const siteID = siteOf(house, asked)
  const before = await standing(audited, house, asked)
  const entry = async (answer: Answer | null): Promise<AuditEntry> => {
    const stands = () => standing(audited, house, asked)
    const after = audited.stands === undefined || (answer === null && audited.holdsUnstored === true) ? requested(asked, answer) : route.method === 'DELETE' ? await stands() : (audited.answered === false ? undefined : shown(audited, answer?.json)) ?? await stands()
    const differ = differences(before, after)
    const secrets = audited.stands === undefined ? {} : secretsIn(asked.body)
    const told = fitToKeep(differ.after, { ...keeping, ...(audited.stands === undefined ? { ofTag: undefined } : {}) })
    return {
      actor: caller.name, requestId: caller.requestId, action: kebab(route.operationId),
      target: { kind: audited.kind, id: fitID(targetID(route, audited, asked, answer), keeping) },
      siteID: siteID ?? siteOf(house, asked) ?? text(fieldOf(answer?.json, 'siteID') ?? fieldOf(answer?.json, audited.kind === 'site' ? 'id' : 'site')) ?? null,
      reason: reasonOf(asked, keeping),
      before: fitToKeep(differ.before, keeping),
      after: Object.keys(secrets).length === 0 ? told : { ...(typeof told === 'object' ? told : {}), ...secrets },
    }
  }
  let answer: Answer
  try {
    answer = await route.respond(request)
  } catch (error) {
    if (toProblem(error)?.status === 503 && await holds(audited, before, () => standing(audited, house, asked))) house.audit.note(await entry(null))
    throw error
  }
  if (answer.status >= 300) return answer
  await house.audit.record(await entry(answer)).catch((error: unknown) => {
    throw error instanceof Refusal ? new Refusal('store-down', 'store-down', `It was done, but its entry in the audit log is not stored yet: ${error.message}`, { hint: 'Look at what stands now when /readyz says the store is back; the entry is written then.' }) : error
  })
  return answer
}

/** Of what was refused because the store is down: whether it holds in memory all the same. */
async function holds({ holdsUnstored }: Audited, before: unknown, now: () => Promise<unknown>): Promise<boolean> {
  return holdsUnstored === true || JSON.stringify(await now()) !== JSON.stringify(before)
}

/** Of what has no state to compare: what was asked for, and the id and state that were answered. */
function requested({ body, text: sent }: Asked, answer: Answer | null): Readonly<Record<string, unknown>> {
  const told = Object.fromEntries(['id', 'status', 'created', 'updated', 'unchanged', 'removed', 'count'].map((name) => [name, fieldOf(answer?.json, name)] as const).filter(([, value]) => typeof value === 'string' || typeof value === 'number'))
  const request = body ?? (sent === '' ? null : { bytes: Buffer.byteLength(sent), sha256: createHash('sha256').update(sent).digest('hex') })
  return { ...(request === null ? {} : { request }), ...(Object.keys(told).length === 0 ? {} : { answer: told }) }
}

function keepingOf(house: House, audited: Audited, { params, body }: Asked): Keeping {
  const about = params['idTag'] ?? (audited.ofTag === true ? text(body?.['id']) : undefined)
  return { nameOfTag: (tag) => house.audit.nameOfTag(tag), about, ofTag: audited.ofTag }
}

function fitID(id: string, { about, nameOfTag }: Keeping): string {
  return about !== undefined && id.toLowerCase() === about.toLowerCase() ? nameOfTag(about) : id
}

function targetID({ path, method }: Route, { id }: Audited, asked: Asked, answer: Answer | null): string {
  const last = Object.values(asked.params).at(-1)
  return id?.(asked) ?? (path.endsWith('}') && method !== 'POST' ? last : undefined) ?? idText(fieldOf(answer?.json, 'id')) ?? idText(asked.body?.['id']) ?? last ?? ''
}

/** The site it belongs to, as far as path and body tell; also of a charge point that is being removed. */
function siteOf(house: House, { params, body }: Asked): string | undefined {
  if (params['siteID'] !== undefined) return params['siteID']
  const clientID = params['clientID'] ?? text(body?.['clientID'])
  try {
    return clientID === undefined ? undefined : house.chargePoint(clientID).value.site
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

function reasonOf({ body }: Asked, keeping: Keeping): string | undefined {
  const reason = text(body?.['reason'])
  return reason === undefined ? undefined : textToKeep(reason, keeping)
}

function isDryRun(query: unknown): boolean {
  return fieldOf(query, 'dryRun') === 'true'
}

function jsonOf(bodyText: string): Asked['body'] {
  try {
    const value: unknown = JSON.parse(bodyText)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function idText(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : text(value)
}

/** `setGridLimit` → `set-grid-limit`, `id tags` → `id-tags`. */
function kebab(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').replaceAll(' ', '-').toLowerCase()
}
