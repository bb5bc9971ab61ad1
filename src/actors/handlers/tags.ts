// How handlers ask about an id tag: by the settings that hold there.
import type { Question, Verdict } from '../authorise.ts'
import type { Station } from './station.ts'

/** `connectorId` where it is known. */
export async function askAbout(station: Station, question: Pick<Question, 'idTag' | 'reason'> & { connectorId?: number | undefined; repeated?: boolean }): Promise<Verdict> {
  const { siteID, clientID, scope, authoriser, clock } = station
  const { connectorId, idTag, reason, repeated } = question
  const verdict = await authoriser.authorise({
    idTag, reason, siteID, clientID, scope, rules: station.settings(connectorId), during: (work) => station.waits.during(work),
    ...(connectorId === undefined ? {} : { connectorId }), ...(repeated === undefined ? {} : { repeated }),
  })
  // A family that ended meanwhile must not go on with the answer: its clock never comes back.
  if (verdict.waited) await new Promise<void>((resolve) => { clock.after(0, resolve) })
  return verdict
}
