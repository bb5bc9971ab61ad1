// Holds a schema to the house's own type of what it describes, by the compiler.
import type { z } from 'zod'

type Plain<T> = T extends readonly (infer E)[] ? Plain<E>[] : T extends object ? { -readonly [K in keyof T]: Plain<T[K]> } : T

/** `viewOf<View>()(schema)`: the schema, which must describe a View. */
export function viewOf<V>() {
  return <S extends z.ZodType<Plain<V>>>(schema: S): S => schema
}
