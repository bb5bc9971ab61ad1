// The list of charge points: who needs somebody stands first, what is searched is found, and what a form says is what REST takes.
import { describe, expect, test } from 'vitest'
import type { AlertView, ChargePointView, ConnectorPowerView } from '../../src/actors/views.ts'
import { chargePointSchema } from '../../src/power/site.ts'
import { bodyOf, usualWiring } from '../../web/src/parts/wiring.ts'
import { connectorOf, linesOf, securityOf } from '../../web/src/pages/charge-points/row.ts'

const nowMs = Date.parse('2026-11-24T12:00:00Z')

function point(id: string, state: ChargePointView['connection']['state'], more: Partial<ChargePointView> = {}): ChargePointView {
  return {
    ...chargePointSchema.parse({ id }), hasPassword: false, connection: { state, since: null, remoteAddress: null, generation: 1 }, lastSeenAt: '2026-11-24T11:56:00Z',
    boot: { chargePointVendor: 'Acme', chargePointModel: 'One' }, quirks: {}, state: state === 'never' ? 'offline' : state, ...more,
  }
}
function connector(clientID: string, status: string, more: Partial<ConnectorPowerView> = {}): ConnectorPowerView {
  return {
    clientID, connectorId: 1, circuit: null, status, online: true, transactionId: null, doing: null, requestedA: 0, allocatedA: 0, confirmedA: null, reservedA: 0, measuredA: null, measuredAt: null, binding: 'hardware', ...more,
  }
}
function alert(clientID: string, severity: AlertView['severity']): AlertView {
  return { id: `a-${clientID}`, code: 'disobeying', severity, siteID: 'main', clientID, connectorId: 1, message: '', raisedAt: '2026-11-24T11:00:00Z', resolvedAt: null, ackedAt: null, ackedBy: null }
}

describe('the list', () => {
  const points = [point('CP-10', 'online'), point('CP-9', 'online'), point('CP-8', 'never'), point('CP-7', 'booting'), point('CP-6', 'online'), point('CP-5', 'offline'), point('CP-4', 'offline'), point('CP-3', 'online'), point('CP-2', 'online'), point('CP-1', 'online', { state: 'quarantined' })]
  const connectors = [connector('CP-3', 'Faulted'), connector('CP-4', 'Charging', { online: false, transactionId: 7 }), connector('CP-9', 'Charging')]
  const alerts = [alert('CP-2', 'critical'), alert('CP-6', 'warning'), alert('CP-9', 'info')]

  test('those that need somebody come first, then by name as people count', () => {
    expect(linesOf(points, connectors, alerts, '', nowMs).map(({ id }) => id)).toEqual(['CP-1', 'CP-2', 'CP-3', 'CP-4', 'CP-5', 'CP-6', 'CP-7', 'CP-9', 'CP-10', 'CP-8'])
  })
  test('a search finds names, models, states and what connectors do, without regard to case', () => {
    const found = (search: string) => linesOf(points, connectors, alerts, search, nowMs).map(({ id }) => id)
    expect(found(' cp-10 ')).toEqual(['CP-10'])
    expect(found('QUARANTINED')).toEqual(['CP-1'])
    expect(found('faulted')).toEqual(['CP-3'])
    expect(found('acme one')).toHaveLength(10)
    expect(found('nothing like it')).toEqual([])
  })
  test('it says when one that is away was last heard, and counts alerts by weight', () => {
    const lines = linesOf(points, connectors, alerts, '', nowMs)
    expect(lines.find(({ id }) => id === 'CP-5')).toMatchObject({ state: 'offline', mark: 'bad', seen: '4 min ago' })
    expect(lines.find(({ id }) => id === 'CP-9')).toMatchObject({ seen: 'now', critical: 0, warnings: 0 })
    expect(lines.find(({ id }) => id === 'CP-2')).toMatchObject({ critical: 1, warnings: 0 })
  })
  test('what an absent charge point said last is not told as if it were so now', () => {
    expect(connectorOf(connector('CP-4', 'Charging', { online: false }))).toEqual({ mark: 'unknown', words: 'charging when last heard' })
    expect(connectorOf(undefined)).toEqual({ mark: 'unknown', words: 'not known' })
  })
  test('a password without a profile on record is security profile 1', () => {
    expect(securityOf({ hasPassword: true })).toBe('1: password')
    expect(securityOf({ hasPassword: false })).toBe('not set')
    expect(securityOf({ hasPassword: false, securityProfile: 0 })).toBe('0: none')
  })
})

describe('the form of a charge point', () => {
  test('what it says is taken by the schema of a charge point', () => {
    for (const wiring of [usualWiring, { ...usualWiring, connectors: 3, phase: 'L2' as const, maxA: 16 }, { ...usualWiring, current: 'DC' as const, maxW: 150_000, circuit: 'row-a' }]) {
      const { generatePassword, ...config } = bodyOf(wiring)
      expect(generatePassword).toBe(true)
      expect(chargePointSchema.safeParse({ id: 'CP-01', ...config }).error?.issues).toBeUndefined()
    }
  })
  test('each choice of password says that and nothing else', () => {
    expect(bodyOf({ ...usualWiring, password: 'own', ownPassword: '0123456789abcdef' })).toMatchObject({ password: '0123456789abcdef' })
    expect(bodyOf({ ...usualWiring, password: 'none' })).toMatchObject({ securityProfile: 0 })
    expect(Object.keys(bodyOf({ ...usualWiring, password: 'keep' }))).toEqual(['connectors'])
  })
})
