// The local authorisation list kept in step: what is sent for what has changed, what every answer leads to, and that it comes right whatever goes wrong.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LocalListView } from '../../src/actors/local-list-face.ts'
import { changesBetween, noTags, printOf, sumOf, type TagSet } from '../../src/actors/listed-tags.ts'
import { chunkOf, nextStep, noList, roomOf, type Listed, type LocalList } from '../../src/actors/local-list-record.ts'
import { caller, openHouse, type HouseOptions, type HouseStand } from './house-stand.ts'
import { ListMemory, type Fault } from './list-memory.ts'
import { Peer } from './site-stand.ts'

type Status = 'Accepted' | 'Blocked'
const kept = { chargePoints: [{ id: 'CP1', settings: { localList: true } }] }
const timedOutMs = 31_000

class Yard {
  stand: HouseStand
  readonly list: ListMemory
  peer: Peer | null = null
  constructor(stand: HouseStand, list = new ListMemory()) {
    this.stand = stand
    this.list = list
  }
  static async open(tags: readonly string[] = [], options: Partial<HouseOptions> = kept): Promise<Yard> {
    const yard = new Yard(await openHouse(options))
    for (const tag of tags) await yard.put(tag)
    await yard.calm()
    return yard
  }
  /** Comes, or comes back; with what it has in memory. */
  async boot(firmwareVersion?: string): Promise<void> {
    this.cut()
    const admission = await this.stand.admit('CP1')
    if (!admission.admitted) throw new Error(admission.reason)
    await this.connect()
    await this.stand.call(this.peer!, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One', ...(firmwareVersion === undefined ? {} : { firmwareVersion }) })
    await this.calm()
  }
  /** A connection without a boot. */
  async connect(): Promise<void> {
    this.cut()
    this.peer = new Peer(this.stand.clock, 'CP1', ++generation)
    this.peer.script = this.list.script
    this.stand.desk.connected(this.peer)
  }
  cut(): void {
    if (this.peer === null) return
    this.peer.cut()
    this.stand.desk.disconnected(this.peer, 1006, '')
    this.peer = null
  }
  async put(id: string, status: Status = 'Accepted'): Promise<void> {
    await this.finish(this.stand.house.idTags.put({ id, status, concurrent: false }, caller))
  }
  async remove(id: string): Promise<void> {
    await this.finish(this.stand.house.idTags.remove(id))
  }
  /** Everything that follows soon has followed. */
  calm(ms = 8_000): Promise<void> {
    return this.stand.clock.advance(ms)
  }
  async send(body: object): Promise<{ status: string; response: unknown }> {
    const issued = this.stand.house.commands.issue('CP1', 'SendLocalList', body, {}, caller)
    issued.catch(() => undefined)
    await this.calm()
    const { id } = await issued
    return this.stand.house.commands.get(id)
  }
  get view(): LocalListView {
    return this.stand.house.localLists.get('CP1')
  }
  async restart(): Promise<void> {
    this.peer?.cut()
    this.peer = null
    this.stand = await this.stand.restart()
  }
  open(code: string): string[] {
    return this.stand.house.alerts().filter((alert) => alert.code === code && alert.resolvedAt === null).map(({ message }) => message)
  }
  private async finish<T>(doing: Promise<T>): Promise<T> {
    doing.catch(() => undefined)
    await this.stand.clock.advance(0)
    return doing
  }
}
let generation = 1_000

describe('the next update', () => {
  const of = (...names: string[]): Listed[] => names.map((name) => ({ idTag: name.replace('!', ''), idTagInfo: { status: name.endsWith('!') ? 'Blocked' : 'Accepted' } }))
  const setOf = (tags: readonly Listed[]): TagSet => {
    const prints = tags.map(({ idTag, idTagInfo }) => printOf(idTag.toLowerCase(), idTagInfo)).sort()
    return { sum: sumOf(prints), tags: prints }
  }
  const sets = new Map([[noTags.sum, noTags]])
  const has = (version: number, ...names: string[]): LocalList => {
    const set = setOf(of(...names))
    sets.set(set.sum, set)
    return { ...noList, version, trusted: true, base: set.sum, sum: set.sum, count: names.length }
  }
  const rows: [string, LocalList, Listed[], number, string | null][] = [
    ['nothing where nothing differs', has(4, 'A', 'B'), of('B', 'A'), 9, null],
    ['nothing where only the case differs', has(4, 'a'), of('A'), 9, null],
    ['nothing where nothing is and nothing is to be', has(0), [], 9, null],
    ['what came and what changed', has(4, 'A', 'B'), of('A!', 'B', 'C'), 9, 'Differential 5: A!, C'],
    ['what went, first', has(4, 'A', 'B'), of('B', 'C'), 9, 'Differential 5: -a, C'],
    ['everything that went', has(4, 'A'), [], 9, 'Differential 5: -a'],
    ['everything into an empty list', has(0), of('A', 'B'), 9, 'Full 1: A, B'],
    ['everything where what it has is in doubt', { ...has(4, 'A', 'B'), trusted: false }, of('A', 'B'), 9, 'Full 5: A, B'],
    ['an empty list where that is in doubt', { ...noList, version: 7 }, [], 9, 'Full 8: '],
    ['no more than it takes at once', has(4, 'A', 'B', 'C'), of('D', 'E'), 4, 'Differential 5: -a, -b, -c, D'],
    ['the first part of everything', { ...noList, version: 3 }, of('A', 'B', 'C'), 2, 'Full 4: A, B'],
    ['everything under version 1 after the highest there is', has(2_147_483_647, 'A'), of('A', 'B'), 9, 'Full 1: A, B'],
  ]
  test.each(rows)('is %s', (_, record, wanted, chunk, says) => {
    const set = (sum: string) => sets.get(sum)!
    const step = nextStep(record, setOf(wanted), chunk, {
      set, content: () => set(record.base), changes: (from, to) => changesBetween(from.tags, to.tags), say: (name) => wanted.find(({ idTag }) => idTag.toLowerCase() === name)!,
    })
    const told = step === null ? null : `${step.update.updateType} ${step.update.listVersion}: ${(step.update.localAuthorizationList ?? []).map(({ idTag, idTagInfo }) => `${idTagInfo === undefined ? '-' : ''}${idTag}${idTagInfo?.status === 'Blocked' ? '!' : ''}`).join(', ')}`
    expect(told).toBe(says)
  })

  test('lengths that say nothing are no lengths', () => {
    expect([null, '', 'many', '-1', '0', '20', '20000'].map(chunkOf)).toEqual([100, 100, 100, 100, 100, 20, 500])
    expect([null, '', 'many', '-1', '0', '20', '20000'].map(roomOf)).toEqual([10_000, 10_000, 10_000, 10_000, 0, 20, 10_000])
  })

  test('a tag that expires by its date says nothing new', () => {
    const tag = (status: 'Accepted' | 'Expired', expiryDate?: string): Listed[] => [{ idTag: 'A', idTagInfo: { status, ...(expiryDate === undefined ? {} : { expiryDate }) } }]
    expect(setOf(tag('Expired', '2024-01-01T00:00:00Z'))).toEqual(setOf(tag('Accepted', '2024-01-01T00:00:00Z')))
    expect(setOf(tag('Expired'))).not.toEqual(setOf(tag('Accepted')))
  })
})

describe('in step', () => {
  test('after a boot everything, then only what changes, five seconds after it did', async () => {
    const yard = await Yard.open(['ANNA', 'BERTA'])
    await yard.boot()
    expect(yard.list.said).toEqual(['Full 1: ANNA, BERTA'])
    expect(yard.view).toMatchObject({ version: 1, inStep: true, entries: 2, lastError: null, supported: true })
    yard.list.forget()
    await yard.put('BERTA', 'Blocked')
    await yard.put('CARLA')
    await yard.remove('ANNA')
    expect(yard.view).toMatchObject({ inStep: false })
    await yard.stand.clock.advance(4_999)
    expect(yard.list.said).toEqual([])
    await yard.calm()
    expect(yard.list.said).toEqual(['Differential 2: -anna, BERTA, CARLA'])
    expect(yard.list.list).toEqual(['berta Blocked', 'carla Accepted'])
    expect(yard.view).toMatchObject({ version: 2, inStep: true, entries: 2 })
  })

  test('nothing is sent when nothing has changed, also after a boot and a restart', async () => {
    const yard = await Yard.open(['ANNA'])
    await yard.boot()
    yard.list.forget()
    await yard.boot()
    await yard.restart()
    await yard.boot()
    expect(yard.list.heard.filter((action) => action === 'GetLocalListVersion').length).toBe(2)
    expect(yard.list.said).toEqual([])
    expect(yard.view).toMatchObject({ version: 1, inStep: true })
  })

  test('what changed while it was away, or while kwota was, is sent when it comes back without a boot', async () => {
    const yard = await Yard.open(['ANNA'])
    await yard.boot()
    yard.cut()
    await yard.put('BERTA')
    await yard.calm()
    await yard.connect()
    await yard.calm()
    expect(yard.list.said.at(-1)).toBe('Differential 2: BERTA')
    await yard.put('CARLA')
    await yard.restart()
    await yard.connect()
    await yard.calm()
    expect(yard.list.list).toEqual(['anna Accepted', 'berta Accepted', 'carla Accepted'])
  })

  test('not where it is not asked for', async () => {
    const yard = await Yard.open(['ANNA'], { chargePoints: [{ id: 'CP1' }] })
    await yard.boot()
    await yard.put('BERTA')
    await yard.calm()
    expect(yard.list.heard.filter((action) => action.includes('Local'))).toEqual([])
    expect(yard.view).toMatchObject({ version: 0, inStep: false, entries: null, at: null, lastError: null })
  })

  test('everything when it has another version than we know', async () => {
    const yard = await Yard.open(['ANNA'])
    yard.list.version = 40
    yard.list.tags.set('old', 'Accepted')
    await yard.boot()
    expect(yard.list.said).toEqual(['Full 41: ANNA'])
    expect(yard.list.list).toEqual(['anna Accepted'])
    // Somebody else has changed what we knew.
    yard.list.version = 50
    yard.list.tags.set('strange', 'Accepted')
    await yard.boot()
    expect(yard.list.said.at(-1)).toBe('Full 51: ANNA')
    expect(yard.list.list).toEqual(['anna Accepted'])
    yard.list.version = 0
    yard.list.tags.clear()
    await yard.boot()
    expect(yard.list.said.at(-1)).toBe('Full 1: ANNA')
  })

  test('in parts as long as it takes them', async () => {
    const yard = await Yard.open(['A', 'B', 'C', 'D', 'E'])
    yard.list.lengths = { SendLocalListMaxLength: '2', LocalAuthListMaxLength: '100' }
    await yard.boot()
    expect(yard.list.said).toEqual(['Full 1: A, B', 'Differential 2: C, D', 'Differential 3: E'])
    expect(yard.view).toMatchObject({ version: 3, inStep: true, entries: 5 })
    yard.list.forget()
    for (const tag of ['A', 'B', 'C']) await yard.remove(tag)
    await yard.calm()
    expect(yard.list.said).toEqual(['Differential 4: -a, -b', 'Differential 5: -c'])
    expect(yard.list.heard).not.toContain('GetConfiguration')
  })

  test('no more than it has room for: the first by id, and an alert while that lasts', async () => {
    const yard = await Yard.open(['A', 'B', 'C'])
    yard.list.lengths = { LocalAuthListMaxLength: '2' }
    await yard.boot()
    expect(yard.list.list).toEqual(['a Accepted', 'b Accepted'])
    expect(yard.open('local-list-too-long')).toEqual([expect.stringContaining('CP1 takes 2 id tags in its local list; 3 may charge there')])
    await yard.remove('A')
    await yard.calm()
    expect(yard.list.list).toEqual(['b Accepted', 'c Accepted'])
    expect(yard.open('local-list-too-long')).toEqual([])
  })
})

describe('what it answers', () => {
  test.each(['Failed', 'VersionMismatch'] as const)('%s to the differences: everything once', async (fault) => {
    const yard = await Yard.open(['ANNA'])
    await yard.boot()
    yard.list.faults.push(fault)
    await yard.put('BERTA')
    await yard.calm()
    expect(yard.list.said).toEqual(['Full 1: ANNA', 'Differential 2: BERTA', 'Full 2: ANNA, BERTA'])
    expect(yard.view).toMatchObject({ inStep: true, lastError: null })
  })

  test.each(['Failed', 'VersionMismatch'] as const)('%s to everything: nothing more before something changes or it boots', async (fault) => {
    const yard = await Yard.open(['ANNA'])
    yard.list.faults.push(fault)
    await yard.boot()
    expect(yard.list.said).toEqual(['Full 1: ANNA'])
    expect(yard.view).toMatchObject({ version: 0, inStep: false, lastError: fault })
    await yard.connect()
    await yard.calm(600_000)
    expect(yard.list.said.length).toBe(1)
    yard.list.faults.push(fault)
    await yard.put('BERTA')
    await yard.calm()
    expect(yard.list.said).toEqual(['Full 1: ANNA', 'Full 1: ANNA, BERTA'])
    await yard.boot()
    expect(yard.list.said.length).toBe(3)
    expect(yard.view).toMatchObject({ inStep: true, lastError: null })
  })

  test.each([[{ listVersion: -1 }], [{ error: 'NotSupported' }], [{ error: 'NotImplemented' }]] as const)('it has no list (%j): never asked again before its firmware changes', async (versionAnswer) => {
    const yard = await Yard.open(['ANNA'])
    yard.list.versionAnswer = versionAnswer
    await yard.boot('1.0')
    await yard.boot('1.0')
    await yard.put('BERTA')
    await yard.calm(600_000)
    await yard.restart()
    await yard.boot('1.0')
    expect(yard.list.heard.filter((action) => action.includes('Local'))).toEqual(['GetLocalListVersion'])
    expect(yard.view).toMatchObject({ supported: false, inStep: false, lastError: 'NotSupported' })
    expect(yard.stand.house.alerts()).toEqual([])
    yard.list.versionAnswer = null
    await yard.boot('1.1')
    expect(yard.list.said).toEqual(['Full 1: ANNA, BERTA'])
    expect(yard.view).toMatchObject({ supported: true, inStep: true })
  })

  test('NotSupported to a list stops it the same way', async () => {
    const yard = await Yard.open(['ANNA'])
    yard.list.faults.push('NotSupported')
    await yard.boot()
    await yard.boot()
    await yard.put('BERTA')
    await yard.calm()
    expect(yard.list.said).toEqual(['Full 1: ANNA'])
    expect(yard.view).toMatchObject({ supported: false })
  })

  test.each(['hold', 'lost answer', 'error'] as const)('nothing that decides (%s): tried again as a whole', async (fault) => {
    const yard = await Yard.open(['ANNA'])
    await yard.boot()
    yard.list.faults.push(fault)
    await yard.put('BERTA')
    await yard.calm(timedOutMs + 10_000)
    expect(yard.view).toMatchObject({ inStep: false, lastError: fault === 'error' ? 'InternalError' : 'timed-out' })
    await yard.calm(70_000)
    expect(yard.list.said.at(-1)).toMatch(/^Full \d: ANNA, BERTA$/)
    expect(yard.view).toMatchObject({ inStep: true, lastError: null })
  })

  test('an answer that comes after a newer list was sent proves nothing any more', async () => {
    const yard = await Yard.open(['ANNA'])
    await yard.boot()
    yard.list.faults.push('lost answer')
    await yard.put('BERTA')
    await yard.calm()
    const late = yard.peer!.last()
    await yard.remove('BERTA')
    await yard.calm(timedOutMs + 70_000)
    expect(yard.list.said.slice(1)).toEqual(['Differential 2: BERTA', 'Full 3: ANNA'])
    expect(yard.view).toMatchObject({ version: 3, inStep: true })
    yard.peer!.answer(late)
    await yard.calm(100)
    expect(yard.view).toMatchObject({ version: 3, inStep: false })
    await yard.boot()
    expect(yard.list.said.at(-1)).toBe('Full 4: ANNA')
  })

  test('no version at all: tried again a few times, not for ever', async () => {
    const yard = await Yard.open(['ANNA'])
    yard.list.versionAnswer = { error: 'InternalError' }
    await yard.boot()
    await yard.calm(3_600_000)
    expect(yard.list.heard.filter((action) => action === 'GetLocalListVersion').length).toBe(6)
    yard.list.versionAnswer = null
    await yard.boot()
    expect(yard.view).toMatchObject({ inStep: true })
  })
})

describe('send-local-list', () => {
  test('passes on what it is given, and does not believe to be in step any more', async () => {
    const yard = await Yard.open(['ANNA'])
    await yard.boot()
    const entry = { idTag: 'ZOE', idTagInfo: { status: 'Accepted' } }
    expect(await yard.send({ listVersion: 9, updateType: 'Full', localAuthorizationList: [entry] })).toMatchObject({ status: 'accepted', response: { status: 'Accepted' } })
    expect(yard.list.updates.at(-1)).toEqual({ listVersion: 9, localAuthorizationList: [entry], updateType: 'Full' })
    expect(yard.view).toMatchObject({ version: 9, inStep: false, entries: null })
    await yard.put('BERTA')
    await yard.calm()
    expect(yard.list.said.at(-1)).toBe('Full 10: ANNA, BERTA')
  })

  test('one under the very version we have is not taken for ours', async () => {
    const yard = await Yard.open(['ANNA'])
    await yard.boot()
    await yard.send({ listVersion: 1, updateType: 'Full' })
    expect(yard.list.list).toEqual([])
    await yard.boot()
    expect(yard.list.list).toEqual(['anna Accepted'])
  })

  test('one that was not answered yet puts it in doubt', async () => {
    const yard = await Yard.open(['ANNA'])
    await yard.boot()
    yard.list.faults.push('lost answer')
    expect(await yard.send({ listVersion: 2, updateType: 'Differential', localAuthorizationList: [{ idTag: 'ANNA' }] })).toMatchObject({ status: 'sent' })
    expect(yard.view).toMatchObject({ inStep: false, entries: null })
    await yard.restart()
    await yard.boot()
    expect(yard.list.said.at(-1)).toBe('Full 3: ANNA')
  })

  test('with sync brings everything now, in parts, also where it is not kept in step', async () => {
    const yard = await Yard.open(['A', 'B', 'C'], { chargePoints: [{ id: 'CP1' }] })
    await yard.boot()
    yard.list.lengths = { SendLocalListMaxLength: '2' }
    expect(await yard.send({ sync: true })).toMatchObject({ status: 'accepted' })
    expect(yard.list.said).toEqual(['Full 1: A, B', 'Differential 2: C'])
    expect(yard.view).toMatchObject({ inStep: true, version: 2 })
    await yard.put('D')
    await yard.calm()
    expect(yard.view).toMatchObject({ inStep: false })
    expect(yard.list.said.length).toBe(2)
    yard.list.faults.push('Failed')
    expect(await yard.send({ sync: true })).toMatchObject({ status: 'rejected', response: { status: 'Failed' } })
    expect(yard.view).toMatchObject({ inStep: false, lastError: 'Failed' })
  })

  test.each([
    [{ sync: true, listVersion: 3 }, '/listVersion'], [{ updateType: 'Full' }, '/listVersion'], [{ listVersion: 3 }, '/updateType'],
  ])('%j is not taken', async (body, pointer) => {
    const yard = await Yard.open()
    await yard.boot()
    await expect(yard.send(body)).rejects.toMatchObject({ kind: 'invalid', errors: [{ pointer }] })
  })

  test('longer than it takes is refused with the number', async () => {
    const yard = await Yard.open(['ANNA'])
    yard.list.lengths = { SendLocalListMaxLength: '2', LocalAuthListMaxLength: '1' }
    await yard.boot()
    yard.list.forget()
    const entries = (count: number) => Array.from({ length: count }, (_, index) => ({ idTag: `T${index}` }))
    await expect(yard.send({ listVersion: 9, updateType: 'Differential', localAuthorizationList: entries(3) })).rejects.toMatchObject({ kind: 'conflict', code: 'list-too-long', message: expect.stringContaining('2 entries') as string, hint: expect.any(String) as string })
    await expect(yard.send({ listVersion: 9, updateType: 'Full', localAuthorizationList: entries(2) })).rejects.toMatchObject({ code: 'list-too-long', message: expect.stringContaining('1 id tags') as string })
    expect(yard.list.said).toEqual([])
    expect(yard.view).toMatchObject({ inStep: true })
  })
})

test('a deleted charge point leaves nothing of it behind', async () => {
  const yard = await Yard.open(['ANNA'])
  await yard.boot()
  expect([...(await yard.stand.store.read('main')).keys()]).toContain('local-list:CP1')
  await yard.stand.house.deleteChargePoint('CP1', caller)
  expect([...(await yard.stand.store.read('main')).keys()]).not.toContain('local-list:CP1')
})

type Act = { put: string; status: Status } | { remove: string } | { fault: Fault } | 'boot' | 'connect' | 'cut' | 'restart' | { wait: number } | { raw: number } | { strange: number }
const tag = fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F')
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ put: tag, status: fc.constantFrom<Status>('Accepted', 'Blocked') }) },
  { weight: 2, arbitrary: fc.record({ remove: tag }) },
  { weight: 3, arbitrary: fc.record({ fault: fc.constantFrom<Fault>('hold', 'lost answer', 'Failed', 'VersionMismatch', 'error') }) },
  { weight: 3, arbitrary: fc.record({ wait: fc.integer({ min: 0, max: 40_000 }) }) },
  { weight: 1, arbitrary: fc.record({ raw: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ strange: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.constantFrom<Act>('boot', 'connect', 'cut', 'restart') },
)

test('whatever changes and fails in between: when it is quiet, the list says what the tags say', async () => {
  await fc.assert(fc.asyncProperty(fc.array(act, { maxLength: 25 }), fc.constantFrom('1', '2', '50'), async (acts, most) => {
    const yard = await Yard.open()
    yard.list.lengths = { SendLocalListMaxLength: most }
    await yard.boot()
    for (const one of acts) {
      if (one === 'boot') await yard.boot()
      else if (one === 'connect') await yard.connect()
      else if (one === 'cut') yard.cut()
      else if (one === 'restart') await yard.restart()
      else if ('put' in one) await yard.put(one.put, one.status)
      else if ('remove' in one) await yard.remove(one.remove).catch(() => undefined)
      else if ('fault' in one) yard.list.faults.push(one.fault)
      else if ('wait' in one) await yard.stand.clock.advance(one.wait)
      else if ('strange' in one) yard.list.meddle(one.strange)
      else await yard.send({ listVersion: one.raw, updateType: 'Full', localAuthorizationList: [] }).catch(() => undefined)
    }
    yard.list.faults.length = 0
    await yard.boot()
    await yard.calm(40_000)
    const wanted = yard.stand.house.idTags.list().map(({ value }) => `${value.id.toLowerCase()} ${value.status}`).sort()
    expect(yard.list.list).toEqual(wanted)
    expect(yard.view).toMatchObject({ inStep: true, entries: wanted.length })
    yard.stand.directory.crash()
  }), { numRuns: 25 })
})
