// A compromised operator edits the audit log: whatever byte of whatever entry is another, wherever it lies, verification fails and names it.
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { verifyChain, type AuditVerdict } from '../../src/actors/audit-chain.ts'
import { AuditLog } from '../../src/actors/audit-log.ts'
import { canonical, genesisHash, hashOf, type AuditRecord } from '../../src/actors/audit-record.ts'
import { auditHeadKey, auditKey, auditSeries, placeOf } from '../../src/actors/audit-stored.ts'
import { openScope } from '../../src/actors/scope.ts'
import { exportLines, fileSource, storeSource } from '../../src/cli/audit-sources.ts'
import { createMemoryStore, type MemoryStore } from '../../src/store/memory.ts'
import { silentLog } from '../../src/log.ts'
import { VirtualClock } from '../virtual-clock.ts'

const entries = 12
/** The first ones have moved to the series, the others are still records of the scope. */
const moved = 7

async function written(store: MemoryStore): Promise<void> {
  const clock = new VirtualClock(Date.UTC(2026, 10, 22, 12))
  const scope = await openScope({ store, clock, name: 'kwota' })
  const log = new AuditLog({ scope, store, clock, log: silentLog })
  for (let made = 1; made <= entries; made++) {
    await log.record({ actor: 'Zählerdienst', action: 'set-grid-limit', target: { kind: 'grid-limit', id: 'main' }, siteID: 'main', requestId: `r${made}`, reason: made % 3 === 0 ? '“works” 🚧' : undefined, before: { currentA: made - 1 }, after: { currentA: made, nested: { list: [1, 2.5, null, 'x'] } } })
    if (made === moved) await log.move()
    await clock.advance(61_000)
  }
  await scope.close()
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  // In two pieces, as files come.
  const middle = Math.floor(bytes.length / 2)
  yield bytes.subarray(0, middle)
  yield bytes.subarray(middle)
}

const verifyFile = async (bytes: Uint8Array): Promise<AuditVerdict> => {
  const { head, rows } = await fileSource(one(bytes))
  return verifyChain(head, rows)
}
const verifyStore = async (store: MemoryStore): Promise<AuditVerdict> => {
  const { head, rows } = await storeSource(store)
  return verifyChain(head, rows)
}

