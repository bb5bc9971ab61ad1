// Takes an id tag out of what was kept: another name in its place, the same everywhere, so that what belongs together stays together.

const tagFields: ReadonlySet<string> = new Set(['idTag', 'stopIdTag', 'parentIdTag'])

/** `value` with `name` where a field holds the tag, however spelt; itself when none does. */
export function withoutTag<T>(value: T, tag: string, name: string): T {
  return replaced(value, tag.toLowerCase(), name) as T
}

function replaced(value: unknown, tag: string, name: string): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const after = value.map((one) => replaced(one, tag, name))
    return after.some((one, index) => one !== value[index]) ? after : value
  }
  let changed = false
  const after = Object.entries(value).map(([field, one]): [string, unknown] => {
    const now = tagFields.has(field) && typeof one === 'string' && one.toLowerCase() === tag ? name : field === 'trail' && Array.isArray(one) ? trailWithout(one, tag, name) : replaced(one, tag, name)
    if (now !== one) changed = true
    return [field, now]
  })
  return changed ? Object.fromEntries(after) : value
}

/** Why somebody changed a record, in words of their own. */
function trailWithout(trail: readonly unknown[], tag: string, name: string): readonly unknown[] {
  const after = trail.map((entry) => reasonWithoutTag(replaced(entry, tag, name), tag, name))
  return after.some((one, index) => one !== trail[index]) ? after : trail
}

/** `value` with `name` where its `reason` has the tag as a word; itself where it does not. */
export function reasonWithoutTag<T>(value: T, tag: string, name: string): T {
  if (typeof value !== 'object' || value === null || !('reason' in value) || typeof value.reason !== 'string') return value
  const reason = wordsWithoutTag(value.reason, tag, name)
  return reason === value.reason ? value : { ...value, reason }
}

/** What somebody wrote, with `name` where the tag is a word of it, however spelt. */
export function wordsWithoutTag(text: string, tag: string, name: string): string {
  return text.replaceAll(new RegExp(`(?<![\\p{L}\\p{N}])${tag.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'giu'), () => name)
}

/** The same for the text of a frame, which need not be whole. */
export function textWithoutTag(text: string, tag: string, name: string): string {
  const written = JSON.stringify(tag).slice(1, -1).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return text.replace(new RegExp(`("(?:${[...tagFields].join('|')})"\\s*:\\s*")${written}"`, 'gi'), (_, before: string) => `${before}${name}"`)
}
