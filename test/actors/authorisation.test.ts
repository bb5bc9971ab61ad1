// Authorisation as charge points meet it: the whole chain behind real handlers, alerts about strangers and guessers, and nothing asked twice.
import { describe, expect, test } from 'vitest'
import type { ExternalAuthority, ExternalQuestion } from '../../src/actors/external-authoriser.ts'
import type { IdTagInfo } from '../../src/protocol/messages/index.ts'
import { defaultSettings, idTagSchema, type Settings } from '../../src/settings.ts'
import { caller, openHouse, type HouseOptions, type HouseStand } from './house-stand.ts'
import type { Peer } from './site-stand.ts'

const tagOf = (id: string, more: object = {}) => idTagSchema.parse({ id, ...more })
const by = (...authorisation: NonNullable<Settings['authorisation']>) => ({ ...defaultSettings, authorisation })

function outside(knows: Record<string, IdTagInfo> = {}) {
  const asked: ExternalQuestion[] = []
  const state = { failure: null as string | null, holding: false, held: [] as (() => void)[] }
  const externalAuthority: ExternalAuthority = {
    async ask(question) {
      asked.push(question)
      if (state.holding) await new Promise<void>((resolve) => state.held.push(resolve))
      return state.failure === null ? { idTagInfo: knows[question.idTag.toLowerCase()] ?? { status: 'Invalid' } } : { failure: state.failure }
    },
  }
  return { asked, state, externalAuthority }
}

const house = (options: HouseOptions = {}) => openHouse({ chargePoints: [{ id: 'CP1', connectors: [{ id: 1 }, { id: 2 }] }, { id: 'CP2' }], ...options })
const now = (stand: HouseStand) => new Date(stand.clock.wall()).toISOString()
const authorize = async (stand: HouseStand, peer: Peer, idTag: string) => ((await stand.call(peer, 'Authorize', { idTag })) as { idTagInfo: IdTagInfo }).idTagInfo
const start = (stand: HouseStand, peer: Peer, idTag: string, connectorId = 1, timestamp = now(stand)) =>
  stand.call(peer, 'StartTransaction', { connectorId, idTag, meterStart: 0, timestamp }) as Promise<{ idTagInfo: IdTagInfo; transactionId: number }>
const stop = (stand: HouseStand, peer: Peer, transactionId: number, idTag?: string, timestamp = now(stand)) =>
  stand.call(peer, 'StopTransaction', { transactionId, meterStop: 100, timestamp, ...(idTag === undefined ? {} : { idTag }) }) as Promise<{ idTagInfo?: IdTagInfo }>
const alertsOf = (stand: HouseStand, code: string) => stand.house.alerts().filter((alert) => alert.code === code).map(({ resolvedAt, clientID, message }) => ({ open: resolvedAt === null, clientID, message }))

