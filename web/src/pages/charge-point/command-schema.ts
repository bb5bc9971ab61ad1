// The commands as the description of the REST API gives them, and a form's values as the body that is sent.
import type { Schema } from '../../data/json-schema.ts'

export interface CommandForm { readonly name: string; readonly action: string; readonly summary: string; readonly scope: string; readonly schema: Schema }
export type Values = Readonly<Record<string, unknown>>

interface Operation { readonly operationId?: string; readonly tags?: readonly string[]; readonly summary?: string; readonly description?: string; readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema } | undefined>> } }
export interface Description { readonly paths: Readonly<Record<string, { readonly post?: Operation } | undefined>> }

const under = '/api/v1/chargepoints/{clientID}/'
/** Asked for beside the form, or another name of chargingProfile. */
export const aside: ReadonlySet<string> = new Set(['queue', 'expiresAt', 'csChargingProfiles'])

/** Every action that a charge point can be sent, by name. */
export function commandsIn({ paths }: Description): readonly CommandForm[] {
  return Object.entries(paths).flatMap(([path, methods]) => {
    const { operationId, summary = '', description = '', requestBody } = methods?.post ?? {}
    if (!path.startsWith(under) || operationId?.startsWith('command') !== true) return []
    const name = path.slice(under.length)
    if (name.includes('/')) return []
    return [{ name, action: operationId.slice('command'.length), summary, scope: /scope `([^`]+)`/.exec(description)?.[1] ?? 'commands:write', schema: requestBody?.content?.['application/json']?.schema ?? {} }]
  }).sort((a, b) => a.action.localeCompare(b.action, 'en'))
}

export const isObject = ({ type, properties }: Schema): boolean => type === 'object' && properties !== undefined

/** What a form begins with: what must be there, filled from `given` (texts of an address). */
export function startOf(schema: Schema, given: Readonly<Record<string, string>> = {}): Values {
  const values: Record<string, unknown> = {}
  for (const [name, of] of Object.entries(schema.properties ?? {})) {
    const needed = schema.required?.includes(name) === true
    const text = given[name]
    if (text !== undefined && of.type === 'integer') values[name] = Number(text)
    else if (text !== undefined && of.type === 'string') values[name] = text
    else if (isObject(of) && (needed || (name === 'chargingProfile' && 'csChargingProfiles' in (schema.properties ?? {})))) values[name] = startOf(of)
    else if (needed && of.type === 'array') values[name] = [itemOf(of)]
    else if (needed && of.enum !== undefined && of.enum.length === 1) values[name] = of.enum[0]
  }
  return values
}

/** A new item of a list. */
export function itemOf({ items = {} }: Schema): unknown {
  return isObject(items) ? startOf(items) : ''
}

/** What nobody has filled in is left out; times become instants. Throws what is no JSON where only JSON can be given. */
export function bodyOf(schema: Schema, values: Values): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schema.properties ?? {}).flatMap(([name, of]) => {
    const value = sent(of, values[name])
    return value === undefined ? [] : [[name, value] as const]
  }))
}

function sent(schema: Schema, value: unknown): unknown {
  if (value === undefined || value === null || value === '' || Number.isNaN(value)) return undefined
  if (isObject(schema)) return bodyOf(schema, value as Values)
  if (schema.type === 'array' && Array.isArray(value)) return value.flatMap((item: unknown) => sent(schema.items ?? {}, item) ?? [])
  if (schema.type === 'boolean') return value === true ? true : undefined
  if (schema.format === 'date-time' && typeof value === 'string') return new Date(value).toISOString()
  if (schema.type === undefined && typeof value === 'string') return JSON.parse(value) as unknown
  return value
}

/** What it does that cannot be taken back, where it does; null = nothing to ask about. */
export function dangerOf(name: string, values: Values): string | null {
  switch (name) {
    case 'reset': return values['type'] === 'Hard' ? 'It restarts at once; running transactions may be lost.' : 'It ends running transactions and restarts.'
    case 'unlock-connector': return 'The plug is let go, and a running transaction ends.'
    case 'remote-stop': return 'The car stops charging, and the transaction ends.'
    case 'clear-cache': return 'It forgets every card that it has seen.'
    case 'clear-charging-profile': return 'The profiles that fit are forgotten. kwota sends its own again where it needs them.'
    case 'change-availability': return values['type'] === 'Inoperative' ? 'Nobody can charge there until it is made operative again.' : null
    case 'update-firmware': case 'signed-update-firmware': return 'It loads and installs other firmware, and is away meanwhile.'
    case 'install-certificate': case 'delete-certificate': case 'certificate-signed': return 'With the wrong certificate it may not find its way back to kwota.'
    case 'send-local-list': return 'What it knows about cards is replaced or changed.'
    case 'cancel-reservation': return 'The connector is free for everybody again.'
    default: return null
  }
}

/** `idTag` → `Id tag`, `startPeriod` → `Start period, s`. */
export function labelOf(name: string): string {
  const words = name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${seconds.has(name) ? ', s' : ''}`
}

const seconds: ReadonlySet<string> = new Set(['startPeriod', 'duration', 'retryInterval'])
