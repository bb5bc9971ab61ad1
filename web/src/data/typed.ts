// What somebody has typed into a form, and how it lives through another's change of the same thing.

/** The fields of a form as text, by name; a name that is missing is a field that was taken out. */
export type Typed = Readonly<Record<string, string>>

/** `now` with every field that was typed otherwise than it was `before`. */
export function retyped(before: Typed, typed: Typed, now: Typed): Typed {
  const kept: Record<string, string> = {}
  for (const name of new Set([...Object.keys(now), ...Object.keys(typed)])) {
    const value = typed[name] === before[name] ? now[name] : typed[name]
    if (value !== undefined) kept[name] = value
  }
  return kept
}

export const sameTyped = (a: Typed, b: Typed): boolean => [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => a[name] === b[name])
