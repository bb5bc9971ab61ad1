// A person's id tag is forgotten: in records near and far, in orphans, reservations, commands and messages; also when it is interrupted at any write.
import { describe, expect, test } from 'vitest'
import { textWithoutTag, withoutTag } from '../../src/actors/erased-tag.ts'
import type { MemoryStore } from '../../src/store/memory.ts'
import { StoreUnavailable, type Store } from '../../src/store/port.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'

const dayMs = 86_400_000
const tag = 'Person.1'
const later = (stand: HouseStand, ms: number): Promise<HouseStand> => stand.restart({ clock: new VirtualClock(stand.clock.wall() + ms) })

/** All that is stored, as one text. */
async function everything(store: Store): Promise<string> {
  const texts: string[] = []
  for (const scope of await store.scopes()) {
    texts.push(JSON.stringify([...await store.read(scope)]))
    for (const series of await store.series(scope)) texts.push(JSON.stringify(await store.range(scope, series, 0, Number.MAX_SAFE_INTEGER, 100_000)))
  }
  return texts.join('\n')
}

/** Somebody has charged long ago and yesterday, left an orphan, a reservation, a command, messages, and members of the group. */
async function lived() {
  const first = await openHouse({ chargePoints: [{ id: 'CP1' }, { id: 'CP2' }], messageLog: { keepDays: 90, keepMiB: 1 }, sites: [{ id: 'main' }, { id: 'annex' }] })
  await first.house.idTags.put({ id: tag, status: 'Accepted', concurrent: false }, caller)
  await first.house.idTags.put({ id: 'Child', status: 'Accepted', concurrent: false, parentIdTag: tag.toUpperCase() }, caller)
  const far = await session(first)
  const stand = await later(first, 3 * dayMs)
  await stand.clock.advance(70_000)
  const near = await session(stand)
  const peer = await stand.boot('CP1')
  await stand.call(peer, 'StopTransaction', { transactionId: 4_711, meterStop: 1, timestamp: new Date(stand.clock.wall()).toISOString(), idTag: tag })
  const sent = stand.house.commands.issue('CP1', 'RemoteStartTransaction', { idTag: tag, connectorId: 1 }, { waitMs: 1_000 }, caller)
  await stand.clock.advance(2_000)
  await sent
  return { stand, far, near, peer }
}

async function session(stand: HouseStand): Promise<number> {
  const peer = await stand.boot('CP1')
  stand.desk.frame?.(peer, 'in', JSON.stringify([2, 'a', 'StartTransaction', { connectorId: 1, idTag: tag, meterStart: 0, timestamp: '' }]))
  stand.desk.frame?.(peer, 'out', JSON.stringify([3, 'a', { transactionId: 1, idTagInfo: { status: 'Accepted', parentIdTag: tag } }]))
  stand.desk.frame?.(peer, 'in', JSON.stringify([2, 'b', 'Authorize', { idTag: 'Other' }]))
  stand.desk.frame?.(peer, 'out', JSON.stringify([3, 'b', { idTagInfo: { status: 'Accepted' } }]))
  const id = await stand.start(peer, tag)
  await stand.clock.advance(60_000)
  await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 10, timestamp: new Date(stand.clock.wall()).toISOString(), idTag: tag.toLowerCase() })
  await stand.clock.advance(1_000)
  return id
}

