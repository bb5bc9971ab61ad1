// Our own id tags: found however they are spelt, changed whole or not at all, there again after a kill, and what the file says counts.
import { describe, expect, test } from 'vitest'
import { idTagSchema } from '../../src/settings.ts'
import { IdTagShelf } from '../../src/actors/id-tags.ts'
import { openScope } from '../../src/actors/scope.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { caller, openHouse, type HouseOptions } from './house-stand.ts'

const tagOf = (id: string, more: object = {}) => idTagSchema.parse({ id, ...more })
const idsOf = (house: { idTags: { list(): readonly { value: { id: string } }[] } }) => house.idTags.list().map(({ value }) => value.id)

test('of two spellings the first seen stays; versions count; what is gone is unknown', async () => {
  const { house } = await openHouse()
  expect(await house.idTags.put(tagOf('Card-1'), caller)).toMatchObject({ created: true, idTag: { version: 1, changedBy: 'tester', value: { id: 'Card-1', status: 'Accepted', concurrent: false } } })
  expect(await house.idTags.put(tagOf('CARD-1', { status: 'Blocked' }), caller)).toMatchObject({ created: false, idTag: { version: 2, value: { id: 'Card-1', status: 'Blocked' } } })
  expect(house.idTags.get('card-1').value.status).toBe('Blocked')
  await house.idTags.remove('cArD-1')
  expect(house.idTags.find('Card-1')).toBeUndefined()
  expect(() => house.idTags.get('Card-1')).toThrow(expect.objectContaining({ kind: 'not-found', code: 'unknown-id-tag' }))
  await expect(house.idTags.remove('Card-1')).rejects.toMatchObject({ code: 'unknown-id-tag' })
})

test('changes at the same time come one after the other', async () => {
  const { house } = await openHouse()
  const all = await Promise.all(Array.from({ length: 5 }, () => house.idTags.put(tagOf('A'), caller)))
  expect(all.map(({ created, idTag }) => [created, idTag.version])).toEqual([[true, 1], [false, 2], [false, 3], [false, 4], [false, 5]])
})

test('a table changes what differs and says so; replacing also removes', async () => {
  const { house, directory } = await openHouse()
  const changed: (readonly string[])[] = []
  directory.estate.idTags.changed$.subscribe((ids) => changed.push(ids))
  expect(await house.idTags.import([tagOf('A'), tagOf('B'), tagOf('C')], 'merge', caller)).toEqual({ created: 3, updated: 0, removed: 0, unchanged: 0 })
  expect(await house.idTags.import([tagOf('a', { status: 'Blocked' }), tagOf('D'), tagOf('b')], 'merge', caller)).toEqual({ created: 1, updated: 1, removed: 0, unchanged: 1 })
  expect(idsOf(house)).toEqual(['A', 'B', 'C', 'D'])
  expect(await house.idTags.import([tagOf('B'), tagOf('E')], 'replace', caller)).toEqual({ created: 1, updated: 0, removed: 3, unchanged: 1 })
  expect(idsOf(house)).toEqual(['B', 'E'])
  expect(await house.idTags.import([tagOf('B'), tagOf('E')], 'replace', caller)).toEqual({ created: 0, updated: 0, removed: 0, unchanged: 2 })
  expect(changed.map((ids) => [...ids].sort())).toEqual([['a', 'b', 'c'], ['a', 'd'], ['a', 'c', 'd', 'e']])
})

test('while the store takes no writes nothing changes, not even for a moment', async () => {
  const { house, trouble, clock } = await openHouse()
  await house.idTags.put(tagOf('A'), caller)
  trouble.store = true
  await expect(house.idTags.import([tagOf('A', { status: 'Blocked' }), tagOf('B')], 'replace', caller)).rejects.toMatchObject({ kind: 'store-down' })
  await expect(house.idTags.remove('A')).rejects.toMatchObject({ kind: 'store-down' })
  expect(house.idTags.list().map(({ value }) => [value.id, value.status])).toEqual([['A', 'Accepted']])
  trouble.store = false
  await clock.advance(2_000)
  expect(await house.idTags.put(tagOf('A', { concurrent: true }), caller)).toMatchObject({ idTag: { version: 2 } })
})

