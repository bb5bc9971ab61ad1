// Compares two OpenAPI documents as a client of the older one would feel it: whatever could break that client is named.
import { schemaBreaks, type Schema } from './schema-diff.ts'

type Contents = Readonly<Record<string, { readonly schema?: Schema }>>
interface Parameter { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema?: Schema }
interface Operation {
  readonly operationId?: string
  readonly security?: readonly unknown[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Contents }
  readonly responses: Readonly<Record<string, { readonly content?: Contents; readonly headers?: Readonly<Record<string, unknown>> }>>
}
export interface OpenapiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

/** What a client written against `before` may no longer rely on in `now`, one sentence each; empty when everything still holds. Additions never count. */
export function breaks(before: OpenapiDocument, now: OpenapiDocument): string[] {
  const compare = (old: Schema | undefined, current: Schema | undefined, side: 'request' | 'response') =>
    old === undefined || current === undefined ? [] : schemaBreaks(old, current, { side, before: before.components?.schemas ?? {}, now: now.components?.schemas ?? {} })
  return Object.entries(before.paths).flatMap(([path, methods]) => Object.entries(methods).flatMap(([method, old]) => {
    const current = now.paths[path]?.[method]
    const faults = current === undefined ? ['removed'] : operationBreaks(old, current, compare)
    return faults.map((fault) => `${method.toUpperCase()} ${path}: ${fault}`)
  }))
}

type Compare = (old: Schema | undefined, current: Schema | undefined, side: 'request' | 'response') => string[]

function operationBreaks(old: Operation, now: Operation, compare: Compare): string[] {
  return [
    ...(old.operationId === now.operationId ? [] : [`operationId ${old.operationId} is now ${now.operationId}`]),
    ...(old.security?.length === 0 && now.security?.length !== 0 ? ['needs a key now'] : []),
    ...parameterBreaks(old.parameters ?? [], now.parameters ?? [], compare),
    ...bodyBreaks(old, now, compare),
    ...Object.entries(old.responses).flatMap(([status, response]) => {
      const current = now.responses[status]
      if (current === undefined) return [`answer ${status} removed`]
      return [
        ...Object.keys(response.headers ?? {}).filter((name) => !(name in (current.headers ?? {}))).map((name) => `answer ${status}: header ${name} removed`),
        ...contentBreaks(response.content ?? {}, current.content ?? {}, (a, b) => compare(a, b, 'response')).map((fault) => `answer ${status}: ${fault}`),
      ]
    }),
  ]
}

function parameterBreaks(old: readonly Parameter[], now: readonly Parameter[], compare: Compare): string[] {
  const key = (parameter: Parameter) => `${parameter.in} ${parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name}`
  const known = new Map(old.map((parameter) => [key(parameter), parameter]))
  const current = new Map(now.map((parameter) => [key(parameter), parameter]))
  const gone = [...known.keys()].filter((name) => !current.has(name)).map((name) => `parameter ${name} removed`)
  return [...gone, ...[...current].flatMap(([name, parameter]) => {
    const before = known.get(name)
    return [
      ...(parameter.required === true && before?.required !== true ? [`parameter ${name} is required now`] : []),
      ...compare(before?.schema, parameter.schema, 'request').map((fault) => `parameter ${name}${fault}`),
    ]
  })]
}

function bodyBreaks(old: Operation, now: Operation, compare: Compare): string[] {
  if (old.requestBody === undefined) return now.requestBody === undefined ? [] : ['a body is required now']
  if (now.requestBody === undefined) return ['takes no body any more']
  return contentBreaks(old.requestBody.content, now.requestBody.content, (a, b) => compare(a, b, 'request')).map((fault) => `body: ${fault}`)
}

function contentBreaks(old: Contents, now: Contents, compare: (a: Schema | undefined, b: Schema | undefined) => string[]): string[] {
  return Object.entries(old).flatMap(([type, { schema }]) => {
    const current = now[type]
    return current === undefined ? [`${type} removed`] : compare(schema, current.schema).map((fault) => `${type}${fault}`)
  })
}
