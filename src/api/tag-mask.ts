// Id tags as those see them who may not: masked by the name of their field wherever they stand, so that equal ones still look equal.
import { isIdTagName, maskTagText } from '../actors/tag-mask.ts'

/** A copy of a value, to be answered to one caller. */
export type Show = <T>(value: T) => T

export const showAll: Show = (value) => value

/** Masks what fields of these names hold, at any depth, and in texts that are JSON themselves. */
export function createShowMasked(mask: (idTag: string) => string): Show {
  function shown(value: unknown, name: string | null): unknown {
    if (typeof value === 'string') return name !== null && isIdTagName(name) ? mask(value) : maskTagText(value, mask)
    if (Array.isArray(value)) return value.map((item) => shown(item, name))
    if (typeof value !== 'object' || value === null || value instanceof Date) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item, key)]))
  }
  return <T>(value: T) => shown(value, null) as T
}
