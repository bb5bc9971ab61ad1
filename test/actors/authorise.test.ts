// Authorisation: which policy decides, what a local tag says, what was said outside, and what holds while nobody answers there.
import { describe, expect, test } from 'vitest'
import { byTag, createAuthoriser, isUnknown, type Policy, type Question, type Verdict } from '../../src/actors/authorise.ts'
import type { ExternalAuthority, ExternalQuestion } from '../../src/actors/external-authoriser.ts'
import type { IdTag } from '../../src/actors/id-tag-record.ts'
import { openScope } from '../../src/actors/scope.ts'
import type { IdTagInfo } from '../../src/protocol/messages/index.ts'
import { defaultSettings } from '../../src/settings.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'

const tags: IdTag[] = [
  { id: 'Good', status: 'Accepted' },
  { id: 'Fleet', status: 'Accepted', concurrent: true, parentIdTag: 'F1' },
  { id: 'Blocked', status: 'Blocked' },
  { id: 'Old', status: 'Accepted', expiryDate: '2024-05-01T09:59:59Z' },
  { id: 'Soon', status: 'Accepted', expiryDate: '2024-05-01T10:00:01Z' },
  { id: 'Odd', status: 'Accepted', expiryDate: 'some day' },
  { id: 'Here', status: 'Accepted', sites: ['depot'] },
  { id: 'There', status: 'Accepted', sites: ['annex'], chargePoints: ['CP9'] },
  { id: 'Point', status: 'Accepted', sites: ['annex'], chargePoints: ['cp1'] },
  { id: 'Gone', status: 'Blocked', sites: ['annex'] },
]

/** An authority that knows `Guest` until `expiryDate`, blocks `Bad`, and can be cut off or made to wait. */
async function open(knows: Record<string, IdTagInfo> = { guest: { status: 'Accepted', parentIdTag: 'G' }, bad: { status: 'Blocked' } }) {
  const clock = new VirtualClock()
  const store = createMemoryStore()
  const scope = await openScope({ store, name: 'depot', clock })
  const asked: ExternalQuestion[] = []
  const state = { failure: null as string | null, held: [] as (() => void)[], holding: false }
  const external: ExternalAuthority = {
    async ask(question) {
      asked.push(question)
      if (state.holding) await new Promise<void>((resolve) => state.held.push(resolve))
      if (state.failure !== null) return { failure: state.failure }
      return { idTagInfo: knows[question.idTag.toLowerCase()] ?? { status: 'Invalid' } }
    },
  }
  const told: (string | null)[] = []
  const authoriser = createAuthoriser({ idTags: byTag(tags), external, clock, reached: (_, failure) => told.push(failure) })
  const ask = (authorisation: readonly Policy[], idTag: string, more: Partial<Question> = {}, rules: Partial<Question['rules']> = {}): Promise<Verdict> => authoriser.authorise({
    idTag, siteID: 'depot', clientID: 'CP1', reason: 'authorize', scope, ...more,
    rules: { ...defaultSettings, authorisation: [...authorisation], ...rules },
  })
  return { clock, store, scope, asked, state, told, authoriser, ask }
}

