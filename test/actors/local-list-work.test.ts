// What local lists cost: counted, not timed. Once per change for everybody, nothing for an answer or a connection, a message for a message.
import { describe, expect, test } from 'vitest'
import { idTagSchema } from '../../src/settings.ts'
import type { Store } from '../../src/store/port.ts'
import { caller, openHouse, type HouseOptions, type HouseStand } from './house-stand.ts'
import { ListMemory } from './list-memory.ts'
import { Peer } from './site-stand.ts'

const tagOf = (id: string, more: object = {}) => idTagSchema.parse({ id, ...more })
const tags = (count: number) => Array.from({ length: count }, (_, at) => tagOf(`TAG${String(at).padStart(6, '0')}`))
const clientIDs = (count: number) => Array.from({ length: count }, (_, at) => `CP${at + 1}`)
const kept = (count: number) => clientIDs(count).map((id) => ({ id, settings: { localList: true } }))

/** The charge points of a house, each with a list in memory. */
class Row {
  stand: HouseStand
  readonly lists = new Map<string, ListMemory>()
  private generation = 0
  constructor(stand: HouseStand) {
    this.stand = stand
  }
  static async open(options: HouseOptions): Promise<Row> {
    return new Row(await openHouse(options))
  }
  async connect(clientID: string): Promise<Peer> {
    const list = this.lists.get(clientID) ?? new ListMemory()
    this.lists.set(clientID, list)
    const admission = await this.stand.admit(clientID)
    if (!admission.admitted) throw new Error(admission.reason)
    const peer = new Peer(this.stand.clock, clientID, ++this.generation)
    peer.script = list.script
    this.stand.desk.connected(peer)
    return peer
  }
  async boot(clientID: string): Promise<Peer> {
    const peer = await this.connect(clientID)
    await this.stand.call(peer, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' })
    return peer
  }
  async bootAll(ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.boot(id)
    await this.stand.clock.advance(30_000)
  }
  async import(changed: ReturnType<typeof tags>): Promise<void> {
    await this.stand.house.idTags.import(changed, 'merge', caller)
    await this.stand.clock.advance(10_000)
  }
  get messages(): number {
    return [...this.lists.values()].reduce((count, { updates }) => count + updates.length, 0)
  }
  get work() {
    return { ...this.stand.directory.estate.localLists.wanted.work }
  }
  inStep(): boolean[] {
    return [...this.lists.keys()].map((id) => this.stand.house.localLists.get(id).inStep)
  }
}

describe('what is worked out', () => {
  test('once for all charge points, and once more for what has changed', async () => {
    const row = await Row.open({ chargePoints: kept(6), idTags: tags(1_200) })
    await row.bootAll(clientIDs(6))
    expect(row.inStep()).toEqual(Array(6).fill(true))
    expect(row.messages).toBe(6 * 12)
    expect(row.work).toEqual({ printed: 1_200, built: 1, compared: 1 })
    await row.import([tagOf('TAG000007', { status: 'Blocked' }), tagOf('ZOE')])
    expect(row.messages).toBe(6 * 13)
    expect(row.inStep()).toEqual(Array(6).fill(true))
    expect(row.work).toEqual({ printed: 1_202, built: 2, compared: 2 })
  })

  test('nothing for connections, boots and looks where nothing has changed', async () => {
    const row = await Row.open({ chargePoints: kept(3), idTags: tags(600) })
    await row.bootAll(clientIDs(3))
    const before = row.work
    for (let times = 0; times < 5; times++) {
      for (const id of clientIDs(3)) await row.connect(id)
      await row.stand.clock.advance(10_000)
    }
    await row.bootAll(clientIDs(3))
    await row.import(tags(600))
    expect(row.messages).toBe(3 * 6)
    expect(row.work).toEqual(before)
  })

  test('for tags with places only where they may charge', async () => {
    const own = [tagOf('ANNEX', { sites: ['annex'] }), tagOf('TWO', { chargePoints: ['cp2'] }), tagOf('BOTH', { sites: ['annex'], chargePoints: ['CP3'] })]
    const points = kept(4).map((point) => (['CP3', 'CP4'].includes(point.id) ? { ...point, site: 'annex' } : point))
    const row = await Row.open({ sites: [{ id: 'main' }, { id: 'annex' }], chargePoints: points, idTags: [...tags(2), ...own] })
    await row.bootAll(clientIDs(4))
    const has = (id: string) => [...row.lists.get(id)!.tags.keys()].filter((name) => !name.startsWith('tag')).sort()
    expect(clientIDs(4).map(has)).toEqual([[], ['two'], ['annex', 'both'], ['annex', 'both']])
    expect(row.inStep()).toEqual(Array(4).fill(true))
    // CP1; CP2; CP3, which is named; CP4, which has what its site has.
    expect(row.work.built).toBe(4)
    await row.import([tagOf('TWO', { chargePoints: ['CP1'] })])
    expect(clientIDs(4).map(has)).toEqual([['two'], [], ['annex', 'both'], ['annex', 'both']])
  })

  test('anew where tags change while a list is half sent, and the same after a kill there', async () => {
    const row = await Row.open({ chargePoints: kept(1), idTags: tags(5) })
    const list = new ListMemory()
    list.lengths = { SendLocalListMaxLength: '2' }
    row.lists.set('CP1', list)
    list.faults.push(null, 'hold')
    await row.boot('CP1')
    await row.stand.clock.advance(5_000)
    expect(list.said).toEqual(['Full 1: TAG000000, TAG000001', 'Differential 2: TAG000002, TAG000003'])
    await row.stand.house.idTags.import([tagOf('TAG000001', { status: 'Blocked' }), tagOf('TAG000004', { status: 'Blocked' })], 'merge', caller)
    list.forget()
    row.stand = await row.stand.restart({ idTags: [] })
    await row.boot('CP1')
    await row.stand.clock.advance(10_000)
    expect(list.said[0]).toMatch(/^Full 2: /)
    expect(list.list).toEqual(['tag000000 Accepted', 'tag000001 Blocked', 'tag000002 Accepted', 'tag000003 Accepted', 'tag000004 Blocked'])
    expect(row.inStep()).toEqual([true])
  })

  test('from what is kept after a kill: the differences alone', async () => {
    const row = await Row.open({ chargePoints: kept(2), idTags: tags(300) })
    await row.bootAll(clientIDs(2))
    await row.stand.house.idTags.import([tagOf('TAG000001', { status: 'Blocked' }), tagOf('ZOE')], 'merge', caller)
    for (const list of row.lists.values()) list.forget()
    row.stand = await row.stand.restart({ idTags: [] })
    await row.bootAll(clientIDs(2))
    expect([...row.lists.values()].map(({ said }) => said)).toEqual([['Differential 4: TAG000001, ZOE'], ['Differential 4: TAG000001, ZOE']])
    expect(row.work.compared).toBe(1)
  })
})

describe('what is written', () => {
  test('a list that many have is kept once, each of their answers by its place in it; what nobody has any more goes', async () => {
    const written: { key: string; length: number }[] = []
    const through = (store: Store): Store => ({
      ...store,
      commit(scope, epoch, batch) {
        for (const [key, value] of batch.puts ?? []) if (/^(?:local-list|listed-tags):/.test(key)) written.push({ key, length: JSON.stringify(value).length })
        return store.commit(scope, epoch, batch)
      },
    })
    const row = await Row.open({ chargePoints: kept(3), idTags: tags(1_000), through })
    await row.bootAll(clientIDs(3))
    expect(row.messages).toBe(30)
    expect(written.filter(({ key }) => key.startsWith('listed-tags:')).length).toBe(1)
    expect(Math.max(...written.filter(({ key }) => key.startsWith('local-list:')).map(({ length }) => length))).toBeLessThan(400)
    await row.import([tagOf('ZOE')])
    expect(written.filter(({ key }) => key.startsWith('listed-tags:')).length).toBe(2)
    const sets = async () => [...(await row.stand.store.read('main')).keys()].filter((key) => key.startsWith('listed-tags:')).length
    expect(await sets()).toBe(1)
    for (const id of clientIDs(3)) await row.stand.house.deleteChargePoint(id, caller)
    row.stand = await row.stand.restart({ chargePoints: [{ id: 'NEW', settings: { localList: true } }] })
    row.lists.clear()
    await row.import([tagOf('YVES')])
    await row.boot('NEW')
    await row.stand.clock.advance(10_000)
    expect(row.inStep()).toEqual([true])
    expect(await sets()).toBe(1)
  })

  test('a record whose list is not there any more is not believed', async () => {
    const row = await Row.open({ chargePoints: kept(1), idTags: tags(3) })
    await row.bootAll(['CP1'])
    const { scope } = row.stand.directory.estate.sites.get('main')!
    for (const [key] of scope.entries('listed-tags:')) scope.delete(key)
    await scope.flush()
    row.stand = await row.stand.restart()
    expect(row.inStep()).toEqual([false])
    await row.bootAll(['CP1'])
    expect(row.lists.get('CP1')!.said.at(-1)).toBe('Full 2: TAG000000, TAG000001, TAG000002')
    expect(row.inStep()).toEqual([true])
  })

  test('a record of the first kind, which named every tag, is sent anew once', async () => {
    const row = await Row.open({ chargePoints: kept(1), idTags: tags(2) })
    const { scope } = row.stand.directory.estate.sites.get('main')!
    scope.put('local-list:CP1', { v: 1, version: 4, trusted: true, tags: [['tag000000', 'x']], atMs: 1, lastError: null, unsupportedBy: null, gaveUpOn: null })
    row.lists.set('CP1', new ListMemory())
    row.lists.get('CP1')!.version = 4
    await row.bootAll(['CP1'])
    expect(row.lists.get('CP1')!.said).toEqual(['Full 5: TAG000000, TAG000001'])
  })
})

describe('whose turn it is', () => {
  test('four at a time, in the order in which they came', async () => {
    const row = await Row.open({ sites: [{ id: 'main', fuseA: 1_000 }], chargePoints: kept(6), idTags: tags(1) })
    for (const id of clientIDs(6)) {
      row.lists.set(id, new ListMemory())
      row.lists.get(id)!.versionAnswer = 'hold'
      await row.boot(id)
    }
    await row.stand.clock.advance(5_000)
    const asked = () => clientIDs(6).filter((id) => row.lists.get(id)!.heard.includes('GetLocalListVersion'))
    expect(asked()).toEqual(['CP1', 'CP2', 'CP3', 'CP4'])
    for (const list of row.lists.values()) list.versionAnswer = null
    await row.stand.clock.advance(40_000)
    expect(asked()).toEqual(clientIDs(6))
    await row.stand.clock.advance(120_000)
    expect(row.inStep()).toEqual(Array(6).fill(true))
  })

  test('nobody while a site is over its limit, of whatever site the charge point is', async () => {
    const row = await Row.open({ sites: [{ id: 'main' }, { id: 'annex' }], chargePoints: kept(1), idTags: tags(1) })
    const baseLoad = (each: number) => row.stand.house.pushBaseLoad('annex', { currentA: { L1: each, L2: each, L3: each } })
    const hold = async (each: number, seconds: number): Promise<void> => {
      for (let passed = 0; passed < seconds; passed++) {
        baseLoad(each)
        await row.stand.clock.advance(1_000)
      }
    }
    await hold(500, 1)
    await row.boot('CP1')
    await hold(500, 20)
    expect(row.stand.house.power('annex').circuits[0]).toMatchObject({ shedding: true })
    expect(row.messages).toBe(0)
    await hold(0, 60)
    expect(row.stand.house.power('annex').circuits[0]).toMatchObject({ shedding: false })
    expect(row.inStep()).toEqual([true])
  })
})
