// Makes the list of supported messages from the message table, so that it can never say more than is there.
import { actions, messages, type Action, type Direction, type Profile } from '../../src/protocol/messages/index.ts'

export const opening = '<!-- messages:begin -->'
export const closing = '<!-- messages:end -->'

const senders: Readonly<Record<Direction, string>> = { station: 'charge point', central: 'kwota', both: 'both' }
const profileNames: Readonly<Record<Profile, string>> = {
  Core: 'Core', FirmwareManagement: 'Firmware Management', LocalAuthListManagement: 'Local Auth List Management', Reservation: 'Reservation',
  SmartCharging: 'Smart Charging', RemoteTrigger: 'Remote Trigger', Security: 'Security',
}
/** All that OCPP 1.6 (28) and its security whitepaper (11) define. */
const defined = 39

/** Markdown from the opening mark to the closing one: a sentence, then one row per message in the order of the table. */
export function messageBlock(sampleOf: (action: Action) => string): string {
  const sentBy = (one: Direction) => actions.filter((action) => messages[action].direction === one || messages[action].direction === 'both').length
  const rows = actions.map((action) => {
    const { direction, profile, summary } = messages[action]
    const sample = sampleOf(action)
    return `| ${action} | ${senders[direction]} | ${profileNames[profile]} | ${summary.replaceAll('|', '\\|')} | [${sample.split('/').at(-1)}](${sample}) |`
  })
  return [
    opening,
    `${actions.length} of ${defined} messages: ${sentBy('station')} that a charge point sends and ${sentBy('central')} that kwota sends (DataTransfer goes both ways); requests and answers are validated in both directions.`,
    '',
    '| message | sent by | profile | what it says | samples |',
    '|---|---|---|---|---|',
    ...rows,
    closing,
  ].join('\n')
}

/** The block of a page, marks included; null when it has none, or an unfinished one. */
export function blockOf(page: string): string | null {
  const from = page.indexOf(opening)
  const to = page.indexOf(closing, from)
  return from < 0 || to < 0 ? null : page.slice(from, to + closing.length)
}