describe('policies in order', () => {
  const rows: [Policy[], string, string, Verdict['by']][] = [
    [['local'], 'Good', 'Accepted', 'local'], [['local'], 'gOOD', 'Accepted', 'local'], [['local'], 'nobody', 'Invalid', 'nobody'], [['local'], '__proto__', 'Invalid', 'nobody'],
    [['local'], 'Blocked', 'Blocked', 'local'], [['local'], 'Old', 'Expired', 'local'], [['local'], 'Soon', 'Accepted', 'local'], [['local'], 'Odd', 'Expired', 'local'],
    [['accept-all'], 'nobody', 'Accepted', 'accept-all'], [['local', 'accept-all'], 'nobody', 'Accepted', 'accept-all'],
    [['local', 'accept-all'], 'Blocked', 'Blocked', 'local'], [['accept-all', 'local'], 'Blocked', 'Accepted', 'accept-all'], [[], 'Good', 'Invalid', 'nobody'],
    [['external'], 'Guest', 'Accepted', 'external'], [['external'], 'BAD', 'Blocked', 'external'], [['external'], 'Good', 'Invalid', 'external'],
    [['local', 'external'], 'Good', 'Accepted', 'local'], [['local', 'external'], 'Guest', 'Accepted', 'external'], [['external', 'local'], 'Good', 'Invalid', 'external'],
    [['external', 'accept-all'], 'Good', 'Invalid', 'external'], [['accept-all', 'external'], 'Bad', 'Accepted', 'accept-all'],
    [['cache'], 'Guest', 'Invalid', 'nobody'], [['cache', 'local'], 'Good', 'Accepted', 'local'], [['cache', 'external'], 'Guest', 'Accepted', 'external'], [['cache', 'accept-all'], 'Guest', 'Accepted', 'accept-all'],
    [['local'], 'Here', 'Accepted', 'local'], [['local'], 'There', 'Invalid', 'local'], [['local'], 'Point', 'Accepted', 'local'], [['local'], 'Gone', 'Blocked', 'local'], [['local', 'accept-all'], 'There', 'Invalid', 'local'],
  ]
  test.each(rows)('%j: %s is %s, says %s', async (policy, tag, status, by) => {
    const { ask, asked } = await open()
    expect(await ask(policy, tag)).toMatchObject({ idTagInfo: { status }, by })
    expect(asked).toHaveLength(by === 'external' ? 1 : 0)
  })

  test('what the list knows is passed on, fields in order', async () => {
    const { ask } = await open()
    expect(JSON.stringify((await ask(['local'], 'fleet')).idTagInfo)).toBe('{"parentIdTag":"F1","status":"Accepted"}')
    expect(JSON.stringify((await ask(['local'], 'soon')).idTagInfo)).toBe('{"expiryDate":"2024-05-01T10:00:01Z","status":"Accepted"}')
  })

  test('a tag is unknown when nobody knows it or who was asked says so, not when we forbid it', async () => {
    const { ask } = await open()
    expect(isUnknown(await ask(['local'], 'nobody'))).toBe(true)
    expect(isUnknown(await ask(['external'], 'nobody'))).toBe(true)
    expect(isUnknown(await ask(['cache'], 'nobody'))).toBe(true)
    for (const tag of ['Good', 'There', 'Blocked']) expect(isUnknown(await ask(['local'], tag))).toBe(false)
    expect(isUnknown(await ask(['accept-all'], 'nobody'))).toBe(false)
  })

  test('what is asked outside says who, where, when and why', async () => {
    const { ask, asked } = await open()
    await ask(['external'], 'Guest', { connectorId: 2, reason: 'start' })
    await ask(['external'], 'Guest')
    expect(asked).toEqual([
      { clientID: 'CP1', connectorId: 2, idTag: 'Guest', siteID: 'depot', at: '2024-05-01T10:00:00.000Z', reason: 'start' },
      { clientID: 'CP1', idTag: 'Guest', siteID: 'depot', at: '2024-05-01T10:00:00.000Z', reason: 'authorize' },
    ])
  })
})

describe('a tag that charges already', () => {
  const here = { clientID: 'CP1', connectorId: 1 }
  async function busy(tag: string) {
    const stand = await open()
    stand.authoriser.started(tag, here, 7)
    const statusAt = async (idTag: string, place: Partial<Question>, policy: Policy[] = ['local']) => (await stand.ask(policy, idTag, { reason: 'start', ...place })).idTagInfo.status
    return { ...stand, statusAt }
  }
  test('elsewhere, only for a start', async () => {
    const { statusAt } = await busy('GOOD')
    expect(await statusAt('good', { clientID: 'CP2', connectorId: 1 })).toBe('ConcurrentTx')
    expect(await statusAt('good', { connectorId: 2 })).toBe('ConcurrentTx')
    expect(await statusAt('good', { connectorId: 2, reason: 'authorize' })).toBe('Accepted')
    expect(await statusAt('good', { connectorId: 2, reason: 'stop' })).toBe('Accepted')
  })
  test('the same place, a tag that may, a policy that does not ask', async () => {
    expect(await (await busy('Good')).statusAt('Good', { connectorId: 1 })).toBe('Accepted')
    expect(await (await busy('Fleet')).statusAt('Fleet', { connectorId: 2 })).toBe('Accepted')
    expect(await (await busy('Good')).statusAt('Good', { connectorId: 2 }, ['accept-all'])).toBe('Accepted')
  })
  test('free again after its stop', async () => {
    const { authoriser, statusAt } = await busy('Good')
    authoriser.stopped(7)
    expect(await statusAt('Good', { clientID: 'CP2', connectorId: 1 })).toBe('Accepted')
  })
  test('one that is refused anyway is refused for that', async () => {
    expect(await (await busy('Blocked')).statusAt('Blocked', { connectorId: 2 })).toBe('Blocked')
  })
})

