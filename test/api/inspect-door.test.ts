// The stream of inspection over real sockets: read by Stately's own receiver, by those who come late, narrowed, refused, cut, and gone without a trace.
import { connect } from 'node:net'
import { createWebSocketReceiver } from '@statelyai/inspect'
import { afterEach, describe, expect, it } from 'vitest'
import { createMachine } from 'xstate'
import { chargePointSchema } from '../../src/power/site.ts'
import { openInspect, Refused, type InspectStand, type Told, type Viewer } from './inspect-stand.ts'

let stand: InspectStand
afterEach(() => stand.close())

const bearer = (key: string) => ({ Authorization: `Bearer ${key}` })
const ids = (told: readonly Told[], type: string) => told.filter((event) => event.type === type).map(({ sessionId }) => sessionId)
const stateOf = (told: readonly Told[], id: string): unknown => (told.filter(({ type, sessionId }) => sessionId === id && type !== '@xstate.event').at(-1)?.['snapshot'] as { value?: unknown } | undefined)?.value
const status = (status: string) => ({ connectorId: 1, status, errorCode: 'NoError' })

describe("Stately's own receiver", () => {
  it('reads actors with machines that XState takes, events from whom to whom, and snapshots', async () => {
    stand = await openInspect()
    const peer = await stand.boot('CP1')
    const told: Told[] = []
    createWebSocketReceiver({ server: stand.url }).subscribe((event) => told.push({ ...event }))
    await stand.pass(() => ids(told, '@xstate.actor').includes('connector:CP1:1'))
    await stand.start(peer, 'TAG-SECRET')
    await stand.call(peer, 'StatusNotification', status('Charging'))
    await stand.pass(() => told.some(({ sessionId, snapshot }) => sessionId.startsWith('transaction:') && (snapshot as { value?: string } | undefined)?.value === 'charging'))

    for (const event of told) expect(event).toMatchObject({ _version: expect.any(String), sessionId: expect.any(String), rootId: expect.stringMatching(/^site:/), createdAt: expect.stringMatching(/^\d+$/), type: expect.stringMatching(/^@xstate\.(actor|event|snapshot)$/) })
    const actors = told.filter(({ type }) => type === '@xstate.actor')
    const transaction = actors.find(({ sessionId }) => sessionId.startsWith('transaction:'))
    expect(actors.map(({ sessionId, parentId }) => [sessionId, parentId])).toEqual(expect.arrayContaining([['site:main', undefined], ['charge-point:CP1', 'site:main'], ['connector:CP1:1', 'charge-point:CP1'], [transaction?.sessionId, 'charge-point:CP1']]))
    for (const { sessionId, definition } of actors) expect(createMachine(JSON.parse(String(definition))).id).toBe(sessionId.split(':')[0])
    expect(told.find(({ type, sessionId, event }) => type === '@xstate.event' && sessionId === 'connector:CP1:1' && (event as { type: string }).type === 'STATUS_REPORTED')).toMatchObject({ sourceId: 'charge-point:CP1', event: { status: 'Charging' } })
    expect(JSON.stringify(told)).not.toContain('TAG-SECRET')
    expect(JSON.stringify(told)).toContain(stand.house.maskTag('TAG-SECRET'))
  })
})

