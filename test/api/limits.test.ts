// Curtailments and schedules over HTTP, as their clients use them: versions, dry runs, and one list of schedules with the site.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from './server.ts'

const in_ = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()
const at = '/api/v1/sites/main'

describe('limits over time', () => {
  let server: TestServer
  beforeAll(async () => { server = await startServer() })
  afterAll(() => server.close())

  it('a curtailment is made, changed with its version, looked at as part of the stack, and lifted', async () => {
    const expiresAt = in_(3600)
    const tried = await server.send('POST', `${at}/curtailments?dryRun=true`, { currentA: 20, expiresAt })
    expect(tried.json()).toMatchObject({ dryRun: true, effective: { before: { currentA: 63 }, after: { currentA: 20 } } })
    expect((await server.ask('GET', `${at}/curtailments`)).json()).toEqual({ data: [], nextCursor: null })

    const made = await server.send('POST', `${at}/curtailments`, { currentA: 20, expiresAt, reason: 'works', source: 'grid operator' })
    const { id } = made.json() as { id: string }
    expect(made).toMatchObject({ status: 201, headers: { etag: '"1"', location: `${at}/curtailments/${id}` } })
    const one = `${at}/curtailments/${id}`
    expect((await server.ask('GET', one)).json()).toMatchObject({ id, kind: 'curtailment', currentA: 20, expiresAt, state: 'active', reason: 'works', source: 'grid operator', endedAt: null })
    expect((await server.ask('GET', `${at}/limits`)).json()).toMatchObject({
      effective: { currentA: 20, powerW: 13_800, binding: `curtailment:${id}` },
      limits: [{ id: 'fuse', state: 'ok' }, { id: `curtailment:${id}`, kind: 'curtailment', currentA: 20, powerW: 13_800, until: expiresAt, state: 'binding', reason: 'works', source: 'grid operator' }],
      outlook: [{ currentA: 20 }, { at: expiresAt, currentA: 63, binding: 'fuse' }],
    })
    expect((await server.ask('GET', `${at}/limits?at=${in_(7200)}`)).json()).toMatchObject({ effective: { binding: 'fuse' }, limits: [{ id: 'fuse', state: 'binding' }] })

    expect((await server.send('PATCH', one, { currentA: 16 }, { 'If-Match': '"1"' })).headers['etag']).toBe('"2"')
    const stale = await server.send('PATCH', one, { currentA: 30 }, { 'If-Match': '"1"' })
    expect(stale.json()).toMatchObject({ status: 412, code: 'stale', detail: expect.stringContaining('local') })
    expect((await server.send('PATCH', `${one}?dryRun=true`, { currentA: 10 })).json()).toMatchObject({ effective: { before: { currentA: 16 }, after: { currentA: 10 } } })
    expect((await server.ask('DELETE', `${one}?dryRun=true`)).json()).toMatchObject({ dryRun: true, effective: { after: { binding: 'fuse' } } })
    expect((await server.ask('DELETE', one, { headers: { 'If-Match': '"1"' } })).status).toBe(412)
    expect((await server.ask('DELETE', one, { headers: { 'If-Match': '"2"' } })).status).toBe(204)
    expect((await server.ask('GET', one)).json()).toMatchObject({ state: 'cancelled', currentA: 16, endedAt: expect.stringContaining('T') })
    expect((await server.ask('DELETE', one)).json()).toMatchObject({ status: 409, code: 'curtailment-ended' })
    expect((await server.send('PATCH', one, { currentA: 1 })).json()).toMatchObject({ status: 409, code: 'curtailment-ended' })
  })

  it('the same key makes one curtailment', async () => {
    const body = { percent: 50, expiresAt: in_(600) }
    const headers = { 'Idempotency-Key': 'once' }
    const [first, second] = [await server.send('POST', `${at}/curtailments`, body, headers), await server.send('POST', `${at}/curtailments`, body, headers)]
    expect(second.json()).toEqual(first.json())
    expect(first.json()).toMatchObject({ percent: 50, limit: { currentA: 31.5, powerW: 21_735 } })
    await server.ask('DELETE', String(first.headers['location']))
  })

  it('schedules are created, replaced and removed, and only count while they hold', async () => {
    const list = `${at}/limit-schedules`
    const startsAt = in_(-60)
    const tried = await server.send('POST', `${list}?dryRun=true`, { startsAt, durationS: 600, limitW: 13_800 })
    expect(tried.json()).toMatchObject({ dryRun: true, effective: { before: { binding: 'fuse' }, after: { currentA: 20, binding: expect.stringMatching(/^schedule:sch_/) } } })
    const made = await server.send('POST', list, { name: 'evening', startsAt, durationS: 600, limitW: 13_800 })
    const { id } = made.json() as { id: string }
    expect(made).toMatchObject({ status: 201, headers: { location: `${list}/${id}` } })
    const always = { weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', to: '24:00', currentA: 25 }] }
    expect((await server.send('PUT', `${list}/night`, always)).status).toBe(201)
    const { limits, effective } = (await server.ask('GET', `${at}/limits`)).json() as { limits: { id: string }[]; effective: object }
    expect(effective).toMatchObject({ currentA: 20, binding: `schedule:${id}` })
    expect(limits.filter((one) => one.id.startsWith('schedule:'))).toMatchObject([{ id: 'schedule:night', state: 'limiting', until: null }, { id: `schedule:${id}`, state: 'binding', reason: 'evening' }].toSorted((a, b) => (a.id < b.id ? -1 : 1)))
    const { etag } = (await server.ask('GET', `${list}/${id}`)).headers
    expect((await server.ask('DELETE', `${list}/${id}`, { headers: { 'If-Match': String(etag) } })).status).toBe(204)
    expect((await server.ask('GET', `${at}/limits`)).json()).toMatchObject({ effective: { currentA: 25, binding: 'schedule:night' } })
    expect((await server.ask('DELETE', `${list}/night`)).status).toBe(204)
    expect((await server.ask('GET', list)).json()).toEqual({ data: [], nextCursor: null })
  })

  it('a dry run of a schedule looks at the instant at which it next holds', async () => {
    const list = `${at}/limit-schedules`
    const startsAt = in_(3 * 86_400)
    const later = { startsAt, durationS: 600, currentA: 20 }
    const seen = { dryRun: true, at: startsAt, effective: { before: { binding: 'fuse' }, after: { currentA: 20, binding: 'schedule:later' } } }
    expect((await server.send('POST', `${list}?dryRun=true`, { ...later, id: 'later' })).json()).toMatchObject(seen)
    expect((await server.send('PUT', `${list}/later?dryRun=true`, later)).json()).toMatchObject(seen)
    await server.send('PUT', `${list}/later`, later)
    expect((await server.send('PUT', `${list}/later?dryRun=true`, { ...later, currentA: 10 })).json()).toMatchObject({ at: startsAt, effective: { before: { currentA: 20 }, after: { currentA: 10 } } })
    expect((await server.ask('DELETE', `${list}/later?dryRun=true`)).json()).toMatchObject({ at: startsAt, effective: { before: { currentA: 20, binding: 'schedule:later' }, after: { binding: 'fuse' } } })
    expect((await server.send('POST', `${at}/curtailments?dryRun=true`, { currentA: 30, startsAt, expiresAt: in_(4 * 86_400) })).json()).toMatchObject({ at: startsAt, effective: { before: { currentA: 20 }, after: { currentA: 20, binding: 'schedule:later' } } })
    expect((await server.ask('DELETE', `${list}/later`)).status).toBe(204)
  })

  it('schedules made at once are all kept', async () => {
    const list = `${at}/limit-schedules`
    await Promise.all([1, 2, 3, 4].map((index) => server.send('PUT', `${list}/s${index}`, { startsAt: in_(3600), durationS: 60, limitW: index })))
    expect(((await server.ask('GET', list)).json()['data'] as { id: string }[]).map(({ id }) => id)).toEqual(['s1', 's2', 's3', 's4'])
  })
})
