// The quirk book: who may say what of a model, what a charge point adds, what goes when it is full, and that it outlives a restart.
import { describe, expect, test } from 'vitest'
import type { Learnt } from '../../src/actors/learnt.ts'
import { entryID, givenQuirksSchema, modelOf, mostEntries, QuirkBook, type QuirkEntry } from '../../src/actors/quirk-book.ts'
import { openScope } from '../../src/actors/scope.ts'
import { usualQuirks } from '../../src/power/quirks.ts'
import { createMemoryStore, type MemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'

const model = { vendor: 'Acme', model: 'Box', firmware: '1.2' }
const id = entryID(model)
const caller = { name: 'anna', requestId: 'r1' }
const watts: Learnt = { stackLevel: 8, maxA: 32, quirks: { ...usualQuirks, unit: 'W' }, maxPeriods: 24 }

async function open(store: MemoryStore = createMemoryStore()) {
  const clock = new VirtualClock()
  const scope = await openScope({ store, name: 'kwota', clock })
  return { clock, store, scope, book: new QuirkBook(scope, () => clock.wall()) }
}

const given = (change: Partial<QuirkEntry> = {}): QuirkEntry => {
  const said = { ...givenQuirksSchema.parse(model), ...change }
  return { ...said, id: entryID(said), source: 'given', learntAt: '2026-11-22T12:00:00.000Z', seenOn: 0, ...('source' in change ? { source: change.source! } : {}) }
}

describe('the model', () => {
  test('its id is readable, the same for every spelling, and another for every other model', () => {
    expect(id).toMatch(/^acme-box-1-2-[0-9a-f]{8}$/)
    expect(entryID({ vendor: 'ACME', model: 'bOX', firmware: '1.2' })).toBe(id)
    expect(new Set([model, { ...model, firmware: '' }, { ...model, firmware: '1-2' }, { vendor: 'Acme Box', model: '1', firmware: '2' }].map(entryID)).size).toBe(4)
    expect(entryID({ vendor: '充', model: '电', firmware: '' })).toMatch(/^[0-9a-f]{8}$/)
  })
  test('is what the boot says', () => {
    expect(modelOf({ chargePointVendor: 'Acme', chargePointModel: ' Box ', firmwareVersion: '1.2' })).toEqual(model)
    expect(modelOf({ chargePointVendor: 'Acme', chargePointModel: 'Box' })).toEqual({ ...model, firmware: '' })
    for (const boot of [null, {}, { chargePointVendor: 'Acme' }, { chargePointVendor: '', chargePointModel: 'Box' }]) expect(modelOf(boot)).toBeNull()
  })
})

describe('what charge points add', () => {
  test('the first makes the entry; when a second says the same the next of its model finds it, also after a restart', async () => {
    const { book, scope, store } = await open()
    expect(book.find(model)).toBeNull()
    expect(book.teach(model, watts, true, 'CP1')).toBe(id)
    expect(book.teach(model, { ...watts, model: id }, true, 'CP1')).toBe(id)
    expect(book.find(model)).toBeNull()
    await scope.flush()
    const between = await open(store.restart())
    between.book.teach(model, { ...watts, model: id }, true, 'CP2')
    await between.scope.flush()
    const again = (await open(between.store.restart())).book
    expect(again.find({ ...model, vendor: 'ACME' })).toEqual({ id, quirks: { ...usualQuirks, unit: 'W' }, stackLevel: 8, maxPeriods: 24 })
    expect(again.get(id)?.value).toMatchObject({ vendor: 'Acme', source: 'learnt', seenOn: 1 })
    again.begin(id)
    expect(again.get(id)?.value.seenOn).toBe(2)
  })
  test('what people have given stays theirs when a charge point adds nothing, also after a restart', async () => {
    const { book, scope, store } = await open()
    await book.put([given({ unit: 'W', stackLevel: 8, maxPeriods: 24, seenOn: 1 })], caller)
    await scope.flush()
    const again = (await open(store.restart())).book
    const before = again.get(id)
    again.teach(model, { ...watts, model: id }, true, 'CP1')
    expect(again.get(id)).toEqual(before)
    expect(before).toMatchObject({ version: 1, changedBy: 'anna' })
  })
  test('one that was refused nothing overrules nobody, and a read that failed takes nothing away', async () => {
    const { book } = await open()
    book.teach(model, watts, true, 'CP1')
    book.teach(model, { stackLevel: null, maxA: 32 }, false, 'CP1')
    expect(book.get(id)?.value).toMatchObject({ unit: 'W', stackLevel: 8, maxPeriods: 24, seenOn: 2 })
    book.teach(model, { stackLevel: null, maxA: 32, quirks: { ...usualQuirks, lease: false }, model: id }, true, 'CP1')
    expect(book.get(id)?.value).toMatchObject({ unit: 'A', lease: false, stackLevel: 8, maxPeriods: 24, seenOn: 2 })
  })
  test('one alone overrules nobody that two vouch for, and a second one does', async () => {
    const { book } = await open()
    for (const by of ['CP1', 'CP2']) book.teach(model, watts, true, by)
    const other: Learnt = { stackLevel: 3, maxA: 32, quirks: { ...usualQuirks, ladder: 'max-0' } }
    for (let time = 0; time < 3; time++) book.teach(model, other, true, 'CP3')
    expect(book.find(model)).toMatchObject({ quirks: { unit: 'W', ladder: 'tx' }, stackLevel: 8 })
    book.teach(model, other, true, 'CP4')
    expect(book.find(model)).toMatchObject({ quirks: { unit: 'A', ladder: 'max-0' }, stackLevel: 3 })
  })
  test('a level or a number of periods that one alone said is not handed on, nor a pause', async () => {
    const { book } = await open()
    book.teach(model, { ...watts, quirks: { ...usualQuirks, unit: 'W', pauseA: 6 } }, true, 'CP1')
    book.teach(model, { ...watts, stackLevel: null, maxPeriods: 2 }, true, 'CP2')
    expect(book.find(model)).toEqual({ id, quirks: { ...usualQuirks, unit: 'W' }, stackLevel: null, maxPeriods: null })
  })
  test('what people have imported as learnt counts like theirs', async () => {
    const { book } = await open()
    await book.put([given({ ladder: 'default', source: 'learnt' })], caller)
    book.teach(model, watts, true, 'CP1')
    expect(book.find(model)).toMatchObject({ quirks: { unit: 'A', ladder: 'default' } })
  })
  test('what is missing is filled in', async () => {
    const { book } = await open()
    book.teach(model, { stackLevel: null, maxA: 32 }, false, 'CP1')
    book.teach(model, watts, false, 'CP1')
    expect(book.get(id)?.value).toMatchObject({ unit: 'A', stackLevel: 8, maxPeriods: 24 })
  })
  test('nobody overrules what people have given', async () => {
    const { book } = await open()
    await book.put([given({ ladder: 'default', stackLevel: 3 })], caller)
    book.teach(model, watts, true, 'CP1')
    expect(book.get(id)).toMatchObject({ changedBy: 'kwota', value: { unit: 'A', ladder: 'default', stackLevel: 3, source: 'given', seenOn: 1 } })
  })
  test('the same again is no change', async () => {
    const { book, scope } = await open()
    book.teach(model, watts, true, 'CP1')
    await scope.flush()
    const { version } = book.get(id)!
    book.teach(model, { ...watts, model: id }, true, 'CP1')
    expect([book.get(id)?.version, scope.waiting()]).toEqual([version, 0])
  })
})

describe('room', () => {
  const many = (count: number, source: QuirkEntry['source']) => Array.from({ length: count }, (_, index) => given({ model: `Box ${index}`, source, learntAt: new Date(index * 1000).toISOString() }))
  test('the oldest learnt goes', async () => {
    const { book } = await open()
    await book.put(many(mostEntries, 'learnt'), caller)
    book.teach(model, watts, true, 'CP1')
    expect(book.list().length).toBe(mostEntries)
    expect(book.get(id)).toBeDefined()
    expect(book.find({ ...model, model: 'Box 0' })).toBeNull()
    expect(book.find({ ...model, model: 'Box 1' })).not.toBeNull()
  })
  test('what people gave stays, and there is a clear word when nothing can go', async () => {
    const { book } = await open()
    await book.put(many(mostEntries, 'given'), caller)
    book.teach(model, watts, true, 'CP1')
    expect(book.get(id)).toBeUndefined()
    await expect(book.put([given()], caller)).rejects.toMatchObject({ kind: 'conflict', code: 'too-many-quirks' })
    await book.put([given({ model: 'Box 7', unit: 'W' })], caller)
    expect(book.list().length).toBe(mostEntries)
  })
  test('a store that takes no writes changes nothing', async () => {
    let down = false
    const { book } = await open(createMemoryStore({ failing: () => down }))
    await book.put([given()], caller)
    down = true
    await expect(book.put([given({ unit: 'W' })], caller)).rejects.toMatchObject({ code: 'store-down' })
    await expect(book.remove(id)).rejects.toMatchObject({ code: 'store-down' })
    expect(book.get(id)?.value.unit).toBe('A')
  })
})