describe('who watches', () => {
  it('is told what lives, however late, then what happens, in order, and the end of what ends', async () => {
    stand = await openInspect()
    const first = await stand.view()
    const peer = await stand.boot('CP1')
    const transactionId = await stand.start(peer)
    await first.until((told) => stateOf(told, `transaction:CP1:${transactionId}`) === 'starting')
    const late = await stand.view('?definitions=false')
    await late.until((told) => ids(told, '@xstate.actor').length === 5)
    expect(ids(late.told, '@xstate.actor').sort()).toEqual(['charge-point:CP1', 'connector:CP1:1', 'site:annex', 'site:main', `transaction:CP1:${transactionId}`])
    expect(stateOf(late.told, `transaction:CP1:${transactionId}`)).toBe('starting')
    expect(late.of('@xstate.actor').map(({ id, definition }) => [id, definition])).toEqual(Array.from({ length: 5 }, () => [null, undefined]))
    await stand.call(peer, 'StatusNotification', status('Charging'))
    await stand.call(peer, 'StopTransaction', { transactionId, meterStop: 1, timestamp: new Date(stand.clock.wall()).toISOString() })
    const isOver = (told: readonly Told[]) => told.some(({ sessionId, snapshot }) => sessionId === `transaction:CP1:${transactionId}` && (snapshot as { status?: string } | undefined)?.status === 'stopped')
    for (const viewer of [first, late]) {
      await viewer.until(isOver)
      const numbers = viewer.told.flatMap(({ id }) => (id === null ? [] : [Number(id)]))
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    }
    const states = late.told.filter(({ type, sessionId }) => type === '@xstate.snapshot' && sessionId === `transaction:CP1:${transactionId}`).map(({ snapshot }) => snapshot)
    expect(states).toMatchObject([{ status: 'active', value: 'charging' }, { status: 'active', value: 'stopped' }, { status: 'stopped' }])
    // Both were told the same of what happened since.
    const since = (told: readonly Told[]) => told.filter(({ id }) => id !== null && Number(id) >= Number(late.told.find((event) => event.id !== null)?.id)).map(({ id, type, sessionId }) => `${id} ${type} ${sessionId}`)
    expect(since(first.told)).toEqual(since(late.told))
  })

  it('sees a charge point wake, begin anew when it is configured anew, and go', async () => {
    stand = await openInspect()
    const viewer = await stand.view()
    await viewer.until((told) => ids(told, '@xstate.actor').includes('site:annex'))
    await stand.boot('CP2')
    await viewer.until((told) => stateOf(told, 'charge-point:CP2') === 'online')
    const caller = { name: 'tester', requestId: 'r' }
    await stand.house.putChargePoint(chargePointSchema.parse({ id: 'CP2', site: 'annex', connectors: [{ id: 1 }, { id: 2 }] }), undefined, caller)
    await stand.boot('CP2')
    await viewer.until((told) => ids(told, '@xstate.actor').includes('connector:CP2:2'))
    await stand.house.deleteChargePoint('CP2', caller)
    const statusOf = (id: string) => (viewer.told.filter(({ type, sessionId }) => type === '@xstate.snapshot' && sessionId === id).at(-1)?.['snapshot'] as { status: string } | undefined)?.status
    await stand.pass(() => statusOf('charge-point:CP2') === 'stopped')
    expect(['connector:CP2:1', 'connector:CP2:2', 'site:annex'].map(statusOf)).toEqual(['stopped', 'stopped', 'active'])
  })

  it('is told what he asked for: site, charge point, types, one actor', async () => {
    stand = await openInspect()
    const [ofSite, ofPoint, ofTypes, ofOne] = [await stand.view('?siteID=annex'), await stand.view('?clientID=cp1'), await stand.view('?types=connector,site'), await stand.view('?actorID=connector:CP2:1')]
    const peers = [await stand.boot('CP1'), await stand.boot('CP2')]
    for (const peer of peers) await stand.call(peer, 'StatusNotification', status('Preparing'))
    const names = (told: readonly Told[]) => [...new Set(told.map(({ sessionId }) => sessionId))].sort()
    await ofSite.until((told) => names(told).length === 3)
    await ofPoint.until((told) => names(told).length === 2)
    await ofTypes.until((told) => names(told).length === 4)
    await ofOne.until((told) => names(told).length === 1)
    await stand.clock.advance(1_000)
    expect([ofSite, ofPoint, ofTypes, ofOne].map(({ told }) => names(told))).toEqual([
      ['charge-point:CP2', 'connector:CP2:1', 'site:annex'], ['charge-point:CP1', 'connector:CP1:1'], ['connector:CP1:1', 'connector:CP2:1', 'site:annex', 'site:main'], ['connector:CP2:1'],
    ])
  })

  it('has frames and decisions on the same axis when he asks for them, without id tags and secrets', async () => {
    stand = await openInspect()
    const [plain, whole] = [await stand.view(), await stand.view('?include=frames,decisions')]
    await whole.until((told) => told.length > 0)
    const peer = await stand.boot('CP1')
    stand.desk.frame?.(peer, 'in', '[2,"m1","Authorize",{"idTag":"TAG-SECRET"}]')
    stand.desk.frame?.(peer, 'out', '[3,"m1",{"idTagInfo":{"status":"Accepted","parentIdTag":"PARENT-SECRET"}}]')
    stand.desk.frame?.(peer, 'out', '[2,"m2","ChangeConfiguration",{"key":"AuthorizationKey","value":"PASS-WORD-1"}]')
    stand.desk.frame?.(peer, 'in', '[4,"m2","InternalError","PASS-WORD-1 is no key",{}]')
    stand.desk.frame?.(peer, 'in', `[2,"m3","DataTransfer",{"vendorId":"v","data":"${'x'.repeat(10_000)}"}]`)
    stand.desk.frame?.(peer, 'in', 'nonsense')
    await stand.house.setGridLimit('main', { currentA: 5 }, { name: 'tester', requestId: 'r' })
    await whole.until((told) => told.some(({ type }) => type === '@kwota.decision') && told.filter(({ type }) => type === '@kwota.frame').length === 6 && told.some(({ by }) => by === 'tester'))
    const frames = whole.of('@kwota.frame')
    expect(frames.map(({ direction, frame, action, messageId }) => [direction, frame, action, messageId])).toEqual([
      ['in', 'call', 'Authorize', 'm1'], ['out', 'result', 'Authorize', 'm1'], ['out', 'call', 'ChangeConfiguration', 'm2'], ['in', 'error', 'ChangeConfiguration', 'm2'], ['in', 'call', 'DataTransfer', 'm3'], ['in', 'unreadable', null, null],
    ])
    expect(frames[0]).toMatchObject({ sessionId: 'charge-point:CP1', clientID: 'CP1', payload: `[2,"m1","Authorize",{"idTag":"${stand.house.maskTag('TAG-SECRET')}"}]`, bytes: 43 })
    expect([frames[4]?.['truncated'], String(frames[4]?.['payload']).length]).toEqual([true, 4_097])
    expect(whole.of('@kwota.decision')).toContainEqual(expect.objectContaining({ sessionId: 'site:main', decisionId: expect.stringMatching(/^dec_/), cause: 'site-limit-set', by: 'tester' }))
    for (const secret of ['TAG-SECRET', 'PARENT-SECRET', 'PASS-WORD-1']) expect(JSON.stringify(whole.told)).not.toContain(secret)
    expect(plain.told.filter(({ type }) => type.startsWith('@kwota'))).toEqual([])
  })

  it('leaves nothing behind when he goes: no observer, no ear for frames, no timer', async () => {
    stand = await openInspect()
    const peer = await stand.boot('CP1')
    const { inspection } = stand.directory.estate
    expect([inspection.hears, inspection.roots.watcher]).toEqual([false, null])
    const [one, other] = [await stand.view('?include=frames'), await stand.view()]
    await one.until((told) => ids(told, '@xstate.actor').length === 4)
    expect([inspection.hears, inspection.recorder.watching, inspection.recorder.attachments]).toEqual([true, 2, 3])
    await one.close()
    await stand.pass(() => inspection.recorder.watching === 1)
    expect([inspection.hears, inspection.recorder.attachments]).toEqual([false, 3])
    await other.close()
    await stand.pass(() => inspection.recorder.watching === 0)
    expect([inspection.recorder.attachments, inspection.roots.watcher]).toEqual([0, null])
    const size = inspection.recorder.ring.size
    expect(size).toBeGreaterThan(0)
    await stand.call(peer, 'StatusNotification', status('Charging'))
    await stand.clock.advance(1_000)
    expect(inspection.recorder.ring.size).toBe(size)
    // What was recorded is kept for ten minutes.
    await stand.clock.advance(600_000)
    expect(inspection.recorder.ring.size).toBe(0)
  })
})

