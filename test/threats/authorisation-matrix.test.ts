// Threat 35: every route × every scope × own site, foreign site, every site × no key, a wrong one, an expired one; what must come is worked out from the table.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scopes, type Scope } from '../../src/api/auth.ts'
import { parameterOf } from '../../src/api/reach.ts'
import type { Route } from '../../src/api/route.ts'
import { routes } from '../../src/api/routes.ts'
import { addressOf, openTwoSites, type Side, type TwoSites } from '../api/two-sites.ts'

interface Asker { readonly name: string; readonly key: string | null; readonly scope: Scope | null; readonly everySite: boolean }

let two: TwoSites
let strangers: readonly Asker[]
let holders: readonly Asker[]
let spare = ''
beforeAll(async () => {
  two = await openTwoSites()
  const expired = await two.key({ scopes: ['admin'], expiresAt: new Date(two.stand.clock.wall() + 1_000).toISOString() })
  const gone = await two.key({ scopes: ['admin'] })
  await two.stand.house.apiKeys.remove(gone.split('_')[1] ?? '', false)
  await two.stand.clock.advance(2_000)
  strangers = [null, 'garbage', `${two.bootstrap}x`, expired, gone].map((key) => ({ name: String(key), key, scope: null, everySite: false }))
  holders = await Promise.all(scopes.flatMap((scope) => [null, ['north']].map(async (sites) => ({ name: `${scope} ${sites ?? 'every site'}`, key: await two.key({ scopes: [scope], sites }), scope, everySite: sites === null }))))
  spare = (await two.key({ scopes: ['read'] })).split('_')[1] ?? ''
})
afterAll(() => two.close())

type Verdict = 'admitted' | 'unauthorized' | 'missing-scope' | 'needs-every-site' | 'not-there'

/** What the table says of somebody who asks for what lies on his side, or on the other. */
function verdictOn(route: Route, { scope, everySite }: Asker, isForeign: boolean): Verdict {
  if (route.scope === 'public') return 'admitted'
  if (scope === null) return 'unauthorized'
  if (scope !== 'admin' && (scope !== route.scope || route.also !== undefined)) return 'missing-scope'
  if (everySite) return 'admitted'
  if (route.reach === 'every-site') return 'needs-every-site'
  return isForeign && parameterOf(route.reach) !== null ? 'not-there' : 'admitted'
}

const statusOf: Readonly<Record<Exclude<Verdict, 'admitted'>, number>> = { unauthorized: 401, 'missing-scope': 403, 'needs-every-site': 403, 'not-there': 404 }

/** With a body of the right kind that says nothing, and of a version that nothing has: whoever gets in changes as little as can be. */
function send(route: Route, side: Side, key: string | null) {
  const isStream = route.produces.includes('text/event-stream')
  const { body } = route
  return two.ask(isStream ? 'HEAD' : route.method, addressOf(route, side, spare), key, {
    ...(body !== null && { body: '{}', type: body.types[0] ?? '' }), headers: route.ifMatch === true ? { 'If-Match': '"999"' } : {},
  })
}

describe('threat 35: nobody gets past the table', () => {
  it.each(routes.map((route) => [route.method, route.path, route] as const))('threat 35: %s %s is for those whom the table admits', async (_, __, route) => {
    const sides = parameterOf(route.reach) === null ? [two.north] : [two.north, two.south]
    const questions = sides.flatMap((side) => [...strangers, ...holders].map((asker) => ({ side, asker, verdict: verdictOn(route, asker, side === two.south) })))
    const refusals = questions.flatMap(({ verdict, ...question }) => (verdict === 'admitted' ? [] : [{ ...question, verdict }]))
    const before = two.fingerprint()
    const replies = await Promise.all(refusals.map(({ side, asker }) => send(route, side, asker.key)))
    for (const [index, { side, asker, verdict }] of refusals.entries()) {
      const reply = replies[index]!
      expect({ asker: asker.name, at: side.site, status: reply.status }).toEqual({ asker: asker.name, at: side.site, status: statusOf[verdict] })
      if (reply.text !== '' && verdict !== 'not-there') expect(reply.json()['code']).toBe(verdict)
    }
    expect(two.fingerprint() === before).toBe(true)
    for (const side of sides) {
      const admitted = questions.filter((question) => question.side === side && question.verdict === 'admitted')
      expect(admitted.length).toBeGreaterThan(0)
      for (const [index, { asker }] of admitted.entries()) {
        const { status, text } = await send(route, side, asker.key)
        expect([401, 403], `${asker.name} at ${side.site}`).not.toContain(status)
        // It is there, on both sides: a refusal was one, and no mistaken address. Nobody has checked a charge point yet.
        if (index === 0) expect({ at: side.site, isThere: (status !== 404 || text.includes('"no-check"')) && status < 500 }).toEqual({ at: side.site, isThere: true })
      }
    }
  })
})
