// An OCPP message in a few words: what it is about, and how it went.
import type { MessageView } from '../../../src/actors/message-row.ts'

type Told = Pick<MessageView, 'action' | 'request' | 'response' | 'status' | 'error'>

export function outcomeOf({ status, error, response }: Told): { readonly mark: 'ok' | 'bad' | 'warning' | 'waiting'; readonly words: string } {
  switch (status) {
    case 'waiting': return { mark: 'waiting', words: 'no answer yet' }
    case 'timed-out': return { mark: 'bad', words: 'no answer in time' }
    case 'unanswered': return { mark: 'bad', words: 'connection ended first' }
    case 'unreadable': return { mark: 'bad', words: 'not readable' }
    case 'unmatched': return { mark: 'warning', words: 'an answer to nothing' }
    case 'error': return { mark: 'bad', words: error === null ? 'error' : [error.code, error.description].filter((text) => text !== '').join(': ') }
    case 'answered': {
      const said = field(response, 'status') ?? field(field(response, 'idTagInfo'), 'status')
      if (typeof said !== 'string') return { mark: 'ok', words: 'answered' }
      return { mark: refusals.has(said) ? 'warning' : 'ok', words: said }
    }
  }
}

const refusals: ReadonlySet<string> = new Set(['Rejected', 'NotSupported', 'NotImplemented', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx', 'Faulted', 'Occupied', 'Unavailable', 'UnlockFailed', 'Failed', 'VersionMismatch', 'UnknownMessageId', 'UnknownVendorId'])

/** The one thing of a request that tells it from others of its kind; '' where nothing does. */
export function gist({ action, request }: Told): string {
  const profile = field(request, 'csChargingProfiles') ?? field(request, 'chargingProfile')
  const connector = field(request, 'connectorId')
  const about: readonly unknown[] = [
    connector === undefined ? undefined : `connector ${String(connector)}`,
    action === 'StatusNotification' ? [field(request, 'status'), field(request, 'errorCode') === 'NoError' ? undefined : field(request, 'errorCode')].filter(Boolean).join(' ') : undefined,
    action === 'MeterValues' ? readings(request) : undefined,
    action === 'BootNotification' ? `${String(field(request, 'chargePointVendor') ?? '')} ${String(field(request, 'chargePointModel') ?? '')}`.trim() : undefined,
    profile === undefined ? undefined : profileWords(profile),
    field(request, 'requestedMessage'), field(request, 'type'), field(request, 'key'), field(request, 'idTag'),
  ]
  return about.filter((text) => typeof text === 'string' && text !== '').join(', ')
}

function profileWords(profile: unknown): string {
  const schedule = field(profile, 'chargingSchedule')
  const periods = field(schedule, 'chargingSchedulePeriod')
  const first: unknown = Array.isArray(periods) ? periods[0] : undefined
  return [field(profile, 'chargingProfilePurpose'), first === undefined ? undefined : `${String(field(first, 'limit'))} ${String(field(schedule, 'chargingRateUnit'))}`].filter(Boolean).join(' ')
}

/** What flows now, of the first phase that says so. */
function readings(request: unknown): string {
  const values: unknown = field(request, 'meterValue')
  const last: unknown = Array.isArray(values) ? values.at(-1) : undefined
  const samples = field(last, 'sampledValue')
  if (!Array.isArray(samples)) return ''
  const told = ['Current.Import', 'Power.Active.Import', 'Energy.Active.Import.Register'].map((wanted) => samples.find((one) => (field(one, 'measurand') ?? 'Energy.Active.Import.Register') === wanted)).find((one) => one !== undefined)
  return told === undefined ? '' : `${String(field(told, 'value'))} ${String(field(told, 'unit') ?? 'Wh')}`
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}
