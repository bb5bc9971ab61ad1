// The REST API for people who write programs: every operation with what it takes, needs and answers, from the description that kwota itself gives.
import { useSignal } from '@preact/signals'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { call, said } from '../../data/call.ts'
import { byTag, found, operationsOf, refusals, successes, typeWords, type ApiDescription, type Operation } from './operations.ts'
import type { Schema } from '../../data/json-schema.ts'

/** Deeper ones are named only. */
const deepest = 4

export function Page() {
  const search = useSignal('')
  const [description, describe] = useState<ApiDescription | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  useEffect(() => {
    call<ApiDescription>('/openapi.json', { withinMs: 30_000 }).then(describe, (error: unknown) => setTrouble(said(error)))
  }, [])
  const all = useMemo(() => (description === null ? [] : operationsOf(description)), [description])
  const shown = found(all, search.value)
  return (
    <>
      <h1>REST API</h1>
      <p>The same for programs: <a href="/api/v1/openapi.json" target="_blank" rel="noreferrer">/api/v1/openapi.json</a> (OpenAPI 3.1). A key is sent as <code>Authorization: Bearer …</code>; keys are made in the <a href="/settings">settings</a>.</p>
      {trouble !== null && <p role="alert" class="bad card">{trouble}</p>}
      {description === null && trouble === null && <p class="first" aria-busy="true">Reading the description …</p>}
      {description !== null && (
        <>
          <p class="line middle"><label>Search<input type="search" value={search.value} placeholder="limit, /chargepoints, POST …" onInput={({ currentTarget }) => { search.value = currentTarget.value }} /></label> <span role="status">{shown.length} of {all.length} operations</span></p>
          {byTag(shown).map(([tag, operations]) => (
            <section key={tag} class="card"><h2>{tag}</h2>{operations.map((one) => <Described key={`${one.method} ${one.path}`} operation={one} schemas={description.components?.schemas ?? {}} />)}</section>
          ))}
        </>
      )}
    </>
  )
}

type Schemas = NonNullable<NonNullable<ApiDescription['components']>['schemas']>

/** What is inside is drawn once it is opened: there are hundreds. */
function Described({ operation, schemas }: { operation: Operation; schemas: Schemas }) {
  const [open, setOpen] = useState(false)
  return (
    <details class="operation" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary><span class="method">{operation.method}</span> <code>{operation.path}</code> <span class="soft">{operation.summary}</span></summary>
      {open && <Inside operation={operation} schemas={schemas} />}
    </details>
  )
}

function Inside({ operation, schemas }: { operation: Operation; schemas: Schemas }) {
  const { needs, parameters, body } = operation
  return (
    <>
      <p>{needs.replaceAll('`', '')}</p>
      {parameters.length > 0 && (
        <>
          <h3>Parameters</h3>
          <ul class="schema">{parameters.map(({ name, in: place, required, description, schema }) => <li key={`${place} ${name}`}><code>{name}</code> <span class="soft">in the {place}{required && ', needed'}: {typeWords(schema)}.</span> {description ?? schema.description}</li>)}</ul>
        </>
      )}
      {body !== null && <><h3>Body{body.required ? '' : ' (may be left out)'}</h3><Contents of={body.content} schemas={schemas} /></>}
      <h3>Answers</h3>
      {successes(operation).map(({ status, description, content }) => <div key={status}><p><b>{status}</b> {description}</p><Contents of={content} schemas={schemas} /></div>)}
      {refusals(operation).length > 0 && <p class="soft">Refused with {refusals(operation).join(', ')}: application/problem+json with a code, a detail and mostly a hint.</p>}
    </>
  )
}

function Contents({ of, schemas }: { of: Operation['answers'][number]['content']; schemas: Schemas }) {
  return <>{Object.entries(of).map(([type, content]) => <div key={type}><p class="soft small">{type}{content?.schema !== undefined && `: ${typeWords(content.schema)}`}</p>{content?.schema !== undefined && <Fields of={content.schema} schemas={schemas} depth={0} />}</div>)}</>
}

function Fields({ of, schemas, depth }: { of: Schema; schemas: Schemas; depth: number }) {
  const whole = of.$ref === undefined ? of : schemas[of.$ref.split('/').at(-1) ?? ''] ?? {}
  const within = whole.items ?? whole
  const held = within.$ref === undefined ? within : schemas[within.$ref.split('/').at(-1) ?? ''] ?? {}
  const either = held.anyOf ?? held.oneOf
  if (depth >= deepest) return null
  if (either !== undefined && held.properties === undefined) return <>{either.map((one, index) => <Fields key={index} of={one} schemas={schemas} depth={depth} />)}</>
  if (held.properties === undefined) return null
  return (
    <ul class="schema">
      {Object.entries(held.properties).map(([name, schema]) => (
        <li key={name}><code>{name}</code>{held.required?.includes(name) === true && <span aria-label="needed" role="img">*</span>} <span class="soft">{typeWords(schema)}{schema.default !== undefined && `; left out: ${JSON.stringify(schema.default)}`}</span>{schema.description !== undefined && ` ${schema.description}`}<Fields of={schema} schemas={schemas} depth={depth + 1} /></li>
      ))}
    </ul>
  )
}
