// Compares two JSON Schemas by direction: a request may only take more than before, an answer may only hold more than before.

export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema | boolean
  readonly prefixItems?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly minLength?: number
  readonly minItems?: number
  readonly maximum?: number
  readonly exclusiveMaximum?: number
  readonly maxLength?: number
  readonly maxItems?: number
}

type Shelf = Readonly<Record<string, Schema>>
interface Context { readonly side: 'request' | 'response'; readonly before: Shelf; readonly now: Shelf }

const deepest = 40
const floors = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'] as const
const ceilings = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'] as const

/** Each fault as `/path/of/the/field: what changed`. Which texts a changed pattern still takes is not judged, only a new one. */
export function schemaBreaks(before: Schema, now: Schema, context: Context, at = ''): string[] {
  if (at.split('/').length > deepest) return []
  const old = alternatives(before, context.before)
  const current = alternatives(now, context.now)
  // What was always null kept a place for what was to come.
  if (context.side === 'response' && old.every(isNull)) return []
  // A request must still find somebody who takes it, an answer somebody who expected it: a dry run has none among those who could not ask for it.
  const [asking, offering] = context.side === 'request' ? [old, current] : [old.some(isDryRun) || current.every(isDryRun) ? current : current.filter((one) => !isDryRun(one)), old]
  return asking.flatMap((asked) => {
    const faults = offering.map((offered) => (context.side === 'request' ? plainBreaks(asked, offered, context, at) : plainBreaks(offered, asked, context, at)))
    return faults.reduce((least, one) => (one.length < least.length ? one : least))
  })
}

function isNull(schema: Schema): boolean {
  return typesOf(schema)?.every((type) => type === 'null') === true
}

/** Told apart by `dryRun: true`, which no other answer has. */
function isDryRun({ properties, required }: Schema): boolean {
  return properties?.['dryRun']?.const === true && required?.includes('dryRun') === true
}

function plainBreaks(old: Schema, now: Schema, context: Context, at: string): string[] {
  const types = typeBreaks(old, now, context.side, at)
  if (types.length > 0) return types
  return [
    ...valueBreaks(old, now, context.side, at),
    ...(context.side === 'request' ? limitBreaks(old, now, at) : []),
    ...propertyBreaks(old, now, context, at),
    ...itemBreaks(old, now, context, at),
  ]
}

function typeBreaks(old: Schema, now: Schema, side: Context['side'], at: string): string[] {
  const [given, taken] = side === 'request' ? [typesOf(old), typesOf(now)] : [typesOf(now), typesOf(old)]
  const fits = taken === null || (given?.every((type) => taken.includes(type) || (type === 'integer' && taken.includes('number'))) ?? false)
  return fits ? [] : [`${at}: type ${typesOf(old)?.join('|') ?? 'any'} is now ${typesOf(now)?.join('|') ?? 'any'}`]
}

function valueBreaks(old: Schema, now: Schema, side: Context['side'], at: string): string[] {
  const [before, current] = [valuesOf(old), valuesOf(now)]
  if (current === null) return []
  if (before === null) return side === 'request' ? [`${at}: takes only ${current.join(', ')} now`] : []
  const gone = before.filter((value) => !current.includes(value))
  if (side === 'request') return gone.map((value) => `${at}: ${value} is not taken any more`)
  return gone.length === before.length ? [`${at}: none of ${before.join(', ')} is answered any more`] : []
}

function limitBreaks(old: Schema, now: Schema, at: string): string[] {
  const tightened = [
    ...floors.filter((name) => (now[name] ?? -Infinity) > (old[name] ?? -Infinity)),
    ...ceilings.filter((name) => (now[name] ?? Infinity) < (old[name] ?? Infinity)),
  ].map((name) => `${at}: ${name} ${old[name] ?? 'none'} is now ${now[name]}`)
  const added = (['pattern', 'format'] as const).filter((name) => old[name] === undefined && now[name] !== undefined && valuesOf(now) === null)
  return [...tightened, ...added.map((name) => `${at}: has a ${name} now`)]
}

function propertyBreaks(old: Schema, now: Schema, context: Context, at: string): string[] {
  const { properties: before = {}, required: must = [] } = old
  const { properties: current = {}, required: mustNow = [] } = now
  const spare = now.additionalProperties
  return [
    ...Object.entries(before).flatMap(([name, schema]) => {
      const found = current[name]
      if (found !== undefined) return schemaBreaks(schema, found, context, `${at}/${name}`)
      return context.side === 'request' && spare !== false ? [] : [`${at}/${name}: removed`]
    }),
    ...(context.side === 'request'
      ? mustNow.filter((name) => !must.includes(name)).map((name) => `${at}/${name}: required now`)
      : must.filter((name) => name in current && !mustNow.includes(name)).map((name) => `${at}/${name}: may be missing now`)),
    ...(context.side === 'request' && spare === false && old.additionalProperties !== false && typesOf(old)?.includes('object') === true ? [`${at}: takes no other fields any more`] : []),
    ...(typeof spare === 'object' && typeof old.additionalProperties === 'object' ? schemaBreaks(old.additionalProperties, spare, context, `${at}/*`) : []),
  ]
}

function itemBreaks(old: Schema, now: Schema, context: Context, at: string): string[] {
  const single = typeof old.items === 'object' && typeof now.items === 'object' ? schemaBreaks(old.items, now.items, context, `${at}/-`) : []
  const ordered = (old.prefixItems ?? []).flatMap((schema, index) => {
    const found = now.prefixItems?.[index]
    return found === undefined ? [] : schemaBreaks(schema, found, context, `${at}/${index}`)
  })
  return [...single, ...ordered]
}

/** Every way to be right, each a schema without unions: what stands beside a union belongs to each of its members. */
function alternatives(schema: Schema, shelf: Shelf): Schema[] {
  if (schema.$ref !== undefined) {
    const found = shelf[schema.$ref.replace('#/components/schemas/', '')]
    if (found === undefined) throw new Error(`dangling ${schema.$ref}`)
    return alternatives(found, shelf)
  }
  const { anyOf, oneOf, ...rest } = schema
  const members = anyOf ?? oneOf
  if (members === undefined) return [schema]
  const base: Schema = anyOf !== undefined && oneOf !== undefined ? { ...rest, oneOf } : rest
  return members.flatMap((member) => alternatives(member, shelf)).flatMap((member) => alternatives(merge(base, member), shelf))
}

function merge(base: Schema, member: Schema): Schema {
  return {
    ...base, ...member,
    ...((base.properties ?? member.properties) !== undefined && { properties: { ...base.properties, ...member.properties } }),
    ...((base.required ?? member.required) !== undefined && { required: [...new Set([...base.required ?? [], ...member.required ?? []])] }),
  }
}

/** null = anything. */
function typesOf({ type, ...rest }: Schema): readonly string[] | null {
  if (typeof type === 'string') return [type]
  if (type !== undefined) return type
  const values = valuesOf(rest)
  return values === null ? null : [...new Set(values.map((text) => { const value: unknown = JSON.parse(text); return value === null ? 'null' : typeof value }))]
}

/** As JSON texts, so that they compare; null = not limited to a list. */
function valuesOf(schema: Schema): string[] | null {
  if ('const' in schema) return [JSON.stringify(schema.const)]
  return schema.enum?.map((value) => JSON.stringify(value)) ?? null
}