describe('what is not let in', () => {
  const refusal = (view: Promise<unknown>) => view.then(() => null, (error: unknown) => (error instanceof Refused ? [error.status, error.code] : error))

  it('no key, a wrong one, one without the scope; a Bearer key, any key for everything', async () => {
    stand = await openInspect({ apiKey: 'the-bootstrap-key' })
    const keys = { read: await stand.key({ scopes: ['read', 'pii:read', 'config:write'] }), inspect: await stand.key({}), admin: await stand.key({ scopes: ['admin'] }), late: await stand.key({ expiresAt: new Date(stand.clock.wall() + 1_000).toISOString() }) }
    await stand.clock.advance(2_000)
    const asked = [undefined, 'Bearer wrong', `Bearer ${keys.read}`, `Bearer ${keys.late}`, `Basic ${keys.inspect}`, `Bearer ${keys.inspect}`, `Bearer ${keys.admin}`, 'Bearer the-bootstrap-key']
    const answers = []
    for (const Authorization of asked) answers.push(await refusal(stand.view('', Authorization === undefined ? {} : { Authorization })))
    expect(answers).toEqual([[401, 'unauthorized'], [401, 'unauthorized'], [403, 'missing-scope'], [401, 'unauthorized'], [401, 'unauthorized'], null, null, null])
    for (let count = 0; count < 9; count++) await refusal(stand.view('', bearer(`guess-${count}`)))
    expect(await refusal(stand.view('', bearer('one-more')))).toEqual([429, 'too-many-wrong-keys'])
  })

  it('a page of another origin, with a cookie and without; a cookie without an origin', async () => {
    stand = await openInspect({ apiKey: 'the-bootstrap-key' })
    const secret = await stand.key({ scopes: ['read', 'inspect'] })
    const reply = await fetch(`http://127.0.0.1:${stand.port}/api/v1/session`, { method: 'POST', headers: bearer(secret) })
    const Cookie = (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    expect(Cookie).toMatch(/^kwota_session=/)
    const Origin = `http://127.0.0.1:${stand.port}`
    expect(await refusal(stand.view('', { Cookie, Origin: 'http://evil.example' }))).toEqual([403, 'foreign-origin'])
    expect(await refusal(stand.view('', { ...bearer(secret), Origin: 'http://evil.example' }))).toEqual([403, 'foreign-origin'])
    expect(await refusal(stand.view('', { Cookie }))).toEqual([401, 'unauthorized'])
    const viewer = await stand.view('', { Cookie, Origin })
    await viewer.until((told) => told.length > 0)
    // Whoever ends the session ends what it opened.
    await fetch(`http://127.0.0.1:${stand.port}/api/v1/session`, { method: 'DELETE', headers: { Cookie, Origin } })
    await stand.pass(() => viewer.closed !== null)
    expect(viewer.closed).toEqual({ code: 1008, reason: 'the session has ended' })
  })

  it('on an open server a page of another origin, and a name that is none of ours', async () => {
    stand = await openInspect()
    expect(await refusal(stand.view('', { Origin: 'http://evil.example' }))).toEqual([403, 'foreign-origin'])
    expect(await refusal(stand.view('', { Host: 'evil.example' }))).toEqual([403, 'unknown-host'])
    expect(await refusal(stand.view('', { Origin: `http://127.0.0.1:${stand.port}` }))).toBe(null)
  })

  it('a question that is none, and one viewer too many', async () => {
    stand = await openInspect({ mostViewers: 2 })
    for (const query of ['?types=alarm', '?include=all', '?colour=red', '?definitions=no', '?actorID=1', '?clientID=']) expect(await refusal(stand.view(query))).toEqual([422, 'invalid'])
    const viewers = [await stand.view(), await stand.view()]
    expect(await refusal(stand.view())).toEqual([429, 'too-many-viewers'])
    await viewers[0]?.close()
    await stand.pass(() => stand.directory.estate.inspection.recorder.watching === 1)
    expect(await refusal(stand.view())).toBe(null)
  })

  it('anything of a site that the key does not cover, whatever is asked for; and what a key lost is lost at once', async () => {
    stand = await openInspect({ apiKey: 'the-bootstrap-key' })
    const secret = await stand.key({ scopes: ['inspect', 'read'], sites: ['main'] })
    const viewers: Viewer[] = []
    for (const query of ['?include=frames,decisions', '?siteID=annex&include=frames,decisions', '?clientID=CP2', '?actorID=charge-point:CP2']) viewers.push(await stand.view(query, bearer(secret)))
    const all = await stand.view('?include=frames,decisions', bearer('the-bootstrap-key'))
    const [mine, theirs] = [await stand.boot('CP1'), await stand.boot('CP2')]
    for (const peer of [theirs, mine]) stand.desk.frame?.(peer, 'in', '[2,"m1","Heartbeat",{}]')
    for (const site of ['annex', 'main']) await stand.house.setGridLimit(site, { currentA: 5 }, { name: 'tester', requestId: 'r' })
    await all.until((told) => told.filter(({ type }) => type === '@kwota.decision').some(({ sessionId }) => sessionId === 'site:annex') && ids(told, '@kwota.frame').includes('charge-point:CP2'))
    await viewers[0]!.until((told) => ids(told, '@kwota.frame').includes('charge-point:CP1') && ids(told, '@kwota.decision').includes('site:main'))
    expect(viewers.slice(1).map(({ told }) => told)).toEqual([[], [], []])
    expect(JSON.stringify(viewers[0]!.told)).not.toMatch(/annex|CP2/)
    await stand.house.apiKeys.change(secret.split('_')[1] ?? '', { scopes: ['read'] }, false, 'tester')
    await stand.pass(() => viewers.every(({ closed }) => closed !== null))
    expect(viewers[0]!.closed).toEqual({ code: 1008, reason: 'the key has no scope inspect any more' })
    expect(all.closed).toBe(null)
  })
})

describe('bounds', () => {
  it('a viewer that does not read is cut, and nobody else', async () => {
    stand = await openInspect()
    const peer = await stand.boot('CP1')
    const good = await stand.view('?include=frames')
    const slow = connect(stand.port, '127.0.0.1', () => slow.write('GET /api/v1/inspect?include=frames HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'))
    slow.on('error', () => undefined)
    const { recorder } = stand.directory.estate.inspection
    await stand.pass(() => recorder.watching === 2)
    const frame = `[2,"m","DataTransfer",{"vendorId":"v","data":"${'x'.repeat(4_000)}"}]`
    let sent = 0
    await stand.pass(() => {
      // Less than what is told at most, so that it is the reader who is slow.
      for (let count = 0; count < 3; count++, sent++) stand.desk.frame?.(peer, 'in', frame)
      return recorder.watching === 1 || sent > 50_000
    })
    expect([recorder.watching, good.closed]).toEqual([1, null])
    expect(stand.warned).toContain('slow viewer of the inspection cut')
    slow.destroy()
  })

  it('what comes faster than 5,000 a second is counted, and the ring holds the newest 20,000', async () => {
    stand = await openInspect()
    const peer = await stand.boot('CP1')
    const viewer = await stand.view('?include=frames&types=charge-point')
    await viewer.until((told) => told.length > 0)
    for (let count = 0; count < 1_500; count++) stand.desk.frame?.(peer, 'in', `[2,"m${count}","Heartbeat",{}]`)
    await stand.clock.advance(200)
    stand.desk.frame?.(peer, 'in', '[2,"last","Heartbeat",{}]')
    await viewer.until((told) => told.some(({ messageId }) => messageId === 'last'))
    expect(viewer.of('@kwota.frame').length).toBeLessThanOrEqual(1_001)
    expect(viewer.told.filter(({ dropped }) => typeof dropped === 'number').map(({ dropped }) => dropped)).toEqual([1_501 - viewer.of('@kwota.frame').length])
    const { ring } = stand.directory.estate.inspection.recorder
    for (let round = 0; round < 25; round++) {
      for (let count = 0; count < 1_000; count++) stand.desk.frame?.(peer, 'in', `[2,"r${round}-${count}","Heartbeat",{}]`)
      await stand.clock.advance(200)
    }
    expect(ring.size).toBe(20_000)
    const page = await fetch(`http://127.0.0.1:${stand.port}/api/v1/inspect/history?include=frames&order=descending&limit=1`)
    expect(await page.json()).toMatchObject({ data: [{ type: '@kwota.frame', messageId: 'r24-999' }], nextCursor: expect.stringMatching(/^e\d+$/) })
  })

  it('contexts are cut at 4 KiB, and say so; all of one is there to be fetched', async () => {
    stand = await openInspect()
    const peer = await stand.boot('CP1')
    const viewer = await stand.view('?clientID=CP1')
    for (let count = 0; count < 20; count++) await stand.call(peer, 'SecurityEventNotification', { type: `Event${count}`, timestamp: new Date(stand.clock.wall()).toISOString(), techInfo: 'x'.repeat(255) })
    await viewer.until((told) => told.some(({ truncated }) => truncated === true))
    const longest = Math.max(...viewer.told.map(({ snapshot }) => JSON.stringify((snapshot as { context?: unknown } | undefined)?.context ?? null).length))
    expect(longest).toBeLessThanOrEqual(4_096)
    const reply = await fetch(`http://127.0.0.1:${stand.port}/api/v1/actors/charge-point:CP1?full=true`)
    expect(await reply.json()).toMatchObject({ truncated: false, context: { securityEvents: { length: 20 } } })
  })
})

describe('the past', () => {
  it('is there in pages both ways, narrowed, and says how everything stood at an instant', async () => {
    stand = await openInspect()
    const viewer = await stand.view()
    await viewer.until((told) => told.length > 0)
    const peer = await stand.boot('CP1')
    await stand.clock.advance(1_000)
    const beforeMs = stand.clock.wall()
    const transactionId = await stand.start(peer)
    await stand.call(peer, 'StatusNotification', status('Charging'))
    await stand.clock.advance(1_000)
    const ask = async (path: string) => await (await fetch(`http://127.0.0.1:${stand.port}/api/v1/inspect/${path}`)).json() as { data: Told[]; nextCursor: string | null }
    const all: Told[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { data, nextCursor } = await ask(`history?limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`)
      all.push(...data)
      cursor = nextCursor
    }
    expect(all.length).toBeGreaterThan(20)
    const numbers = all.map(({ id }) => Number(id))
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    expect((await ask('history?order=descending&limit=500')).data).toEqual([...all].reverse())
    expect((await ask(`history?actorID=transaction:CP1:${transactionId}&limit=500`)).data.map(({ type }) => type)).toEqual(expect.arrayContaining(['@xstate.actor', '@xstate.event', '@xstate.snapshot']))
    expect((await ask(`history?to=${new Date(beforeMs).toISOString()}&limit=500`)).data.every(({ createdAt }) => Number(createdAt) < beforeMs)).toBe(true)
    const at = (ms: number, query = '') => ask(`states?at=${new Date(ms).toISOString()}${query}`).then(({ data }) => Object.fromEntries(data.map(({ id, state }) => [id, state])))
    expect(await at(beforeMs - 1)).toEqual({ 'site:main': 'holding', 'site:annex': 'holding', 'charge-point:CP1': 'online', 'connector:CP1:1': expect.anything() })
    expect(await at(stand.clock.wall(), '&types=transaction')).toEqual({ [`transaction:CP1:${transactionId}`]: 'charging' })
    expect(await at(stand.clock.wall(), '&siteID=annex')).toEqual({ 'site:annex': 'holding' })
    expect(await at(0)).toEqual({})
  })
})
