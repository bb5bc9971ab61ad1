// The file of a backup: gzip of JSON lines, first what it is, then every piece, last the counts and the SHA-256 of all lines before.
import { createHash } from 'node:crypto'
import { pipeline, Readable } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'
import { z } from 'zod'
import type { Piece } from './port.ts'

const format = 1
const headerSchema = z.strictObject({
  kwota: z.literal('backup'), format: z.literal(format),
  /** The kwota that made it. */
  version: z.string(), madeAt: z.iso.datetime(), store: z.enum(['embedded', 'redis', 'memory']),
  /** The records are those of one instant: of the whole store, or (Redis) of each scope by itself. */
  instant: z.enum(['store', 'scope']),
  series: z.boolean(),
})
const text = z.string()
const pieceSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('scope'), scope: text, epoch: z.int().positive() }),
  z.strictObject({ type: z.literal('record'), scope: text, key: text, value: z.unknown() }),
  z.strictObject({ type: z.literal('claim'), space: text, key: text, owner: text }),
  z.strictObject({ type: z.literal('entry'), scope: text, series: text, atMs: z.int().nonnegative(), value: z.unknown() }),
])
const countsSchema = z.strictObject({ scopes: z.int(), records: z.int(), claims: z.int(), entries: z.int() })
const trailerSchema = z.strictObject({ type: z.literal('end'), counts: countsSchema, sha256: text })

export type BackupHeader = Omit<z.output<typeof headerSchema>, 'kwota' | 'format'>
export type PieceCounts = z.output<typeof countsSchema>

/** The file is not what it should be: torn, altered, or none of ours. The message says what and in which line. */
export class BackupFault extends Error {
  override readonly name = 'BackupFault'
}

const writtenTogether = 65_536
/** Longer is no line of ours: the whole of it would have to be held. */
const longestLineBytes = 64 * 1_048_576
const newline = 0x0a

export function noCounts(): PieceCounts {
  return { scopes: 0, records: 0, claims: 0, entries: 0 }
}

export function countPiece(counts: PieceCounts, { type }: Piece): void {
  counts[type === 'scope' ? 'scopes' : type === 'record' ? 'records' : type === 'claim' ? 'claims' : 'entries']++
}

/** The bytes of the file, as they are asked for; fails as `pieces` does. `counts` counts along. */
export function writeBackup(header: BackupHeader, pieces: AsyncIterable<Piece>, counts = noCounts()): AsyncIterable<Uint8Array> {
  const zipped = createGzip()
  // Whatever fails is what the reader of the bytes is told.
  pipeline(Readable.from(linesOf(header, pieces, counts)), zipped, () => undefined)
  return zipped
}

async function* linesOf(header: BackupHeader, pieces: AsyncIterable<Piece>, counts: PieceCounts): AsyncGenerator<string> {
  const hash = createHash('sha256')
  let waiting = `${JSON.stringify({ kwota: 'backup', format, ...header })}\n`
  for await (const piece of pieces) {
    countPiece(counts, piece)
    waiting += `${JSON.stringify(piece)}\n`
    if (waiting.length < writtenTogether) continue
    hash.update(waiting)
    yield waiting
    waiting = ''
  }
  hash.update(waiting)
  yield `${waiting}${JSON.stringify({ type: 'end', counts, sha256: hash.digest('hex') })}\n`
}

export interface OpenBackup {
  readonly header: BackupHeader
  /** Counted up to where it was read. */
  readonly counts: PieceCounts
  /** Once; ends only when the whole file is as it was written, and throws BackupFault otherwise. */
  readonly pieces: AsyncIterable<Piece>
}

/** Reads the first line. Rejects with BackupFault; the pieces are to be believed only when all of them were read. */
export async function readBackup(bytes: AsyncIterable<Uint8Array>): Promise<OpenBackup> {
  const unzipped = createGunzip()
  pipeline(Readable.from(bytes), unzipped, () => undefined)
  const lines = splitLines(unzipped)
  const first = await lines.next()
  if (first.done) throw new BackupFault('the file is empty')
  const hash = createHash('sha256').update(first.value).update('\n')
  const { kwota: _, format: __, ...header } = headerOf(first.value)
  const counts = noCounts()
  return { header, counts, pieces: piecesIn(lines, hash, counts) }
}

async function* piecesIn(lines: AsyncGenerator<Buffer>, hash: ReturnType<typeof createHash>, counts: PieceCounts): AsyncGenerator<Piece> {
  let nth = 1
  let ended = false
  for await (const line of lines) {
    nth += 1
    if (ended) throw new BackupFault(`line ${nth}: something follows the end`)
    const value = jsonOf(line, nth)
    const end = trailerSchema.safeParse(value)
    if (end.success) {
      if (end.data.sha256 !== hash.digest('hex')) throw new BackupFault(`line ${nth}: the file was altered: its lines do not have the SHA-256 that its end names`)
      if (JSON.stringify(end.data.counts) !== JSON.stringify(counts)) throw new BackupFault(`line ${nth}: the end counts other pieces than there are`)
      ended = true
      continue
    }
    hash.update(line).update('\n')
    const piece = pieceSchema.safeParse(value)
    if (!piece.success) throw new BackupFault(`line ${nth}: no piece of a backup`)
    countPiece(counts, piece.data)
    yield piece.data
  }
  if (!ended) throw new BackupFault(`the file is torn: it ends with line ${nth} and has no end of its own`)
}

function headerOf(line: Buffer): z.output<typeof headerSchema> {
  const value = jsonOf(line, 1)
  const header = headerSchema.safeParse(value)
  if (header.success) return header.data
  const newer = z.looseObject({ kwota: z.literal('backup'), format: z.int().gt(format) }).safeParse(value)
  throw new BackupFault(newer.success ? `line 1: a backup of format ${newer.data.format}, and this kwota reads format ${format}: restore it with a newer one` : 'line 1: not a backup of kwota')
}

function jsonOf(line: Buffer, nth: number): unknown {
  try {
    return JSON.parse(line.toString('utf8'))
  } catch {
    throw new BackupFault(nth === 1 ? 'line 1: not a backup of kwota' : `line ${nth}: not readable as JSON`)
  }
}

/** Without their ends. */
async function* splitLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = []
  let held = 0
  let nth = 1
  try {
    for await (const chunk of bytes) {
      let from = 0
      for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
        yield parts.length === 0 ? chunk.subarray(from, at) : Buffer.concat([...parts, chunk.subarray(from, at)])
        parts = []
        held = 0
        nth += 1
        from = at + 1
      }
      if (from === chunk.length) continue
      parts.push(chunk.subarray(from))
      held += chunk.length - from
      if (held > longestLineBytes) throw new BackupFault(`line ${nth}: longer than any line of a backup`)
    }
  } catch (error) {
    throw zipFault(error, nth)
  }
  if (held > 0) yield Buffer.concat(parts)
}

/** What zlib says, in words for whoever has the file. */
function zipFault(error: unknown, nth: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'Z_BUF_ERROR') return new BackupFault(`the file is torn: its compressed data ends early, in line ${nth}`)
  if (code === 'Z_DATA_ERROR') return new BackupFault(nth === 1 ? 'the file is not gzip, or was altered in its first line' : `the file was altered: its compressed data is broken in line ${nth}`)
  return error
}
