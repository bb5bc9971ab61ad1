// What cannot be read of a scope's records: kept under a key of its own for whoever mends it, so that nothing else stumbles over it.

/** One record that was set aside, and why. */
export interface Aside { readonly key: string; readonly reason: string }

export type Found = { readonly value: unknown } | { readonly text: string }

export const asidePrefix = 'quarantine:'
/** Beyond that the oldest go. */
export const mostAside = 200
const longestText = 65_536
const longestKey = 512

/** Under this key it lies; a very long one is cut. */
export function asideKey(key: string): string {
  return (asidePrefix + key).slice(0, longestKey)
}

/** What is kept of it: its value, or the beginning of a text that is no JSON or too long. */
export function asideRecord({ key, reason }: Aside, found: Found, atMs: number) {
  const text = 'text' in found ? found.text : JSON.stringify(found.value)
  const kept = 'value' in found && text.length <= longestText ? { value: found.value } : { text: text.slice(0, longestText), length: text.length }
  return { v: 1, key, reason: reason.slice(0, 500), atMs, ...kept }
}

/** Keys of those that go when there are more than are kept, the oldest first; those of before 0.6 have no time and go before. */
export function asideTooMany(entries: readonly (readonly [key: string, value: unknown])[]): string[] {
  if (entries.length <= mostAside) return []
  return entries.toSorted(([, a], [, b]) => atMsOf(a) - atMsOf(b)).slice(0, entries.length - mostAside).map(([key]) => key)
}

function atMsOf(value: unknown): number {
  return typeof value === 'object' && value !== null && 'atMs' in value && typeof value.atMs === 'number' ? value.atMs : 0
}
