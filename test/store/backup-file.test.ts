// The file of a backup: what is written is read again, and nothing else is.
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BackupFault, readBackup, writeBackup, type BackupHeader } from '../../src/store/backup-file.ts'
import type { Piece } from '../../src/store/port.ts'
import { piecesOf } from './dumped.ts'

const header: BackupHeader = { version: '1.2.3', madeAt: '2026-11-23T18:00:00.000Z', store: 'redis', instant: 'scope', series: true }
const some: readonly Piece[] = [
  { type: 'scope', scope: 'depot', epoch: 4 },
  { type: 'record', scope: 'depot', key: 'a', value: { text: 'ä\n', __proto__: null } },
  { type: 'claim', space: 'ids', key: '1', owner: 'depot' },
  { type: 'entry', scope: 'depot', series: 'power', atMs: 5, value: [1] },
]

async function bytesOf(pieces: readonly Piece[]): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of writeBackup(header, piecesOf(pieces))) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

async function readAll(bytes: Buffer, size = 1_000) {
  const backup = await readBackup(inChunks(bytes, size))
  const pieces: Piece[] = []
  for await (const piece of backup.pieces) pieces.push(piece)
  return { header: backup.header, counts: backup.counts, pieces }
}

describe('a backup file', () => {
  test('is read as it was written, in whatever chunks it comes', async () => {
    const bytes = await bytesOf(some)
    for (const size of [1, 7, 100_000]) {
      expect(await readAll(bytes, size)).toEqual({ header, counts: { scopes: 1, records: 1, claims: 1, entries: 1 }, pieces: some })
    }
  })

  test('of 100,000 pieces is streamed: the reader sees the first before the last is asked for', async () => {
    let asked = 0
    async function* many(): AsyncGenerator<Piece> {
      for (; asked < 100_000; asked++) yield { type: 'record', scope: 'depot', key: `k${asked}`, value: `${Math.sin(asked)}`.repeat(5) }
    }
    const backup = await readBackup(writeBackup(header, many()))
    let seen = 0
    let askedAtFirst = 0
    for await (const _ of backup.pieces) if (seen++ === 0) askedAtFirst = asked
    expect(seen).toBe(100_000)
    expect(askedAtFirst).toBeLessThan(50_000)
  })

  test('cut off anywhere is torn, and says so', async () => {
    const bytes = await bytesOf(some)
    for (let end = 0; end < bytes.length; end++) await expect(readAll(bytes.subarray(0, end))).rejects.toThrow(BackupFault)
    await expect(readAll(bytes.subarray(0, bytes.length - 9))).rejects.toThrow(/torn/)
  })

  test('with any byte altered is refused, or says the same', async () => {
    const bytes = await bytesOf(some)
    const whole = await readAll(bytes)
    await fc.assert(fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      // What gzip says of the system it was made on, and when, is nothing of ours.
      fc.pre(at < 3 || at > 9)
      const altered = Buffer.from(bytes)
      altered[at]! ^= by
      // The last bits before the checksum of gzip fill up a byte.
      const found = await readAll(altered).catch((error: unknown) => error)
      if (!(found instanceof BackupFault)) expect(found).toEqual(whole)
    }), { numRuns: 150 })
  })

  test('with a line changed, left out, added or swapped is refused, also when it was zipped again', async () => {
    const lines = gunzipSync(await bytesOf(some)).toString().trimEnd().split('\n')
    const faultOf = (changed: readonly string[]) => readAll(gzipSync(`${changed.join('\n')}\n`)).then(() => 'none', (error: unknown) => String(error))
    expect(await faultOf(lines)).toBe('none')
    expect(await faultOf(lines.map((line) => line.replace('"epoch":4', '"epoch":5')))).toMatch(/line 6: the file was altered/)
    expect(await faultOf(lines.filter((_, at) => at !== 2))).toMatch(/altered/)
    expect(await faultOf([lines[0]!, lines[2]!, lines[1]!, ...lines.slice(3)])).toMatch(/altered/)
    expect(await faultOf([...lines, lines[1]!])).toMatch(/line 7: something follows the end/)
    expect(await faultOf(lines.slice(0, -1))).toMatch(/torn: it ends with line 5/)
    expect(await faultOf([lines[0]!, '{"type":"strange"}', ...lines.slice(1)])).toMatch(/line 2: no piece/)
    expect(await faultOf([lines[0]!, 'strange'])).toMatch(/line 2: not readable/)
  })

  test('of something else, of nothing and of a newer format is refused with a reason', async () => {
    await expect(readAll(Buffer.from('not gzip at all'))).rejects.toThrow(/not gzip/)
    await expect(readAll(gzipSync('{"hello":1}\n'))).rejects.toThrow(/not a backup of kwota/)
    await expect(readAll(gzipSync('hello'))).rejects.toThrow(/not a backup of kwota/)
    await expect(readAll(gzipSync(''))).rejects.toThrow(/empty/)
    await expect(readAll(gzipSync('{"kwota":"backup","format":2,"more":1}\n'))).rejects.toThrow(/format 2.*newer/)
  })

  test('fails as the store does', async () => {
    async function* failing(): AsyncGenerator<Piece> {
      yield some[0]!
      throw new Error('the store does not answer')
    }
    await expect((async () => { for await (const _ of writeBackup(header, failing())); })()).rejects.toThrow('the store does not answer')
  })
})