describe('an audit log in which somebody has changed something', () => {
  let file: Buffer
  let lines: string[]
  const of = (some: readonly string[]) => Buffer.from(some.join(''))
  /** The number of the entry that a byte of the file belongs to; 0 = the head. */
  const entryAt = (place: number) => file.subarray(0, place).filter((byte) => byte === 0x0a).length

  beforeAll(async () => {
    const store = createMemoryStore()
    await written(store)
    lines = []
    for await (const line of exportLines(await storeSource(store))) lines.push(line)
    file = of(lines)
  })

  test('threat 54: nobody has: it is whole, in the store and as a file', async () => {
    const store = createMemoryStore()
    await written(store)
    expect(await verifyStore(store)).toMatchObject({ ok: true, records: entries, fault: null })
    expect(await verifyFile(file)).toEqual(await verifyStore(store))
  })

  test('threat 54: one byte of the exported file is another: verification fails and names the entry', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (place, other) => {
      const edited = Buffer.from(file)
      edited[place] = edited[place]! ^ other
      const verdict = await verifyFile(edited)
      expect(verdict.ok).toBe(false)
      const entry = entryAt(place)
      // Of the head nothing but the end can be told; what it says of the first entry is missed there.
      if (entry > 0) expect(verdict.fault).toMatchObject({ sequence: entry, what: 'altered' })
    }), { numRuns: 300 })
  })

  test('threat 54: one byte of an entry in the store is another: verification fails and names the entry', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: entries }), fc.nat(100_000), fc.integer({ min: 1, max: 255 }), async (sequence, at, other) => {
      const text = Buffer.from(lines[sequence]!.trimEnd())
      const place = at % text.length
      text[place] = text[place]! ^ other
      let value: unknown = text.toString()
      try { value = JSON.parse(text.toString()) } catch { /* it stands there as a text */ }
      // A space inside of a number of a series is no change of what is stored.
      fc.pre(canonical(value) !== lines[sequence]!.trimEnd())
      const store = createMemoryStore()
      await written(store)
      await put(store, sequence, value)
      expect((await verifyStore(store)).fault).toMatchObject({ sequence, what: 'altered' })
    }), { numRuns: 60 })
  })

  test('threat 54: an entry that was made to fit itself does not fit the next one, nor the head', async () => {
    for (const sequence of [3, 9, entries]) {
      const store = createMemoryStore()
      await written(store)
      const forged = { ...JSON.parse(lines[sequence]!) as AuditRecord, actor: 'somebody else' }
      await put(store, sequence, { ...forged, hash: hashOf(forged) })
      expect((await verifyStore(store)).fault).toMatchObject({ sequence: Math.min(sequence + 1, entries), what: 'altered' })
    }
  })

  test('threat 54: the last entry is gone, or the first, or one between, or two have changed places', async () => {
    const without = (line: number) => of(lines.filter((_, index) => index !== line))
    expect((await verifyFile(without(entries))).fault).toMatchObject({ sequence: entries, what: 'cut-off' })
    expect((await verifyFile(of(lines.slice(0, 5)))).fault).toMatchObject({ sequence: 5, what: 'cut-off' })
    expect((await verifyFile(without(1))).fault).toMatchObject({ sequence: 1, what: 'missing' })
    expect((await verifyFile(without(6))).fault).toMatchObject({ sequence: 6, what: 'missing' })
    expect((await verifyFile(of([...lines.slice(0, 4), lines[5]!, lines[4]!, ...lines.slice(6)]))).fault).toMatchObject({ sequence: 4, what: 'reordered' })
    expect((await verifyFile(of([...lines.slice(0, 5), lines[4]!, ...lines.slice(5)]))).fault).toMatchObject({ sequence: 5, what: 'reordered' })
    expect((await verifyFile(without(0))).ok).toBe(false)
    expect((await verifyFile(Buffer.alloc(0))).ok).toBe(false)
    expect((await verifyFile(file.subarray(0, -1))).fault).toMatchObject({ sequence: entries, what: 'altered' })
  })

  test('threat 54: the last entry is gone from the store, or the head with it, or everything that was moved', async () => {
    const gone = async (act: (store: MemoryStore, epoch: number) => Promise<void>) => {
      const store = createMemoryStore()
      await written(store)
      await act(store, await store.own('kwota'))
      return (await verifyStore(store)).fault
    }
    expect(await gone((store, epoch) => store.commit('kwota', epoch, { deletes: [auditKey(entries)] }))).toMatchObject({ sequence: entries, what: 'cut-off' })
    expect(await gone((store, epoch) => store.commit('kwota', epoch, { deletes: [auditKey(entries), auditHeadKey] }))).toMatchObject({ sequence: entries, what: 'cut-off' })
    expect(await gone((store) => store.expire('kwota', auditSeries, placeOf(moved + 1)))).toMatchObject({ sequence: 1, what: 'missing' })
  })

  test('threat 54: a head that says older entries were dropped is not believed, unless an entry says so too', async () => {
    const [opening, ...rows] = lines
    const { head } = JSON.parse(opening!) as { head: { sequence: number; first: { sequence: number; previousHash: string } } }
    const first = JSON.parse(rows[4]!) as AuditRecord
    const forged = { file: 'kwota-audit-log', v: 1, head: { ...head, first: { sequence: 5, previousHash: first.previousHash } } }
    expect((await verifyFile(of([`${canonical(forged)}\n`, ...rows.slice(4)]))).fault).toMatchObject({ sequence: 4, what: 'missing' })
    expect(head.first).toEqual({ sequence: 1, previousHash: genesisHash })
  })
})

/** Behind the back of kwota. */
async function put(store: MemoryStore, sequence: number, value: unknown): Promise<void> {
  if (sequence <= moved) return store.replace('kwota', auditSeries, placeOf(sequence), placeOf(sequence + 1), [{ atMs: placeOf(sequence), value }])
  await store.commit('kwota', await store.own('kwota'), { puts: new Map([[auditKey(sequence), value]]) })
}