describe('who is asked', () => {
  test('what the connector, the charge point, its site or the file says, the nearest counts, as of now', async () => {
    const stand = await house({ idTags: [tagOf('Known')], defaults: by('local'), chargePoints: [
      { id: 'CP1', connectors: [{ id: 1, settings: { authorisation: ['accept-all'] } }, { id: 2 }] }, { id: 'CP2', settings: { authorisation: ['accept-all'] } },
    ] })
    const [one, two] = [await stand.boot('CP1'), await stand.boot('CP2')]
    expect(await authorize(stand, one, 'KNOWN')).toEqual({ status: 'Accepted' })
    expect(await authorize(stand, one, 'other')).toEqual({ status: 'Invalid' })
    expect(await authorize(stand, two, 'other')).toEqual({ status: 'Accepted' })
    expect((await start(stand, one, 'other', 1)).idTagInfo.status).toBe('Accepted')
    expect((await start(stand, one, 'other', 2)).idTagInfo.status).toBe('Invalid')
    await stand.house.idTags.put(tagOf('Other', { parentIdTag: 'P' }), caller)
    expect(await authorize(stand, one, 'other')).toEqual({ parentIdTag: 'P', status: 'Accepted' })
    await stand.house.idTags.remove('other')
    expect(await authorize(stand, one, 'other')).toEqual({ status: 'Invalid' })
  })

  test('where nobody says anything everybody may charge, but not with a tag of ours that is blocked or over', async () => {
    const stand = await house({ idTags: [tagOf('Lost', { status: 'Blocked' }), tagOf('Old', { expiryDate: '2020-01-01T00:00:00Z' })] })
    const peer = await stand.boot('CP1')
    expect((await start(stand, peer, 'lost')).idTagInfo.status).toBe('Blocked')
    expect((await authorize(stand, peer, 'Old')).status).toBe('Expired')
    expect((await start(stand, peer, 'anybody', 2)).idTagInfo.status).toBe('Accepted')
  })

  test('a tag that may not charge here is Invalid, and no stranger', async () => {
    const stand = await house({ idTags: [tagOf('Away', { sites: ['annex'] })], defaults: by('local') })
    const peer = await stand.boot('CP1')
    expect((await start(stand, peer, 'away')).idTagInfo).toEqual({ status: 'Invalid' })
    expect(alertsOf(stand, 'unknown-id-tag')).toEqual([])
  })

  test('a slow service holds up nobody else, and the charge point gets its answer when there is one', async () => {
    const { externalAuthority, state, asked } = outside({ guest: { status: 'Accepted', parentIdTag: 'G' } })
    const stand = await house({ externalAuthority, defaults: by('local', 'external'), idTags: [tagOf('Known')] })
    const [one, two] = [await stand.boot('CP1'), await stand.boot('CP2')]
    state.holding = true
    const waiting = start(stand, one, 'Guest')
    await stand.clock.advance(500)
    expect((await start(stand, two, 'Known')).idTagInfo).toEqual({ status: 'Accepted' })
    expect(stand.house.records.held().map(({ clientID }) => clientID)).toEqual(['CP2'])
    for (const go of state.held) go()
    await stand.clock.advance(10)
    expect((await waiting).idTagInfo).toEqual({ parentIdTag: 'G', status: 'Accepted' })
    expect(asked).toMatchObject([{ clientID: 'CP1', connectorId: 1, idTag: 'Guest', siteID: 'main', reason: 'start' }])
    expect(stand.house.records.held().map(({ clientID }) => clientID).sort()).toEqual(['CP1', 'CP2'])
  })

  test('a charge point whose configuration changes while it waits starts nothing on its old self; its retry does', async () => {
    const { externalAuthority, state } = outside({ guest: { status: 'Accepted' } })
    const stand = await house({ externalAuthority, defaults: by('external') })
    const peer = await stand.boot('CP1')
    state.holding = true
    const timestamp = now(stand)
    void start(stand, peer, 'Guest', 1, timestamp)
    await stand.clock.advance(100)
    const { value } = stand.house.chargePoint('CP1')
    const { hasPassword: _p, connection: _c, lastSeenAt: _l, boot: _b, quirks: _q, state: _s, ...config } = value
    await stand.house.putChargePoint({ ...config, connectors: config.connectors.map((each) => ({ ...each, maxA: 16 })) }, undefined, caller)
    state.holding = false
    for (const go of state.held) go()
    await stand.clock.advance(1_000)
    expect(stand.house.records.held()).toEqual([])
    const again = await stand.boot('CP1')
    const { transactionId } = await start(stand, again, 'Guest', 1, timestamp)
    expect(stand.house.records.held()).toMatchObject([{ id: transactionId, status: 'starting' }])
    expect(stand.house.connector('CP1', 1).transactionId).toBe(transactionId)
  })
})

