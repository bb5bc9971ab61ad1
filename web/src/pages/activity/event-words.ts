// Events in words: what happened, in one line.
import { limitWords, sessionWords, stopWords } from '../../data/limit-words.ts'
import { amps, byWords, kilowattHours, kilowatts, statusWords } from '../../data/words.ts'

/** As the stream tells it. */
export interface LiveEvent {
  readonly id: string
  readonly type: string
  readonly at: string
  readonly siteID?: string
  readonly clientID?: string
  readonly connectorId?: number
  readonly data: Readonly<Record<string, unknown>>
}

type Data = LiveEvent['data']
const text = (data: Data, name: string): string => { const value = data[name]; return typeof value === 'string' || typeof value === 'number' ? String(value) : '' }
const number = (data: Data, name: string): number | null => { const value = data[name]; return typeof value === 'number' ? value : null }
const because = (data: Data): string => (text(data, 'reason') === '' ? '' : ` (${text(data, 'reason')})`)
const by = (data: Data): string => (text(data, 'changedBy') === '' ? '' : ` by ${byWords(text(data, 'changedBy'))}`)

const words: Readonly<Record<string, (data: Data) => string>> = {
  'chargepoint.connected': () => 'connected', 'chargepoint.disconnected': (data) => `disconnected${because(data)}`, 'chargepoint.rejected': (data) => `was refused${because(data)}`, 'chargepoint.accepted': (data) => `was accepted by ${byWords(text(data, 'by'))}`,
  'connector.status': (data) => `is ${statusWords[text(data, 'status')] ?? text(data, 'status')}${text(data, 'errorCode') === '' || text(data, 'errorCode') === 'NoError' ? '' : `: ${text(data, 'errorCode')}`}`,
  'transaction.started': () => 'a session began', 'transaction.updated': (data) => `session: ${sessionOf(data)}, ${kilowattHours(number(data, 'energyWh'))}`,
  'transaction.stopped': (data) => `a session ended after ${kilowattHours(number(data, 'energyWh'))}: ${endOf(data)}`,
  'meter.sample': (data) => `draws ${kilowatts(number(data, 'powerW'))}`,
  'limit.changed': (data) => `${limitWords(text(data, 'source'))} was changed${amountOf(data)}${by(data)}${because(data)}`, 'limit.expired': (data) => `${limitWords(text(data, 'source'))} has ended`,
  'allocation.changed': (data) => `${number(data, 'beforeA') === null ? '' : `${amps(number(data, 'beforeA'))} → `}${amps(number(data, 'allocatedA'))}, bound by ${limitWords(text(data, 'binding'))}`,
  'profile.accepted': (data) => `took its limit of ${amps(number(data, 'limitA'))}`, 'profile.rejected': (data) => `refused its limit of ${amps(number(data, 'limitA'))}`, 'profile.ignored': (data) => `does not follow its limit${number(data, 'limitA') === null ? '' : ` of ${amps(number(data, 'limitA'))}`}`,
  'command.finished': (data) => `${text(data, 'action')} was ${text(data, 'status')}`, 'reservation.changed': (data) => `reservation ${text(data, 'status')}`,
  'alert.raised': (data) => `alert: ${text(data, 'message')}`, 'alert.resolved': (data) => `resolved: ${text(data, 'message')}`,
  'decision.made': (data) => `decision: ${number(data, 'lowerings') ?? 0} lowered, ${number(data, 'raisings') ?? 0} raised (${text(data, 'state')})`,
}

/** What a reader chooses from: one name for a few types. */
export const eventGroups = {
  limits: ['limit.changed', 'limit.expired'], decisions: ['decision.made', 'allocation.changed'], sessions: ['transaction.started', 'transaction.stopped'], 'charge points': ['chargepoint.connected', 'chargepoint.disconnected', 'chargepoint.rejected', 'chargepoint.accepted', 'connector.status', 'command.finished', 'reservation.changed'],
  profiles: ['profile.accepted', 'profile.rejected', 'profile.ignored'], alerts: ['alert.raised', 'alert.resolved'], readings: ['meter.sample', 'transaction.updated'],
} as const
export type EventGroup = keyof typeof eventGroups

/** `CP-03/1 is charging`; what nobody knows by its type. */
export function eventWords({ type, clientID, connectorId, data }: LiveEvent): string {
  const said = words[type]?.(data) ?? type
  return clientID === undefined || type.startsWith('alert.') ? said.charAt(0).toUpperCase() + said.slice(1) : `${clientID}${connectorId === undefined ? '' : `/${connectorId}`} ${said}`
}

function sessionOf(data: Data): string {
  return Object.entries(sessionWords).find(([status]) => status === data['status'])?.[1] ?? text(data, 'status')
}

function endOf(data: Data): string {
  const reason = text(data, 'stopReason')
  return stopWords({ status: 'stopped', stopReason: reason === '' ? null : reason, stoppedBy: null }) ?? ''
}

function amountOf({ limit }: Data): string {
  if (typeof limit !== 'object' || limit === null) return ''
  const amounts = limit as { readonly currentA?: number; readonly powerW?: number }
  return amounts.currentA !== undefined ? ` to ${amps(amounts.currentA)} per phase` : amounts.powerW !== undefined ? ` to ${kilowatts(amounts.powerW)}` : ''
}