describe('at a start', () => {
  test('what was acknowledged is there after a kill', async () => {
    const first = await openHouse()
    await first.house.idTags.import(Array.from({ length: 200 }, (_, at) => tagOf(`T${at}`, { sites: ['main'] })), 'merge', caller)
    await first.house.idTags.remove('T7')
    const { house } = await first.restart()
    expect(house.idTags.list()).toHaveLength(199)
    expect(house.idTags.get('t8')).toMatchObject({ version: 1, changedBy: 'tester', value: { id: 'T8', sites: ['main'] } })
  })

  test('the file wins over what is stored, changes no version without need, and leaves the rest', async () => {
    const idTags = [tagOf('FILE-1'), tagOf('FILE-2', { parentIdTag: 'G' })]
    const first = await openHouse({ idTags })
    expect(first.house.idTags.get('file-1')).toMatchObject({ version: 1, changedBy: 'kwota.yaml' })
    await first.house.idTags.put(tagOf('file-1', { status: 'Blocked' }), caller)
    await first.house.idTags.put(tagOf('OTHER'), caller)
    const again = await (await first.restart({ idTags })).restart({ idTags })
    expect(again.house.idTags.list().map(({ value, version, changedBy }) => [value.id, value.status, version, changedBy])).toEqual([
      ['FILE-1', 'Accepted', 3, 'kwota.yaml'], ['FILE-2', 'Accepted', 1, 'kwota.yaml'], ['OTHER', 'Accepted', 1, 'tester'],
    ])
  })

  test('of a record that cannot be read the tag is blocked, and that is said', async () => {
    const first = await openHouse({ idTags: [tagOf('A')] })
    first.store.damage('kwota', 'idtag:b', '{"v":1,"tag":{"id":"B","status":"Perhaps"}}')
    const again = await first.restart({})
    expect(again.house.idTags.list().map(({ value }) => [value.id, value.status])).toEqual([['A', 'Accepted'], ['b', 'Blocked']])
    expect(again.house.alerts().find(({ code }) => code === 'quarantined')?.message).toContain('idtag:b')
  })
})

describe('what a charge point may be told of them', () => {
  test('each that may charge there, as it stands now', async () => {
    const idTags = [tagOf('All', { parentIdTag: 'G' }), tagOf('Annex', { sites: ['annex'] }), tagOf('Old', { expiryDate: '2020-01-01T00:00:00Z' }), tagOf('Point', { chargePoints: ['cp1'] }), tagOf('Stolen', { status: 'Blocked' })]
    const { directory } = await openHouse({ idTags })
    const at = { siteID: 'main', clientID: 'CP1' }
    const { wanted } = directory.estate.localLists
    expect(wanted.at(at, 10).tags.map(([name]) => wanted.say(name, at))).toEqual([
      { idTag: 'All', idTagInfo: { parentIdTag: 'G', status: 'Accepted' } }, { idTag: 'Old', idTagInfo: { expiryDate: '2020-01-01T00:00:00Z', status: 'Expired' } },
      { idTag: 'Point', idTagInfo: { status: 'Accepted' } }, { idTag: 'Stolen', idTagInfo: { status: 'Blocked' } },
    ])
  })
})

test('a long table lets everybody else have a turn in between, who sees nothing of it before it is whole', async () => {
  const clock = new VirtualClock()
  const scope = await openScope({ store: createMemoryStore(), name: 'kwota', clock })
  const note = () => undefined
  const seen: number[] = []
  const shelf: IdTagShelf = new IdTagShelf({
    scope, log: { debug: note, info: note, warn: note, error: note }, wallMs: () => clock.wall(),
    pause: async () => void seen.push(shelf.list().length, scope.waiting()),
  })
  await shelf.import([tagOf('OLD')], 'merge', caller)
  await shelf.import(Array.from({ length: 1_501 }, (_, at) => tagOf(`T${at}`)), 'replace', caller)
  expect(seen).toEqual([1, 0, 1, 0, 1, 0])
  expect(shelf.list()).toHaveLength(1_501)
  expect(shelf.find('OLD')).toBeUndefined()
})

test('fifty thousand of them are found, listed and taken in anew', async () => {
  const many: HouseOptions['idTags'] = Array.from({ length: 50_000 }, (_, at) => tagOf(`TAG-${String(at).padStart(6, '0')}`))
  const { house } = await openHouse()
  expect(await house.idTags.import(many, 'merge', caller)).toMatchObject({ created: 50_000 })
  expect(await house.idTags.import(many, 'replace', caller)).toMatchObject({ unchanged: 50_000 })
  expect(house.idTags.get('tag-049999').value.id).toBe('TAG-049999')
})
