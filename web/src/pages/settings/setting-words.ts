// A setting as text for people, and people's text as a setting.
import type { SettingKey } from '../../../../src/settings.ts'
import { duration } from '../../data/words.ts'
import type { Schema } from '../../data/json-schema.ts'

const inWordsFromS = 120

export interface Shown { readonly key: SettingKey; readonly value: unknown; readonly source: 'site' | 'default' | 'chargePoint' }

/** What a site says itself stands before what holds without its word; `effective` is of one of its charge points, if it has any. */
export function settingsShown(own: Readonly<Record<string, unknown>>, effective: Readonly<Record<string, { readonly value: unknown; readonly source: string } | undefined>>, keys: readonly SettingKey[]): readonly Shown[] {
  return keys.map((key) => {
    if (Object.hasOwn(own, key)) return { key, value: own[key], source: 'site' }
    const held = effective[key]
    return { key, value: held?.source === 'default' ? held.value : undefined, source: 'default' }
  })
}

/** As it stands in the table: with its unit, and yes and no. */
export function valueShown(value: unknown, unit: string | undefined): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const parts = Object.entries(value).map(([key, of]) => `${key} ${valueText(of)}`)
    return parts.length === 0 ? 'none' : parts.join(', ')
  }
  if (unit === 's' && typeof value === 'number' && value >= inWordsFromS) return `${value} s (${duration(value)})`
  return `${valueText(value)}${unit === undefined ? '' : ` ${unit}`}`
}

export function valueText(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ')
  return JSON.stringify(value)
}

/** Throws SyntaxError where JSON is needed and it is none. */
export function valueOf({ type, items }: Schema, text: string): unknown {
  if (type === 'integer' || type === 'number') return Number(text)
  if (type === 'boolean') return text === 'true'
  if (type === 'string') return text
  if (type === 'array' && items?.type === 'string') return text.split(',').map((item) => item.trim()).filter((item) => item !== '')
  return JSON.parse(text) as unknown
}

/** What may be written there, short. */
export function allowedText({ type, enum: choices, items, minimum, maximum, description }: Schema): string {
  const what = choices !== undefined ? `one of ${choices.join(', ')}`
    : type === 'integer' || type === 'number' ? `a ${type === 'integer' ? 'whole ' : ''}number${minimum === undefined ? '' : ` from ${minimum}`}${maximum === undefined ? '' : ` to ${maximum}`}`
      : type === 'boolean' ? 'true or false'
        : type === 'array' ? `a list separated by commas${items?.enum === undefined ? '' : `, of ${items.enum.join(', ')}`}`
          : type === 'object' ? 'JSON' : 'text'
  return `${description === undefined ? '' : `${description} `}${what.charAt(0).toUpperCase()}${what.slice(1)}.`
}
