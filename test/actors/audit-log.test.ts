// The audit log through crashes, failures of the store, moves and retention: one chain, each entry once, nothing that grows without bound.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AuditOffice } from '../../src/actors/audit-face.ts'
import { AuditLog } from '../../src/actors/audit-log.ts'
import { verifyChain } from '../../src/actors/audit-chain.ts'
import { bounded, canonical, type AuditEntry, type AuditRecord } from '../../src/actors/audit-record.ts'
import { auditHeadKey, auditSeries } from '../../src/actors/audit-stored.ts'
import { openScope, type Scope } from '../../src/actors/scope.ts'
import { storeSource } from '../../src/cli/audit-sources.ts'
import type { Log } from '../../src/log.ts'
import { createMemoryStore, type MemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'

const entry = (more: Partial<AuditEntry> = {}): AuditEntry => ({ actor: 'local', action: 'set-grid-limit', target: { kind: 'grid-limit', id: 'main' }, siteID: 'main', requestId: 'r', before: null, after: { currentA: 5 }, ...more })
const whole = { ok: true, fault: null }
const trouble = { store: false }
const startMs = Date.UTC(2026, 10, 22, 12)

async function open(store = createMemoryStore({ failing: () => trouble.store }), clock = new VirtualClock(startMs)) {
  trouble.store = false
  const logged: string[] = []
  const note = (_: object, message: string): void => void logged.push(message)
  const scope: Scope = await openScope({ store, clock, name: 'kwota' })
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const audit = new AuditLog({ scope, store, clock, log })
  return { store, clock, scope, audit, logged, office: new AuditOffice(audit) }
}

const verify = async (store: MemoryStore) => {
  const { head, rows } = await storeSource(store)
  return verifyChain(head, rows)
}
const sequences = async (audit: AuditLog): Promise<number[]> => {
  const found: number[] = []
  for await (const { number } of audit.newestFirst()) found.push(number)
  return found
}
const records = async (audit: AuditLog): Promise<AuditRecord[]> => {
  const found: AuditRecord[] = []
  for await (const { value } of audit.newestFirst()) found.push(value as AuditRecord)
  return found
}
const upTo = (count: number) => Array.from({ length: count }, (_, index) => count - index)

test('killed at any moment: what was recorded is there once, in one chain, and nothing else is', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom('record', 'note', 'move', 'kill'), { maxLength: 40 }), async (steps) => {
    let stand = await open()
    const acknowledged: string[] = []
    for (const [index, step] of steps.entries()) {
      const { audit, scope, store, clock } = stand
      if (step === 'record') {
        await audit.record(entry({ requestId: `r${index}` }))
        acknowledged.push(`r${index}`)
      } else if (step === 'note') audit.note(entry({ requestId: `n${index}` }))
      else if (step === 'move') void audit.move()
      else {
        scope.abandon()
        stand = await open(store.restart(), clock)
      }
    }
    await stand.audit.durable()
    expect(await verify(stand.store)).toMatchObject({ ...whole, records: stand.audit.end.sequence })
    const asked = (await records(stand.audit)).map(({ cause }) => cause.requestId ?? '')
    expect(new Set(asked).size).toBe(asked.length)
    expect(asked).toEqual(expect.arrayContaining(acknowledged))
  }), { numRuns: 60 })
})

test('killed between moving and forgetting: what stands in both places counts once', async () => {
  const { store, audit, scope, clock } = await open()
  for (let made = 0; made < 30; made++) await audit.record(entry())
  const before = await store.read('kwota')
  await audit.move()
  scope.abandon()
  // As if the last commit of the move had not been.
  await store.commit('kwota', await store.own('kwota'), { puts: new Map([...before].filter(([key]) => key.startsWith('audit:'))) })
  const again = await open(store.restart(), clock)
  expect(await sequences(again.audit)).toEqual(upTo(30))
  expect(await verify(again.store)).toMatchObject({ ...whole, records: 30 })
  await again.audit.record(entry())
  await again.audit.move()
  expect([await sequences(again.audit), (await again.store.range('kwota', auditSeries, 0, Number.MAX_SAFE_INTEGER)).length]).toEqual([upTo(31), 31])
})

test('entries move out of memory by themselves', async () => {
  const { audit, scope, store } = await open()
  for (let made = 0; made < 450; made++) await audit.record(entry())
  await audit.move()
  await audit.record(entry())
  expect(scope.entries('audit:').length).toBe(1)
  expect(await verify(store)).toMatchObject({ ...whole, records: 451 })
  expect(await sequences(audit)).toEqual(upTo(451))
})

test('the store is down: nothing is acknowledged, and what was done is in the log when it is back', async () => {
  const { audit, store, clock } = await open()
  await audit.record(entry({ requestId: 'before' }))
  trouble.store = true
  await expect(audit.record(entry({ requestId: 'during' }))).rejects.toMatchObject({ code: 'store-down' })
  trouble.store = false
  await clock.advance(2_000)
  await audit.durable()
  expect(await verify(store)).toMatchObject({ ...whole, records: 2 })
})

