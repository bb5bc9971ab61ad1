// Hints: every refusal says in one whole sentence what to do, and it is about what was wrong.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Refusal } from '../../src/actors/house.ts'
import { internalProblem, Problem, problemBody, toProblem } from '../../src/api/problem.ts'
import { routes } from '../../src/api/routes.ts'
import { startServer, type TestServer } from './server.ts'
import { wholeSentence } from './whole-sentence.ts'

let server: TestServer
beforeAll(async () => { server = await startServer() })
afterAll(() => server.close())

const asked = routes.filter(({ scope }) => scope !== 'public')
const ids: Readonly<Record<string, string>> = { siteID: 'main', clientID: 'CP1', connectorID: '1', operation: 'reset', batchID: 'bat_1', commandID: 'cmd_1', quirkID: 'a', type: 'site', actorID: 'site:main' }
const at = (path: string): string => path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? '1')
const hintOf = async (method: string, path: string, body?: string, type = 'application/json') => {
  const reply = await server.ask(method, path, { headers: { 'Content-Type': type }, ...(body !== undefined && { body }) })
  expect({ path, status: reply.status < 500 && reply.status >= 400, text: reply.text }).toMatchObject({ status: true })
  return reply.json()['hint']
}

describe.each(asked)('$method $path', ({ method, path, body }) => {
  const good = body?.types[0]?.startsWith('text/') === true ? 'x' : '{}'
  it('says of a query parameter nobody knows that it is to be left out', async () => {
    const hint = await hintOf(method, `${at(path)}?nobodyKnows=1`, body === null ? undefined : good, body?.types[0])
    expect(hint).toMatch(wholeSentence)
    expect(hint).toContain('nobodyKnows')
  })
  if (body?.types.includes('application/json') !== true) return
  it.each(['{"nobodyKnows":1}', '[]', 'null', '7', 'not json', ''])('says what to do about the body %s', async (text) => {
    const reply = await server.ask(method, at(path), { headers: { 'Content-Type': 'application/json' }, body: text })
    if (reply.status < 400) return expect(body.optional === true || text === '7').toBe(true)
    expect(reply.json()['hint'], reply.text).toMatch(wholeSentence)
  })
  it('says what to do about another content type, and about too much', async () => {
    expect(await hintOf(method, at(path), 'x', 'image/png')).toMatch(wholeSentence)
    const reply = await server.ask(method, at(path), { headers: { 'Content-Type': 'application/json' }, body: ' '.repeat((body.longestBytes ?? 256 * 1024) + 1) })
    expect(reply.json()).toMatchObject({ status: 413, hint: expect.stringMatching(wholeSentence) as string })
  })
})

describe('the hint is about what was wrong', () => {
  const later = new Date(Date.now() + 60_000).toISOString()
  it.each<[string, string, unknown, string]>([
    ['PUT', '/sites/main/grid-limit', { currentA: 40, ttlS: 1e12 }, 'Write /ttlS as a whole number from 1 to '],
    ['PUT', '/sites/main/grid-limit', { currentA: 40, limitW: 5 }, 'Leave /limitW out; known here: currentA, powerW'],
    ['PUT', '/sites/main/grid-limit', { currentA: 40, powerW: 5 }, 'Say exactly one of currentA'],
    ['PUT', '/sites/main/grid-limit', { currntA: 40 }, 'Leave /currntA out, or did you mean currentA?'],
    ['POST', '/sites/main/curtailments', { currentA: 9, expiresAt: 'soon' }, 'Write /expiresAt as a time as text, such as 2026-11-22T18:30:00Z.'],
    ['POST', '/sites/main/curtailments', { currentA: 9 }, 'Add /expiresAt: a time as text'],
    ['POST', '/sites/main/curtailments', { currentA: 9, expiresAt: '2020-01-01T00:00:00Z' }, 'Give an end that lies in the future'],
    ['POST', '/sites/main/curtailments', { currentA: 9, startsAt: '2100-01-01T00:00:00Z', expiresAt: later }, 'Give an expiresAt that comes after startsAt.'],
    ['POST', '/sites/main/curtailments', { currentA: 9, expiresAt: '2100-01-01T00:00:00Z' }, 'Give an expiresAt at most 7 days ahead'],
    ['POST', '/sites/main/curtailments', { kind: 'dimming', percent: 0, expiresAt: later }, 'Give at least the watts that the detail says are guaranteed'],
    ['PATCH', '/sites/main/curtailments/cur_1', {}, 'Correct the body: send at least one of currentA'],
    ['PATCH', '/sites/main/curtailments/cur_1', { kind: 'dimming' }, 'Leave /kind out; known here: currentA'],
    ['PUT', '/sites/main', { fuseA: 'x' }, 'Correct /fuseA: a number, or {L1, L2, L3}.'],
    ['PUT', '/sites/main', {}, 'Add /fuseA: '],
    ['PUT', '/sites/main', { fuseA: 3, policy: 'mine' }, 'Write /policy as one of: equal, weighted, fifo, earliestDeadline, leastLaxity.'],
    ['PATCH', '/chargepoints/CP1/connectors/1', { weight: 'x' }, 'Write /weight as a number from 0.01 to '],
    ['GET', '/alerts?severity=foo', undefined, 'Write the query parameter severity as one of: critical, warning, info.'],
    ['GET', '/alerts?limit=501', undefined, 'Correct the query parameter limit: a whole number from 1 to 500.'],
    ['GET', '/chargepoints/%20', undefined, 'Correct clientID in the address: leave the space out.'],
  ])('%s %s %j', async (method, path, body, hint) => {
    expect(await hintOf(method, `/api/v1${path}`, body === undefined ? undefined : JSON.stringify(body))).toContain(hint)
  })

  it.each(['circuit-cycle', 'unknown-circuit', 'duplicate-circuit', 'at-too-far', 'reading-stale', 'unknown-connector', 'reading-in-the-future', 'nobody-knows-this-code'])('of a refusal %s that brings none', (code) => {
    const problem = toProblem(new Refusal('invalid', code, 'No.', { errors: [{ pointer: '/circuits/0/parent', message: 'x' }] }))
    expect(problemBody(problem ?? internalProblem(), 'r')['hint']).toMatch(wholeSentence)
  })

  it('of one whose words are only those of the field', () => {
    expect(problemBody(new Problem(422, 'some-code', 'No.', { hint: 'at least 5', errors: [{ pointer: '/powerW', message: 'at least 5' }] }), 'r')['hint']).toBe('Correct /powerW: at least 5.')
  })

  it('of every status', () => {
    for (const status of [400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 429, 500, 503]) expect(problemBody(new Problem(status, 'x', 'No.'), 'r')['hint']).toMatch(wholeSentence)
  })
})
