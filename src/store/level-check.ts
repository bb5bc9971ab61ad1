// Looks over the files of an embedded store before it is opened: LevelDB itself skips in silence what it cannot read in the middle of a log, and reads a table without looking at its checksums.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Bytes } from './level-bytes.ts'
import { readLog, type LogReading } from './level-log.ts'
import { faultOfTable } from './level-table.ts'

/** What the list of files says. */
interface Listed { readonly logNumber: number; readonly previousLog: number; readonly tables: ReadonlyMap<number, number> }

/** A sentence about the first thing that is damaged or missing in `location`; null when all is there and is what was written. A torn end of a log is no damage. */
export async function faultOfLevel(location: string, { tables }: { readonly tables: boolean }): Promise<string | null> {
  const names = new Set(await readdir(location))
  const read = (name: string) => readFile(join(location, name))
  if (!names.has('CURRENT')) {
    // A database that was being made for the first time has only its first list.
    const left = [...names].filter((name) => numberOf(name, 'log|ldb|sst') !== null || (name.startsWith('MANIFEST-') && name !== 'MANIFEST-000001'))
    return left.length === 0 ? null : `CURRENT is missing, though there is ${left[0]}`
  }
  const manifest = /^(MANIFEST-\d+)\n$/.exec(await read('CURRENT').then(String))?.[1]
  if (manifest === undefined) return 'CURRENT does not name a list of files'
  if (!names.has(manifest)) return `${manifest} is missing, which CURRENT names`
  const list = readLog(await read(manifest))
  const listed = list.soundAgainAt === null ? listedIn(list) : null
  if (listed === null) return `${manifest} is not what was written${list.brokenAt === null ? '' : ` at byte ${list.brokenAt}`}`
  return await faultOfLogs(names, listed, read) ?? await faultOfTables(names, tables ? listed.tables : new Map(), read)
}

async function faultOfLogs(names: ReadonlySet<string>, { logNumber, previousLog }: Listed, read: (name: string) => Promise<Buffer>): Promise<string | null> {
  const logs = [...names].flatMap((name) => {
    const number = numberOf(name, 'log')
    return number !== null && (number >= logNumber || number === previousLog) ? [{ name, number }] : []
  })
  // It was there before the list named it; 0 = the list of a database in which nothing was written yet.
  if (logNumber > 0 && !logs.some(({ number }) => number === logNumber)) return `${nameOf(logNumber)}.log is missing`
  for (const { name } of logs) {
    const { brokenAt, soundAgainAt } = readLog(await read(name))
    if (soundAgainAt !== null) return `${name} is not what was written at byte ${brokenAt}, though what follows from byte ${soundAgainAt} is`
  }
  return null
}

async function faultOfTables(names: ReadonlySet<string>, tables: Listed['tables'], read: (name: string) => Promise<Buffer>): Promise<string | null> {
  for (const [number, size] of tables) {
    const name = ['ldb', 'sst'].map((ending) => `${nameOf(number)}.${ending}`).find((each) => names.has(each))
    if (name === undefined) return `${nameOf(number)}.ldb is missing`
    const bytes = await read(name)
    const fault = bytes.length === size ? faultOfTable(bytes) : `it has ${bytes.length} bytes, not ${size}`
    if (fault !== null) return `${name} is not what was written: ${fault}`
  }
  return null
}

/** Null when it does not say all that it must. */
function listedIn({ records }: LogReading): Listed | null {
  const tables = new Map<string, { readonly number: number; readonly size: number }>()
  const numbers = new Map<number, number>()
  try {
    for (const record of records) readEdit(new Bytes(record), numbers, tables)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
  const logNumber = numbers.get(tagOf.logNumber)
  if (logNumber === undefined || !numbers.has(tagOf.nextFile) || !numbers.has(tagOf.lastSequence)) return null
  return { logNumber, previousLog: numbers.get(tagOf.previousLog) ?? 0, tables: new Map([...tables.values()].map(({ number, size }) => [number, size])) }
}

const tagOf = { comparator: 1, logNumber: 2, nextFile: 3, lastSequence: 4, compactedUpTo: 5, dropped: 6, added: 7, previousLog: 9 } as const

function readEdit(bytes: Bytes, numbers: Map<number, number>, tables: Map<string, { number: number; size: number }>): void {
  while (!bytes.atEnd) {
    const tag = bytes.varint()
    if (tag === tagOf.comparator) bytes.slice()
    else if (tag === tagOf.compactedUpTo) {
      bytes.varint()
      bytes.slice()
    } else if (tag === tagOf.dropped) tables.delete(`${bytes.varint()}/${bytes.varint()}`)
    else if (tag === tagOf.added) {
      const [level, number, size] = [bytes.varint(), bytes.varint(), bytes.varint()]
      bytes.slice()
      bytes.slice()
      tables.set(`${level}/${number}`, { number, size })
    } else if (tag === tagOf.logNumber || tag === tagOf.nextFile || tag === tagOf.lastSequence || tag === tagOf.previousLog) numbers.set(tag, bytes.varint())
    else throw new RangeError(`nothing is known of an edit ${tag}`)
  }
}

function nameOf(number: number): string {
  return String(number).padStart(6, '0')
}

function numberOf(name: string, endings: string): number | null {
  const digits = new RegExp(`^(\\d+)\\.(?:${endings})$`).exec(name)?.[1]
  return digits === undefined ? null : Number(digits)
}
