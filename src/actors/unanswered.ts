// What charge points leave unanswered: said when nobody answers a person's command or any CALL, over with the next answer.
import type { Session } from '../protocol/session.ts'
import type { CommandRecord } from './command-record.ts'
import type { Estate } from './estate.ts'
import type { Station } from './handlers/station.ts'

/** As the protocol ends a connection over which three CALLs in a row had no answer. */
const deaf = { code: 1011, reason: 'no answer to calls' }
const answer = /^\s*\[\s*[34]\s*,/

/** A command has ended without an answer; what kwota asks for itself it asks again by itself. */
export function noteTimedOut(station: Pick<Station, 'clientID' | 'condition'>, { id, action, createdBy }: CommandRecord): void {
  if (createdBy === 'kwota') return
  station.condition('command-timed-out', `${station.clientID} did not answer ${action} of ${createdBy} in time; it may have carried it out all the same. The command is ${id}.`)
}

/** A connection has ended: was it because nothing was answered? */
export function noteDeaf({ alerts, options }: Pick<Estate, 'alerts' | 'options'>, siteID: string, clientID: string, code: number, reason: string): void {
  if (code !== deaf.code || reason !== deaf.reason) return
  alerts.set({ code: 'deaf', siteID, clientID }, `${clientID} answers pings but no CALL: three in a row had no answer, so its connection was ended for it to come anew. If that goes on, restart it.`, options.clock.wall())
}

/** A frame of a charge point: an answer, whatever to, ends what was said. */
export function noteAnswer(estate: Pick<Estate, 'alerts' | 'options' | 'point'>, session: Session, text: string): void {
  // Nearly all are requests, which are told at one look.
  if (text.startsWith('[2') || !answer.test(text)) return
  const config = estate.point(session.clientID)?.record.config
  if (config === undefined) return
  for (const code of ['command-timed-out', 'deaf'] as const) estate.alerts.set({ code, siteID: config.site, clientID: config.id }, null, estate.options.clock.wall())
}
