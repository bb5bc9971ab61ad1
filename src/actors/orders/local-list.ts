// SendLocalList: within the lengths the charge point has named; as it is given, or all of our id tags that may charge there.
import { z } from 'zod'
import { messages, type RequestOf } from '../../protocol/messages/index.ts'
import { configurationOf } from '../configuration-desk.ts'
import { knownValue } from '../configuration-record.ts'
import type { Station } from '../handlers/station.ts'
import { Refusal } from '../house.ts'
import { listAnswered, listIssued, listUnanswered, wholeList } from '../local-list.ts'
import { positive } from '../local-list-record.ts'
import { conflict, type Order } from './order.ts'

const { shape } = messages.SendLocalList.request
const body = z.strictObject({
  sync: z.literal(true).exactOptional().describe('All of our id tags that may charge there are sent now; nothing else is given with it.'),
  listVersion: shape.listVersion.exactOptional().describe('From 1; needed without sync.'),
  updateType: shape.updateType.exactOptional().describe('Needed without sync.'),
  localAuthorizationList: shape.localAuthorizationList.unwrap().exactOptional(),
})

function missing(name: string, message: string): Refusal {
  return new Refusal('invalid', 'invalid', `/${name}: ${message}`, { errors: [{ pointer: `/${name}`, message }] })
}

async function prepare(station: Station, { sync, listVersion, updateType, localAuthorizationList }: z.output<typeof body>): Promise<RequestOf<'SendLocalList'>> {
  if (sync === true) {
    const other = Object.entries({ listVersion, updateType, localAuthorizationList }).find(([, value]) => value !== undefined)
    if (other !== undefined) throw missing(other[0], 'not together with sync')
    return wholeList(station)
  }
  if (listVersion === undefined) throw missing('listVersion', 'needed without sync')
  if (updateType === undefined) throw missing('updateType', 'needed without sync')
  return { listVersion, ...(localAuthorizationList === undefined ? {} : { localAuthorizationList }), updateType }
}

export const sendLocalList: Order<'SendLocalList'> = {
  body,
  prepare,
  refuse(station, { localAuthorizationList = [], updateType }) {
    const { length } = localAuthorizationList
    const known = configurationOf(station)
    const most = positive(knownValue(known, 'SendLocalListMaxLength'))
    if (most > 0 && length > most) return conflict('list-too-long', `${station.clientID} takes ${most} entries in one SendLocalList (its SendLocalListMaxLength), not ${length}.`, `Send ${most} as Full, then the rest as Differential with rising versions; or {"sync": true}.`)
    const room = knownValue(known, 'LocalAuthListMaxLength')
    if (updateType === 'Full' && room !== null && /^\d{1,9}$/.test(room) && length > Number(room)) return conflict('list-too-long', `${station.clientID} takes ${room} id tags in its local list (its LocalAuthListMaxLength), not ${length}.`, 'Leave some out.')
    return null
  },
  issued: listIssued,
  answered: (station, update, { status }, command) => listAnswered(station, update, status, command),
  unanswered(station, _, how, command) {
    if (how !== 'unsent') listUnanswered(station, command.error ?? { code: how })
  },
}