describe('the last external answer', () => {
  test('serves for its time at that charge point, then the service is asked again', async () => {
    const { ask, asked, clock } = await open()
    const chain = ['cache', 'external'] as const
    expect(await ask(chain, 'Guest')).toMatchObject({ by: 'external' })
    expect(await ask(chain, 'GUEST')).toEqual({ idTagInfo: { parentIdTag: 'G', status: 'Accepted' }, by: 'cache', waited: false })
    expect(await ask(chain, 'Guest', { clientID: 'CP2' })).toMatchObject({ by: 'external' })
    await clock.advance(3_600_000)
    expect(await ask(chain, 'Guest')).toMatchObject({ by: 'cache' })
    await clock.advance(1)
    expect(await ask(chain, 'Guest')).toMatchObject({ by: 'external' })
    expect(asked).toHaveLength(3)
  })

  test('never past its own expiry date', async () => {
    const { ask, clock, state } = await open({ guest: { status: 'Accepted', expiryDate: '2024-05-01T10:10:00Z' } })
    await ask(['external'], 'Guest')
    expect(await ask(['cache'], 'Guest')).toMatchObject({ by: 'cache' })
    await clock.advance(600_000)
    expect(await ask(['cache'], 'Guest')).toMatchObject({ by: 'nobody' })
    state.failure = 'down'
    expect(await ask(['external'], 'Guest')).toMatchObject({ by: 'absence', idTagInfo: { status: 'Invalid' } })
  })

  test('is there again after a kill; that it runs elsewhere is not kept', async () => {
    const { ask, authoriser, scope, store, clock } = await open({ guest: { status: 'Accepted' }, twin: { status: 'ConcurrentTx' } })
    await ask(['external'], 'Guest')
    await ask(['external'], 'Twin')
    await scope.flush()
    scope.abandon()
    const again = await openScope({ store: store.restart(), name: 'depot', clock })
    expect(await ask(['cache'], 'Guest', { scope: again })).toMatchObject({ by: 'cache', idTagInfo: { status: 'Accepted' } })
    expect(await ask(['cache'], 'Twin', { scope: again })).toMatchObject({ by: 'nobody' })
    expect(authoriser.cacheOf(again).list('CP1').map(({ idTag }) => idTag)).toEqual(['Guest'])
  })

  test('what was answered before is not asked again', async () => {
    const { ask, asked, clock } = await open()
    expect(await ask(['external'], 'Guest', { repeated: true })).toMatchObject({ by: 'nobody' })
    await ask(['external'], 'Guest')
    await clock.advance(86_400_000)
    expect(await ask(['external'], 'Guest', { repeated: true })).toMatchObject({ by: 'external', idTagInfo: { status: 'Accepted' } })
    expect(asked).toHaveLength(1)
  })
})

describe('while the service does not answer', () => {
  const rows: ['cache' | 'accept' | 'reject', boolean, Policy[], string, Verdict['by']][] = [
    ['cache', false, ['external'], 'Invalid', 'absence'], ['cache', true, ['external'], 'Accepted', 'absence'],
    ['accept', false, ['external'], 'Accepted', 'absence'], ['accept', true, ['external'], 'Accepted', 'absence'],
    ['reject', false, ['external'], 'Invalid', 'absence'], ['reject', true, ['external'], 'Invalid', 'absence'],
    ['reject', false, ['external', 'accept-all'], 'Invalid', 'absence'], ['reject', false, ['accept-all', 'external'], 'Accepted', 'accept-all'],
  ]
  test.each(rows)('%s, seen before: %s, %j: %s', async (authorisationUnreachable, seen, policy, status, by) => {
    const { ask, state, clock, told } = await open()
    if (seen) await ask(['external'], 'Guest')
    state.failure = 'no answer within 2 s'
    await clock.advance(30 * 86_400_000)
    expect(await ask(policy, 'Guest', {}, { authorisationUnreachable })).toMatchObject({ idTagInfo: { status }, by })
    if (by === 'absence') expect(told.at(-1)).toBe('no answer within 2 s')
  })

  test('nobody configured is as if it did not answer', async () => {
    const { clock, scope } = await open()
    const told: (string | null)[] = []
    const authoriser = createAuthoriser({ idTags: byTag([]), external: null, clock, reached: (_, failure) => told.push(failure) })
    const verdict = await authoriser.authorise({ idTag: 'X', siteID: 'depot', clientID: 'CP1', reason: 'start', scope, rules: { ...defaultSettings, authorisation: ['external'], authorisationUnreachable: 'accept' } })
    expect(verdict).toMatchObject({ idTagInfo: { status: 'Accepted' }, by: 'absence' })
    expect(told).toEqual(['no authorisationService is configured'])
  })

  test('the same is asked once at a time, others do not wait', async () => {
    const { ask, asked, state } = await open()
    state.holding = true
    const three = [ask(['external'], 'Guest'), ask(['external'], 'GUEST'), ask(['external'], 'Guest', { clientID: 'CP2' })]
    expect((await ask(['local', 'external'], 'Good')).by).toBe('local')
    expect(asked.map(({ clientID, idTag }) => `${clientID} ${idTag}`)).toEqual(['CP1 Guest', 'CP2 Guest'])
    for (const go of state.held) go()
    expect((await Promise.all(three)).map(({ idTagInfo }) => idTagInfo.status)).toEqual(['Accepted', 'Accepted', 'Accepted'])
    state.holding = false
    await ask(['external'], 'Guest')
    expect(asked).toHaveLength(3)
  })

  test('a start does not take the answer of an authorize, nor that of another connector', async () => {
    const { ask, asked, state } = await open({ guest: { status: 'Accepted' } })
    state.holding = true
    const at = { reason: 'start' as const, connectorId: 1 }
    const asking = [ask(['external'], 'Guest'), ask(['external'], 'Guest', at), ask(['external'], 'Guest', { ...at, connectorId: 2 }), ask(['external'], 'Guest', { ...at, reason: 'stop' }), ask(['external'], 'guest', at)]
    expect(asked.map(({ reason, connectorId }) => [reason, connectorId])).toEqual([['authorize', undefined], ['start', 1], ['start', 2], ['stop', 1]])
    for (const go of state.held) go()
    await Promise.all(asking)
  })
})
