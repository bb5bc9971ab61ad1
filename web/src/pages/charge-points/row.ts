// One line of the list of charge points: what it says, and how much it needs a person.
import type { AlertView, ChargePointView, ConnectorPowerView } from '../../../../src/actors/views.ts'
import { ago, statusWords } from '../../data/words.ts'

export type Kind = 'ok' | 'bad' | 'warning' | 'unknown' | 'waiting'

export interface Line {
  readonly id: string
  readonly circuit: string | null
  readonly mark: Kind
  readonly state: string
  readonly model: string
  readonly seen: string
  readonly connectors: readonly { readonly id: number; readonly mark: Kind | 'charging'; readonly words: string }[]
  readonly critical: number
  readonly warnings: number
  readonly security: string
}

/** The more a charge point needs somebody, the further up; then by id as people count. */
export function linesOf(points: readonly ChargePointView[], connectors: readonly ConnectorPowerView[], alerts: readonly AlertView[], search: string, nowMs: number): readonly Line[] {
  const wanted = search.trim().toLowerCase()
  const order = new Intl.Collator('en', { numeric: true })
  return points
    .map((point) => ({ point, own: connectors.filter(({ clientID }) => clientID === point.id), told: alerts.filter(({ clientID }) => clientID === point.id) }))
    .map(({ point, own, told }) => ({ rank: rankOf(point, own, told), line: lineOf(point, own, told, nowMs) }))
    .filter(({ line }) => wanted === '' || [line.id, line.model, line.state, line.circuit ?? '', ...line.connectors.map(({ words }) => words)].some((text) => text.toLowerCase().includes(wanted)))
    .sort((a, b) => a.rank - b.rank || order.compare(a.line.id, b.line.id))
    .map(({ line }) => line)
}

function lineOf(point: ChargePointView, own: readonly ConnectorPowerView[], told: readonly AlertView[], nowMs: number): Line {
  const { state, mark } = connectionOf(point)
  return {
    id: point.id, circuit: point.circuit ?? null, mark, state, model: modelOf(point.boot), seen: point.connection.state === 'online' ? 'now' : ago(point.lastSeenAt, nowMs),
    connectors: point.connectors.map(({ id }) => {
      const one = own.find(({ connectorId }) => connectorId === id)
      return { id, ...connectorOf(one) }
    }),
    critical: told.filter(({ severity }) => severity === 'critical').length,
    warnings: told.filter(({ severity }) => severity === 'warning').length,
    security: securityOf(point),
  }
}

export function connectionOf({ state, connection }: Pick<ChargePointView, 'state' | 'connection'>): { readonly mark: Kind; readonly state: string } {
  if (state === 'quarantined') return { mark: 'bad', state: 'quarantined' }
  if (connection.state === 'online') return { mark: 'ok', state: state === 'updating' ? 'online, updating' : 'online' }
  if (connection.state === 'booting') return { mark: 'waiting', state: 'connecting' }
  return connection.state === 'never' ? { mark: 'unknown', state: 'never connected' } : { mark: 'bad', state: 'offline' }
}

export function connectorOf(one: Pick<ConnectorPowerView, 'status' | 'online'> | undefined): { readonly mark: Kind | 'charging'; readonly words: string } {
  if (one === undefined || one.status === 'Unknown') return { mark: 'unknown', words: 'not known' }
  const words = `${statusWords[one.status] ?? one.status}${one.online ? '' : ' when last heard'}`
  if (one.status === 'Faulted') return { mark: 'bad', words }
  if (!one.online) return { mark: 'unknown', words }
  if (one.status === 'Charging') return { mark: 'charging', words }
  return one.status === 'Available' ? { mark: 'ok', words } : { mark: one.status === 'Unavailable' ? 'warning' : 'waiting', words }
}

export function modelOf(boot: ChargePointView['boot']): string {
  return [boot?.['chargePointVendor'], boot?.['chargePointModel']].filter((text) => typeof text === 'string' && text !== '').join(' ')
}

export function securityOf({ securityProfile, hasPassword }: Pick<ChargePointView, 'securityProfile' | 'hasPassword'>): string {
  if (securityProfile === 3) return '3: certificate'
  if (securityProfile === 2) return '2: TLS and password'
  if (securityProfile === 1 || hasPassword) return '1: password'
  return securityProfile === 0 ? '0: none' : 'not set'
}

function rankOf({ state, connection }: ChargePointView, own: readonly ConnectorPowerView[], told: readonly AlertView[]): number {
  if (state === 'quarantined' || told.some(({ severity }) => severity === 'critical')) return 0
  if (own.some(({ status }) => status === 'Faulted')) return 1
  if (connection.state === 'offline') return own.some(({ transactionId }) => transactionId !== null) ? 2 : 3
  if (told.some(({ severity }) => severity === 'warning')) return 4
  if (connection.state === 'booting') return 5
  return connection.state === 'never' ? 7 : 6
}
