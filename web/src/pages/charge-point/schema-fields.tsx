// A JSON Schema as fields of a form: texts, numbers, choices, times, and what is inside of others.
import { itemOf, isObject, labelOf, startOf, type Values } from './command-schema.ts'
import type { Schema } from '../../data/json-schema.ts'

interface FieldsProps { readonly schema: Schema; readonly values: Values; readonly change: (values: Values) => void; readonly skip?: ReadonlySet<string> }

/** What is needed comes first. */
export function SchemaFields({ schema, values, change, skip }: FieldsProps) {
  const names = Object.keys(schema.properties ?? {}).filter((name) => skip?.has(name) !== true)
  const needed = (name: string): boolean => schema.required?.includes(name) === true
  return (
    <div class="fields">
      {names.sort((a, b) => Number(needed(b)) - Number(needed(a))).map((name) => {
        const of = schema.properties?.[name] ?? {}
        return <Field key={name} name={name} schema={of} needed={needed(name)} value={values[name]} change={(value) => change({ ...values, [name]: value })} />
      })}
    </div>
  )
}

interface FieldProps { readonly name: string; readonly schema: Schema; readonly needed: boolean; readonly value: unknown; readonly change: (value: unknown) => void }

function Field(props: FieldProps) {
  const { schema } = props
  if (isObject(schema)) return <Inner {...props} />
  if (schema.type === 'array') return <List {...props} />
  if (schema.type === 'boolean') return <label class="row"><input type="checkbox" checked={props.value === true} onChange={({ currentTarget }) => props.change(currentTarget.checked)} /> <Label {...props} /></label>
  return <label><Label {...props} /><Input {...props} /></label>
}

function Label({ name, schema: { description }, needed }: FieldProps) {
  return <span>{labelOf(name)}{needed ? '' : <span class="soft"> (optional)</span>}{description !== undefined && <span class="soft small"> {description}</span>}</span>
}

function Input({ schema, needed, value, change }: FieldProps) {
  const { type, enum: choices, format, minimum, maximum, minLength, maxLength, multipleOf } = schema
  const text = typeof value === 'string' || typeof value === 'number' ? value : ''
  if (choices !== undefined) {
    return (
      <select value={text} required={needed} onChange={({ currentTarget }) => change(currentTarget.value)}>
        <option value="">{needed ? 'Choose' : 'not said'}</option>
        {choices.map(String).map((choice) => <option key={choice} value={choice}>{choice}</option>)}
      </select>
    )
  }
  if (type === 'integer' || type === 'number') {
    const bound = (limit: number | undefined): number | undefined => (limit === undefined || Math.abs(limit) >= Number.MAX_SAFE_INTEGER ? undefined : limit)
    const least = bound(minimum)
    const most = bound(maximum)
    return <input type="number" required={needed} step={multipleOf ?? (type === 'integer' ? 1 : 'any')} value={text} {...(least !== undefined && { min: least })} {...(most !== undefined && { max: most })} onInput={({ currentTarget }) => change(currentTarget.value === '' ? undefined : currentTarget.valueAsNumber)} />
  }
  if (format === 'date-time') return <input type="datetime-local" step="1" required={needed} value={text} onInput={({ currentTarget }) => change(currentTarget.value)} />
  const shared = { required: needed, value: text, spellcheck: false, ...(minLength !== undefined && { minLength }), ...(maxLength !== undefined && { maxLength }) }
  if (type !== 'string' || (maxLength ?? 0) > 300) return <textarea rows={5} class="wide" placeholder={type === 'string' ? '' : 'JSON'} {...shared} onInput={({ currentTarget }) => change(currentTarget.value)} />
  return <input autocomplete="off" {...shared} onInput={({ currentTarget }) => change(currentTarget.value)} />
}

function Inner({ name, schema, needed, value, change }: FieldProps) {
  const there = typeof value === 'object' && value !== null
  return (
    <fieldset>
      <legend>
        {needed ? labelOf(name) : <label class="row"><input type="checkbox" checked={there} onChange={({ currentTarget }) => change(currentTarget.checked ? startOf(schema) : undefined)} /> {labelOf(name)} <span class="soft">(optional)</span></label>}
      </legend>
      {there && <SchemaFields schema={schema} values={value as Values} change={change} />}
    </fieldset>
  )
}

function List({ name, schema, needed, value, change }: FieldProps) {
  const list: readonly unknown[] = Array.isArray(value) ? value : []
  const items = schema.items ?? {}
  const put = (index: number, item: unknown): void => change(list.map((other, at) => (at === index ? item : other)))
  return (
    <fieldset>
      <legend>{labelOf(name)}{!needed && <span class="soft"> (optional)</span>}</legend>
      {list.map((item, index) => (
        <div key={index} class="item">
          {isObject(items)
            ? <SchemaFields schema={items} values={(item ?? {}) as Values} change={(changed) => put(index, changed)} />
            : <Field name={`${name} ${index + 1}`} schema={items} needed value={item} change={(changed) => put(index, changed)} />}
          {list.length > (needed ? 1 : 0) && <button type="button" aria-label={`Remove ${labelOf(name)} ${index + 1}`} onClick={() => change(list.filter((_, at) => at !== index))}>Remove</button>}
        </div>
      ))}
      <button type="button" onClick={() => change([...list, itemOf(schema)])}>Add one</button>
    </fieldset>
  )
}
