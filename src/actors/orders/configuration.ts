// GetConfiguration and ChangeConfiguration: what is answered is kept; a password or security profile is changed in two steps.
import type { RequestOf, ResponseOf } from '../../protocol/messages/index.ts'
import type { CommandRecord } from '../command-record.ts'
import { faultOf } from '../../configuration-check.ts'
import { configurationOf, keepConfiguration, firmwareOf } from '../configuration-desk.ts'
import { knownValue, withAnswer, withChange, withSilence } from '../configuration-record.ts'
import type { PasswordHash } from '../credentials.ts'
import type { Station } from '../handlers/station.ts'
import { Refusal } from '../house.ts'
import type { ChangeOutcome } from '../key-rotation.ts'
import { outOfReach } from '../reach.ts'
import { conflict, type Order } from './order.ts'

type Change = RequestOf<'ChangeConfiguration'>

/** What was begun for a request, until its end is known; a request that was read from the store has nothing here. */
const begun = new WeakMap<Change, PasswordHash>()
const issued = new WeakSet<Change>()

const isPassword = ({ key }: Change) => key.toLowerCase() === 'authorizationkey'
const isProfile = ({ key }: Change) => key.toLowerCase() === 'securityprofile'

function faultRefused(station: Station, request: Change): Refusal | null {
  const record = configurationOf(station)
  // What it may be raised from is on record, whatever it says of itself.
  const fault = faultOf(request.key, request.value, (key) => (key === 'SecurityProfile' ? null : knownValue(record, key)))
  return fault === null ? null : new Refusal('invalid', 'invalid-value', `${request.key}: ${fault}.`, { errors: [{ pointer: '/value', message: fault }] })
}

function conclude(station: Station, request: Change, outcome: ChangeOutcome): void {
  const rotation = begun.get(request)
  const ending = rotation !== undefined ? station.credentials.concludeRotation(outcome, rotation) : isProfile(request) ? station.credentials.concludeRaise(outcome) : null
  // What could not be written leaves the new way open beside the old one: nobody is locked out.
  ending?.catch((error: unknown) => station.log.warn({ clientID: station.clientID, key: request.key, error }, 'the end of a change of credentials could not be kept'))
}

async function prepareChange(station: Station, given: Change): Promise<Change> {
  const fault = faultRefused(station, given)
  if (fault !== null) throw fault
  if (!isPassword(given) && !isProfile(given)) return given
  const request = { ...given }
  const refusal = outOfReach(station)
  if (refusal !== null) throw refusal
  if (isPassword(request)) begun.set(request, await station.credentials.beginRotation(request.value))
  else await station.credentials.beginRaise(Number(request.value) as 1 | 2 | 3)
  // Refused before it was recorded, it was never begun.
  station.clock.after(0, () => { if (!issued.has(request)) conclude(station, request, 'Rejected') })
  return request
}

export const changeConfiguration = {
  prepare: prepareChange,
  refuse(station: Station, request: Change) {
    if (isProfile(request)) return faultRefused(station, request)
    if (!isPassword(request) || begun.has(request)) return null
    return conflict('key-not-prepared', 'The new key was lost when kwota restarted, or was never prepared; it is not kept anywhere.', 'Send it again.')
  },
  issued(station: Station, request: Change, command: CommandRecord) {
    issued.add(request)
    // A password is never stored as it is; a restart forgets this command.
    if (isPassword(request)) station.scope.delete(`request:${command.id}`)
  },
  answered(station: Station, request: Change, { status }: ResponseOf<'ChangeConfiguration'>, command: CommandRecord) {
    keepConfiguration(station, (record) => withChange(record, request, status, { atMs: station.clock.wall(), commandId: command.id, firmware: firmwareOf(station) }))
    conclude(station, request, status)
  },
  unanswered(station: Station, request: Change, how: 'error' | 'timed-out' | 'unsent', { error }: CommandRecord) {
    // Of all errors only these say that nothing was changed; after any other the new way stays open beside the old one.
    const refused = how === 'unsent' || error?.code === 'NotSupported' || error?.code === 'NotImplemented'
    conclude(station, request, refused ? 'Rejected' : 'unknown')
    if (how !== 'unsent') keepConfiguration(station, (record) => withSilence(record, request, { atMs: station.clock.wall(), firmware: firmwareOf(station) }))
  },
} satisfies Order<'ChangeConfiguration'>

export const getConfiguration: Order<'GetConfiguration'> = {
  answered(station, request, response, command) {
    keepConfiguration(station, (record) => withAnswer(record, request, response, { atMs: station.clock.wall(), commandId: command.id }))
  },
}