describe('the whole of it', () => {
  test('nothing that is kept holds the tag; its transactions stay countable under one other name; it says what was changed and what remains', async () => {
    const { stand, far, near } = await lived()
    expect((await everything(stand.store)).toLowerCase()).toContain(tag.toLowerCase())
    const done = stand.house.erasure.erase(tag.toUpperCase(), `asked for by ${tag}`, caller)
    await stand.clock.advance(5_000)
    const view = await done
    expect(view.changed).toEqual({ idTags: 1, groupMembers: 1, cachedAnswers: 0, transactions: 2, orphans: 1, reservations: 0, commands: 1, messages: 2 })
    expect(view.remains.length).toBeGreaterThan(2)
    expect(view.remains.find(({ what }) => what.startsWith('hashes by which a start'))).toMatchObject({ until: expect.any(String) as string })
    expect((await everything(stand.store)).toLowerCase()).not.toContain(tag.toLowerCase())
    expect([(await stand.house.records.get(far)).idTag, (await stand.house.records.get(near)).idTag, view.erasedAs]).toEqual([view.erasedAs, view.erasedAs, expect.stringMatching(/^erased-/)])
    expect((await stand.house.records.list({ idTag: view.erasedAs, limit: 10 })).data).toHaveLength(2)
    expect(stand.house.idTags.get('Child').value.parentIdTag).toBe(view.erasedAs)
    const again = await stand.restart()
    expect((await again.house.records.get(near)).idTag).toBe(view.erasedAs)
    expect(again.directory.estate.global.get(`erasure:${view.erasedAs}`)).toMatchObject({ by: 'tester', requestId: 'r1' })
  })

  test('what people wrote when they put something right does not hold it either, also long ago', async () => {
    const { stand, far, near } = await lived()
    const word = `Was "${tag.toUpperCase()}", not ${tag}s; his card_${tag}.`
    for (const id of [far, near]) await stand.house.records.correct(id, { idTag: 'Other', reason: word }, caller)
    const [orphan] = stand.house.orphans.list({})
    await stand.house.orphans.dismiss(orphan!.id, { reason: `said by ${tag.toLowerCase()}` }, caller)
    const first = stand.house.erasure.erase('Somebody', `as ${tag} wished`, caller)
    await stand.clock.advance(5_000)
    const { erasedAs: other } = await first
    const done = stand.house.erasure.erase(tag, 'asked for', caller)
    await stand.clock.advance(5_000)
    const { erasedAs, changed } = await done
    expect(changed).toMatchObject({ orphans: 1 })
    for (const id of [far, near]) expect((await stand.house.records.record(id)).trail.at(-1)?.reason).toBe(`Was "${erasedAs}", not ${tag}s; his card_${erasedAs}.`)
    expect(stand.house.orphans.list({})[0]?.reason).toBe(`said by ${erasedAs}`)
    expect(stand.directory.estate.global.get(`erasure:${other}`)).toMatchObject({ reason: `as ${erasedAs} wished` })
  })

  test('the files of the store are written anew, and if that takes long or is broken off it says so and goes on', async () => {
    const compacted: string[] = []
    let [slow, broken] = [true, false]
    const through = (store: MemoryStore): Store => ({
      ...store,
      async compact(scope, series = 'state') {
        if (broken) throw new StoreUnavailable('the store is closed')
        if (slow) await new Promise<void>((resolve) => { stand.clock.after(20_000, resolve) })
        compacted.push(`${scope} ${series}`)
        return true
      },
    })
    const stand = await openHouse({ through })
    const erase = async (one: HouseStand) => {
      const done = one.house.erasure.erase(tag, 'asked for', caller)
      await one.clock.advance(10_000)
      return (await done).remains.map(({ what }) => what)
    }
    expect(await erase(stand)).toContainEqual(expect.stringMatching(/^the files of the store: .* the log says when it is done/))
    await stand.clock.advance(200_000)
    expect(compacted.splice(0).sort()).toEqual(['kwota messages', 'kwota state', 'kwota transactions', 'main messages', 'main state', 'main transactions'])
    expect(stand.logged).toContain('what was erased is no longer in the files of the store')
    slow = false
    expect(await erase(stand)).toContainEqual(expect.stringMatching(/^the list that the store keeps of its files/))
    broken = true
    compacted.splice(0)
    expect(await erase(stand)).toContainEqual(expect.stringMatching(/^the files of the store/))
    broken = false
    const again = await stand.restart()
    await again.clock.advance(1_000)
    expect(compacted.splice(0)).toHaveLength(6)
    const third = await again.restart()
    await third.clock.advance(1_000)
    expect(compacted).toEqual([])
    const elsewhere = await third.restart({ through: (store) => ({ ...store, compact: () => Promise.resolve(false) }) })
    expect(await erase(elsewhere)).toContainEqual(expect.stringContaining('BGREWRITEAOF'))
  })

  test('a late stop after it does not bring the tag back into the record of its start', async () => {
    const { stand, near, peer } = await lived()
    const done = stand.house.erasure.erase(tag, 'asked for', caller)
    await stand.clock.advance(5_000)
    const { erasedAs } = await done
    await stand.call(peer, 'StopTransaction', { transactionId: near, meterStop: 99, timestamp: new Date(stand.clock.wall()).toISOString() })
    expect(await stand.house.records.record(near)).toMatchObject({ idTag: erasedAs, stopIdTag: erasedAs, conflicts: [{ meterStopWh: 99 }] })
  })
})