describe('nothing is asked twice', () => {
  test('a start repeated, also after a kill; a stop repeated gets what was said then', async () => {
    const { externalAuthority, asked } = outside({ guest: { status: 'Accepted', parentIdTag: 'G' } })
    const stand = await house({ externalAuthority, defaults: by('external') })
    const peer = await stand.boot('CP1')
    const timestamp = now(stand)
    const first = await start(stand, peer, 'Guest', 1, timestamp)
    expect(await start(stand, peer, 'GUEST', 1, timestamp)).toEqual(first)
    const again = await stand.restart()
    const back = await again.boot('CP1')
    expect(await start(again, back, 'Guest', 1, timestamp)).toEqual(first)
    expect(asked.map(({ reason }) => reason)).toEqual(['start'])
    const stopped = now(again)
    expect(await stop(again, back, first.transactionId, 'Guest', stopped)).toEqual({ idTagInfo: { parentIdTag: 'G', status: 'Accepted' } })
    expect(await stop(again, back, first.transactionId, 'Guest', stopped)).toEqual({ idTagInfo: { parentIdTag: 'G', status: 'Accepted' } })
    expect(asked.map(({ reason }) => reason)).toEqual(['start', 'stop'])
  })

  test('a stop that was answered but is not remembered says nothing of the tag', async () => {
    const { externalAuthority, asked } = outside({ twin: { status: 'ConcurrentTx' } })
    const stand = await house({ externalAuthority, defaults: by('external') })
    const peer = await stand.boot('CP1')
    const { transactionId } = await start(stand, peer, 'Twin')
    expect(await stop(stand, peer, transactionId, 'Twin')).toEqual({ idTagInfo: { status: 'ConcurrentTx' } })
    expect(await stop(stand, peer, transactionId, 'Twin')).toEqual({})
    expect(asked).toHaveLength(2)
  })
})

describe('who stops', () => {
  test('one of the same group may; who may not is written down; the record says who it was', async () => {
    const idTags = [tagOf('A', { parentIdTag: 'Fleet', concurrent: true }), tagOf('B', { parentIdTag: 'FLEET' }), tagOf('C')]
    const stand = await house({ idTags, defaults: by('local') })
    const peer = await stand.boot('CP1')
    const said = 'stopped with an id tag that is neither its own nor of its group'
    const scope = stand.directory.estate.sites.get('main')?.scope
    for (const [idTag, foreign] of [['a', false], ['B', false], ['C', true], ['unheard', true]] as const) {
      await stand.clock.advance(60_000)
      stand.logged.length = 0
      const { transactionId } = await start(stand, peer, 'A')
      const { idTagInfo } = await stop(stand, peer, transactionId, idTag)
      expect(idTagInfo?.status).toBe(idTag === 'unheard' ? 'Invalid' : 'Accepted')
      expect(scope?.get(`tx:${transactionId}`)).toMatchObject({ status: 'stopped', idTag: 'A', stopIdTag: idTag })
      expect(stand.logged.includes(said)).toBe(foreign)
    }
  })
})