test('the store stays down: what waits is bounded, who asks is told, and a later entry says how many were lost', async () => {
  const { audit, store, clock, logged } = await open()
  trouble.store = true
  for (let made = 0; made < 2_050; made++) audit.note(entry())
  await expect(audit.record(entry())).rejects.toMatchObject({ code: 'store-down' })
  trouble.store = false
  await clock.advance(2_000)
  await audit.move()
  await audit.record(entry({ requestId: 'after' }))
  const [last, told] = await records(audit)
  expect([audit.count, last?.cause.requestId, told?.action, told?.after]).toEqual([2_002, 'after', 'lose-audit-entries', { count: 51 }])
  expect(logged.filter((line) => line.includes('too many wait'))).toHaveLength(1)
  expect(await verify(store)).toMatchObject({ ...whole, records: 2_002 })
})

test('retention drops the oldest and says so: the log is whole from there on', async () => {
  const { audit, store, clock } = await open()
  for (let made = 0; made < 700; made++) {
    await audit.record(entry())
    await clock.advance(60_000)
  }
  expect(await audit.expire(startMs + 600 * 60_000)).toBe(600)
  expect(audit.end).toMatchObject({ sequence: 701, first: { sequence: 601 } })
  expect((await sequences(audit)).at(-1)).toBe(601)
  expect(await verify(store)).toMatchObject({ ...whole, records: 101 })
  expect((await store.range('kwota', auditSeries, 0, Number.MAX_SAFE_INTEGER, 1))[0]?.value).toMatchObject({ sequence: 601 })
  expect(await audit.expire(startMs + 600 * 60_000)).toBe(0)
  // Also when the entry that said so goes itself.
  await clock.advance(86_400_000)
  for (let made = 0; made < 5; made++) await audit.record(entry())
  expect(await audit.expire(clock.wall() - 1)).toBe(101)
  expect(await verify(store)).toMatchObject({ ...whole, records: 6 })
})

test('the head is lost: the log goes on behind its newest entry, and says so', async () => {
  const { audit, store, scope, clock } = await open()
  for (let made = 0; made < 3; made++) await audit.record(entry())
  scope.abandon()
  await store.commit('kwota', await store.own('kwota'), { deletes: [auditHeadKey] })
  const again = await open(store.restart(), clock)
  await again.audit.record(entry())
  expect(again.logged.join()).toContain('the head of the audit log is missing')
  const actions = (await records(again.audit)).map(({ action }) => action)
  expect(actions).toEqual(['set-grid-limit', 'restore-audit-head', 'set-grid-limit', 'set-grid-limit', 'set-grid-limit'])
  expect(await verify(again.store)).toMatchObject({ ...whole, records: 5 })
})

test('a list is filtered, paged in both directions, and looks at no more than 5,000 entries at a time', async () => {
  const { audit, office, clock } = await open()
  for (let made = 1; made <= 5_100; made++) {
    await audit.room()
    audit.put(entry({ requestId: `r${made}`, actor: made % 1_000 === 0 ? 'manager' : 'local', siteID: made <= 10 ? 'annex' : 'main' }))
    await clock.advance(1_000)
  }
  await audit.durable()
  const numbers = async (query: object) => {
    const { data, next } = await office.list({ oldestFirst: false, limit: 3, ...query })
    return [data.map(({ sequence }) => sequence), next]
  }
  expect(await numbers({})).toEqual([[5_100, 5_099, 5_098], 5_098])
  expect(await numbers({ after: 5_098 })).toEqual([[5_097, 5_096, 5_095], 5_095])
  expect(await numbers({ oldestFirst: true, after: 3 })).toEqual([[4, 5, 6], 6])
  expect(await numbers({ actor: 'manager' })).toEqual([[5_000, 4_000, 3_000], 3_000])
  expect(await numbers({ siteID: 'annex' })).toEqual([[], 101])
  expect(await numbers({ siteID: 'annex', after: 101 })).toEqual([[10, 9, 8], 8])
  expect(await numbers({ requestId: 'r5099' })).toEqual([[5_099], 101])
  expect(await numbers({ from: new Date(startMs + 5_000_000).toISOString(), to: new Date(startMs + 5_003_000).toISOString() })).toEqual([[5_003, 5_002, 5_001], 5_001])
})

test('one name of an id tag, however it is spelt, and another one in another installation', async () => {
  const { audit, store, scope, clock } = await open()
  const name = audit.nameOfTag('AbC')
  expect([name === audit.nameOfTag('abc'), name === audit.nameOfTag('abd'), name.includes('abc')]).toEqual([true, false, false])
  await audit.record(entry())
  scope.abandon()
  expect((await open(store.restart(), clock)).audit.nameOfTag('ABC')).toBe(name)
  expect((await open(createMemoryStore())).audit.nameOfTag('AbC')).not.toBe(name)
})

test('canonical JSON: the order of names and what is undefined make no difference; whatever is longer than 4 KiB is cut, with a hash of all of it', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    expect(canonical(JSON.parse(canonical(value)))).toBe(canonical(value))
    expect(Buffer.byteLength(canonical(bounded(value)))).toBeLessThanOrEqual(9_000)
  }))
  expect(canonical({ b: 1, a: undefined, A: { d: [], c: '"' } })).toBe('{"A":{"c":"\\"","d":[]},"b":1}')
  const [one, other] = [bounded({ text: 'x'.repeat(5_000) }), bounded({ text: `${'x'.repeat(4_999)}y` })] as { cut: boolean; bytes: number; begins: string; sha256: string }[]
  expect(one).toMatchObject({ cut: true, bytes: 5_011 })
  expect([one?.begins === other?.begins, one?.sha256 === other?.sha256]).toEqual([true, false])
})