describe('refused, and nothing is changed', () => {
  test('while a transaction of it runs; while the file names it', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }], idTags: [{ id: 'InFile', status: 'Accepted', concurrent: false }] })
    await stand.start(await stand.boot('CP1'), tag)
    await expect(stand.house.erasure.erase(tag.toLowerCase(), 'x', caller)).rejects.toMatchObject({ kind: 'conflict', code: 'transaction-running' })
    await expect(stand.house.erasure.erase('infile', 'x', caller)).rejects.toMatchObject({ kind: 'conflict', code: 'id-tag-in-file' })
    expect(stand.house.idTags.find('InFile')).toBeDefined()
  })
})

describe('interrupted', () => {
  test.each([1, 2, 3, 4, 5, 6, 8, 10, 13])('killed after %d writes: the next start finishes it', async (writes) => {
    const { stand } = await lived()
    let left = Infinity
    const counted = <A extends unknown[], R>(write: (...given: A) => Promise<R>) => (...given: A): Promise<R> => (left-- <= 0 ? Promise.reject(new StoreUnavailable('killed')) : write(...given))
    const broken = await stand.restart({ through: (store) => ({ ...store, append: counted(store.append), replace: counted(store.replace), commit: counted(store.commit) }) })
    await broken.clock.advance(1_000)
    left = writes
    const failed = broken.house.erasure.erase(tag, 'asked for', caller).then(() => null, (error: unknown) => error)
    await broken.clock.advance(5_000)
    expect(await failed === null || (await failed as { kind: string }).kind === 'store-down').toBe(true)
    const again = await broken.restart({ through: (store) => store })
    await again.clock.advance(5_000)
    const stored = (await everything(again.store)).toLowerCase()
    // Before its first write nobody was told anything.
    if (writes > 1) expect(stored).not.toContain(tag.toLowerCase())
    expect(stored).not.toContain('"erasing:')
  })
})

describe('taking a tag out', () => {
  test('of fields that hold one, however spelt; of nothing else', () => {
    const record = { idTag: 'ACCEPTED', status: 'Accepted', trail: [{ before: { idTag: 'accepted' } }], n: 1 }
    expect(withoutTag(record, 'Accepted', 'x')).toEqual({ idTag: 'x', status: 'Accepted', trail: [{ before: { idTag: 'x' } }], n: 1 })
    expect(withoutTag(record, 'other', 'x')).toBe(record)
  })
  test('of the text of a frame, also of one that was cut', () => {
    expect(textWithoutTag('[2,"1","StartTransaction",{"idTag": "a.B\\"c","connectorId":1,"info":"a.B"', 'A.b"C', 'x')).toBe('[2,"1","StartTransaction",{"idTag": "x","connectorId":1,"info":"a.B"')
    expect(textWithoutTag('{"idTag":"aXb"}', 'a.b', 'x')).toBe('{"idTag":"aXb"}')
  })
})