describe('strangers', () => {
  test('a start with a tag nobody knows is alerted, without the tag in full, until somebody makes it known', async () => {
    const stand = await house({ defaults: by('local') })
    const peer = await stand.boot('CP1')
    await authorize(stand, peer, 'STRANGER-1')
    expect(alertsOf(stand, 'unknown-id-tag')).toEqual([])
    await start(stand, peer, 'STRANGER-1')
    await stop(stand, peer, 7, 'STRANGER-1')
    expect(alertsOf(stand, 'unknown-id-tag')).toEqual([{ open: true, clientID: 'CP1', message: expect.stringContaining('ends in R-1') as string }])
    expect(JSON.stringify([stand.house.alerts(), stand.logged])).not.toContain('STRANGER')
    await stand.house.idTags.put(tagOf('stranger-1'), caller)
    expect(alertsOf(stand, 'unknown-id-tag')).toMatchObject([{ open: false }])
  })

  test('it is over after an hour, and no second one is raised for the same tag there', async () => {
    const stand = await house({ defaults: by('local') })
    const peer = await stand.boot('CP1')
    await start(stand, peer, 'X1')
    await stand.clock.advance(1_800_000)
    await start(stand, peer, 'x1', 2)
    await stand.clock.advance(3_500_000)
    expect(alertsOf(stand, 'unknown-id-tag').filter(({ open }) => open)).toHaveLength(1)
    await stand.clock.advance(200_000)
    expect(alertsOf(stand, 'unknown-id-tag').filter(({ open }) => open)).toEqual([])
  })

  test('one the service does not know is a stranger too, until it does', async () => {
    const knows: Record<string, IdTagInfo> = {}
    const { externalAuthority } = outside(knows)
    const stand = await house({ externalAuthority, defaults: by('external') })
    const peer = await stand.boot('CP1')
    await start(stand, peer, 'New')
    expect(alertsOf(stand, 'unknown-id-tag')).toMatchObject([{ open: true }])
    knows['new'] = { status: 'Accepted' }
    await authorize(stand, peer, 'New')
    expect(alertsOf(stand, 'unknown-id-tag')).toMatchObject([{ open: false }])
  })
})

describe('guessing', () => {
  test('threat 34: of ten thousand tags from one charge point the bucket is asked about, the rest is Invalid and alerted; others go on', async () => {
    const { externalAuthority, asked } = outside()
    const stand = await house({ externalAuthority, defaults: by('external') })
    const [one, two] = [await stand.boot('CP1'), await stand.boot('CP2')]
    for (let at = 0; at < 1_000; at++) await Promise.all(Array.from({ length: 10 }, (_, more) => stand.desk.handle(one, 'Authorize', { idTag: `T${at * 10 + more}` }, [])).map(async (answer, index) => {
      if (at === 0 && index === 0) await stand.clock.advance(0)
      return answer
    }))
    expect(asked.length).toBeLessThanOrEqual(11)
    expect(alertsOf(stand, 'id-tag-guessing')).toMatchObject([{ open: true, clientID: 'CP1' }])
    await authorize(stand, two, 'T')
    expect(asked.at(-1)).toMatchObject({ clientID: 'CP2' })
    await stand.clock.advance(59_000)
    expect(await authorize(stand, one, 'T')).toEqual({ status: 'Invalid' })
    expect(asked.at(-1)).toMatchObject({ clientID: 'CP1' })
    await stand.clock.advance(2_000)
    expect(alertsOf(stand, 'id-tag-guessing')).toMatchObject([{ open: false }])
  })

  test('starts are not counted: each becomes a transaction', async () => {
    const stand = await house({ defaults: by('local'), idTags: [tagOf('Fleet', { concurrent: true })] })
    const peer = await stand.boot('CP1')
    for (let at = 0; at < 15; at++) expect((await start(stand, peer, 'fleet', 1 + (at % 2), new Date(stand.clock.wall() + at).toISOString())).idTagInfo.status).toBe('Accepted')
  })
})

describe('while the service does not answer', () => {
  test('the rule holds, people are told once, and told again when it is over', async () => {
    const { externalAuthority, state } = outside({ guest: { status: 'Accepted' } })
    const stand = await house({ externalAuthority, defaults: by('external') })
    const peer = await stand.boot('CP1')
    await authorize(stand, peer, 'Guest')
    state.failure = 'no answer within 2 s'
    expect(await authorize(stand, peer, 'guest')).toEqual({ status: 'Accepted' })
    expect(await authorize(stand, peer, 'other')).toEqual({ status: 'Invalid' })
    expect((await start(stand, peer, 'other')).transactionId).toBeGreaterThan(0)
    expect(alertsOf(stand, 'authorisation-unreachable')).toMatchObject([{ open: true, message: expect.stringContaining('no answer within 2 s') as string }])
    expect(alertsOf(stand, 'unknown-id-tag')).toEqual([])
    expect(stand.logged.filter((line) => line === 'the authorisation service does not answer')).toHaveLength(1)
    state.failure = null
    await authorize(stand, peer, 'other')
    expect(alertsOf(stand, 'authorisation-unreachable')).toMatchObject([{ open: false }])
  })
})

