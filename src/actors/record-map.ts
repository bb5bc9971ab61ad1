// The records of a scope in memory, found by key and by how their keys begin: a look at one kind costs nothing for the others.

/** Keys are `kind:rest`, or have no kind. */
export class RecordMap {
  private readonly kinds = new Map<string, Map<string, unknown>>()

  constructor(records: Iterable<readonly [key: string, value: unknown]>) {
    for (const [key, value] of records) this.set(key, value)
  }

  get(key: string): unknown {
    return this.kinds.get(kindOf(key))?.get(key)
  }

  set(key: string, value: unknown): void {
    const kind = kindOf(key)
    const records = this.kinds.get(kind)
    if (records === undefined) this.kinds.set(kind, new Map([[key, value]]))
    else records.set(key, value)
  }

  delete(key: string): void {
    const kind = kindOf(key)
    const records = this.kinds.get(kind)
    if (records?.delete(key) === true && records.size === 0) this.kinds.delete(kind)
  }

  /** Those whose key begins so; of one kind in the order in which they came. */
  entries(prefix: string): [string, unknown][] {
    const kind = kindOf(prefix)
    if (kind === '') return [...this.kinds.values()].flatMap((records) => found(records, prefix))
    const records = this.kinds.get(kind)
    return records === undefined ? [] : kind === prefix ? [...records] : found(records, prefix)
  }
}

function found(records: ReadonlyMap<string, unknown>, prefix: string): [string, unknown][] {
  const some: [string, unknown][] = []
  for (const entry of records) if (entry[0].startsWith(prefix)) some.push(entry)
  return some
}

/** With its colon; empty where there is none. */
function kindOf(key: string): string {
  return key.slice(0, key.indexOf(':') + 1)
}
