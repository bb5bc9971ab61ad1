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

  test.each(['imbalanceLimitA', 'demandWindow', 'limitSchedules'])('%s of a site', (name) => expect(site({ [name]: {} })).toEqual([`${name}: not available in this version; leave it out`]))
  test('of circuits and charge points', () => {
    expect(site({ circuits: [{ id: 'a', imbalanceLimitA: 5 }] })).toEqual(['circuits.0.imbalanceLimitA: not available in this version; leave it out'])
    expect(point({ settings: { transactionLimits: { costMinor: 5 } } })).toEqual(['settings.transactionLimits.costMinor: not available in this version; leave it out'])
    expect(point({ connectors: [{ id: 1, current: 'DC' }] })).toEqual(['connectors.0.current: only AC connectors are controlled: DC is not available in this version; leave it out'])
  })
  test.each(['fifo', 'earliestDeadline', 'leastLaxity'])('the policy %s', (policy) => expect(site({ policy })).toEqual([`policy: equal or weighted; ${policy} is not available in this version`]))
  test('a policy nobody knows', () => expect(site({ policy: 'mine' })?.[0]).toContain('expected one of'))
  test('security profiles', () => {
    for (const securityProfile of [0, 1, 2, 3]) expect(chargePointSchema.parse({ id: 'CP1', securityProfile })).toMatchObject({ securityProfile })
    expect(chargePointSchema.parse({ id: 'CP1' })).not.toHaveProperty('securityProfile')
    for (const securityProfile of [4, -1, 'basic']) expect(point({ securityProfile })).toEqual(['securityProfile: expected 0, 1, 2 or 3'])
  })
})