describe('what was said is kept', () => {
  test('over a kill, shown newest first, forgotten when asked to, and with the charge point', async () => {
    const { externalAuthority, asked } = outside({ a: { status: 'Accepted', parentIdTag: 'G' }, b: { status: 'Accepted', expiryDate: '2024-05-01T10:30:00Z' } })
    const options = { externalAuthority, defaults: by('cache', 'external') }
    const first = await house(options)
    const peer = await first.boot('CP1')
    await authorize(first, peer, 'A')
    await first.clock.advance(60_000)
    await authorize(first, peer, 'B')
    await first.clock.advance(10)
    const stand = await first.restart()
    expect(stand.house.authorisationCache.list('cp1')).toEqual([
      { idTag: 'B', status: 'Accepted', expiryDate: '2024-05-01T10:30:00Z', answeredAt: expect.any(String) as string, freshUntilAt: '2024-05-01T10:30:00.000Z' },
      { idTag: 'A', status: 'Accepted', parentIdTag: 'G', answeredAt: expect.any(String) as string, freshUntilAt: expect.stringMatching(/T11:00:/) as string },
    ])
    const back = await stand.boot('CP1')
    expect(await authorize(stand, back, 'a')).toEqual({ parentIdTag: 'G', status: 'Accepted' })
    expect(asked).toHaveLength(2)
    await stand.house.authorisationCache.clear('CP1')
    expect(stand.house.authorisationCache.list('CP1')).toEqual([])
    expect(() => stand.house.authorisationCache.list('CP9')).toThrow(expect.objectContaining({ code: 'unknown-charge-point' }))
    await authorize(stand, back, 'a')
    expect(asked).toHaveLength(3)
    await stand.house.deleteChargePoint('CP1', caller)
    expect(stand.directory.estate.sites.get('main')?.scope.entries('authorised:')).toEqual([])
  })
})

test('an orderly stop leaves nothing due', async () => {
  const stand = await house({ defaults: by('local') })
  const peer = await stand.boot('CP1')
  await start(stand, peer, 'X1')
  for (let at = 0; at < 12; at++) await authorize(stand, peer, `T${at}`)
  await stand.directory.stop()
  await stand.clock.advance(4_000_000)
  expect(alertsOf(stand, 'unknown-id-tag')).toMatchObject([{ open: true }])
})

test('a tag with limits of its own stops at the lower of them and the settings, also after a kill', async () => {
  const idTags = [tagOf('Short', { limits: { durationS: 600 } }), tagOf('Long', { limits: { durationS: 7_200 } })]
  const options = { idTags, defaults: { ...by('local'), transactionLimits: { durationS: 3_600 } } }
  const first = await house(options)
  const peer = await first.boot('CP1')
  const [short, long] = [await start(first, peer, 'SHORT', 1), await start(first, peer, 'long', 2)]
  await first.clock.advance(300_000)
  const stand = await first.restart()
  const back = await stand.boot('CP1')
  const stops = () => back.calls.filter(({ action }) => action === 'RemoteStopTransaction').map(({ payload }) => (payload as { transactionId?: number }).transactionId)
  await stand.clock.advance(250_000)
  expect(stops()).toEqual([])
  await stand.clock.advance(55_000)
  expect(stops()).toEqual([short.transactionId])
  await stop(stand, back, short.transactionId)
  await stand.clock.advance(2_900_000)
  expect(stops()).toEqual([short.transactionId])
  await stand.clock.advance(110_000)
  expect(stops()).toEqual([short.transactionId, long.transactionId])
})
