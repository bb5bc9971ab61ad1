// What a site and a charge point may be described with: identities as the socket takes them, and what this version lacks.
import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { chargePointSchema, clientIDSchema, siteSchema } from '../../src/power/site.ts'
import { readApproach } from '../../src/protocol/attempt.ts'

describe('an identity', () => {
  const approach = (segment: string) => readApproach({ url: `/ocpp/${segment}`, headers: {}, socket: {} } as IncomingMessage)

  test.each([
    'CP1', 'RDAM 123', 'a/b', 'a:b|c', '€', 'ü', '%', '...', 'x'.repeat(48),
    'x'.repeat(49), ' CP1', 'CP1 ', '\u00a0CP1', 'a\nb', 'a\u0000b', 'a\u202eb', 'a\u2028b', '\u200bCP1',
  ])('%j is one here when it is one on the socket', (id) => {
    const { type, attempt } = approach(encodeURIComponent(id))
    expect(clientIDSchema.safeParse(id).success).toBe(type === 'attempt')
    if (type === 'attempt') expect(attempt.clientID).toBe(id)
  })

  test.each(['', '.', '..', '\ud800'])('%j is none', (id) => expect(clientIDSchema.safeParse(id).success).toBe(false))
  test('of a charge point is nothing else', () => expect(chargePointSchema.shape.id).toBe(clientIDSchema))
})

describe('what the contract has and this version has not', () => {
  const said = (result: ReturnType<typeof siteSchema.safeParse> | ReturnType<typeof chargePointSchema.safeParse>) => result.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  const site = (more: object) => said(siteSchema.safeParse({ id: 'main', fuseA: 63, ...more }))
  const point = (more: object) => said(chargePointSchema.safeParse({ id: 'CP1', ...more }))

  test('a policy nobody knows', () => expect(site({ policy: 'mine' })?.[0]).toContain('expected one of'))
  test('security profiles', () => {
    for (const securityProfile of [0, 1, 2, 3]) expect(chargePointSchema.parse({ id: 'CP1', securityProfile })).toMatchObject({ securityProfile })
    expect(chargePointSchema.parse({ id: 'CP1' })).not.toHaveProperty('securityProfile')
    for (const securityProfile of [4, -1, 'basic']) expect(point({ securityProfile })).toEqual(['securityProfile: expected 0, 1, 2 or 3'])
  })
})

describe('the electrical description', () => {
  const connector = (more: object) => chargePointSchema.safeParse({ id: 'CP1', connectors: [{ id: 1, ...more }] }).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)

  test.each(['equal', 'weighted', 'fifo', 'earliestDeadline', 'leastLaxity'])('takes the policy %s', (policy) => expect(siteSchema.parse({ id: 'main', fuseA: 63, policy })).toMatchObject({ policy }))
  test('takes imbalance limits and a demand window', () => {
    const site = { id: 'main', fuseA: 63, imbalanceLimitA: 20, demandWindow: { targetW: 50_000 }, circuits: [{ id: 'a', imbalanceLimitA: 10 }] }
    expect(siteSchema.parse(site)).toMatchObject(site)
  })
  test('takes a DC connector, which is described in watts', () => {
    expect(connector({ current: 'DC', maxW: 50_000, efficiency: 0.95 })).toBeUndefined()
    expect(connector({ current: 'DC', maxW: 50_000, phases: ['L2', 'L3', 'L1'] })).toBeUndefined()
    expect(connector({ current: 'DC' })).toEqual(['connectors.0.maxW: a DC connector is described in watts; say what it gives at most'])
    expect(connector({ current: 'DC', maxW: 50_000, phases: ['L1'] })).toEqual(['connectors.0.phases: a DC connector is fed by all three phases; name three or leave it out'])
    expect(connector({ maxW: 11_000 })).toEqual(['connectors.0.maxW: of DC connectors only; use maxA, or add current: DC'])
    expect(connector({ efficiency: 0.9 })).toEqual(['connectors.0.efficiency: of DC connectors only; leave it out, or add current: DC'])
    expect(connector({ current: 'DC', maxW: 50_000, efficiency: 1.2 })).toHaveLength(1)
    expect(connector({ current: 'three' })).toHaveLength(1)
  })
})
