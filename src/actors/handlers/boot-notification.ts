// BootNotification: the site counts it at once, it is accepted when it is durable, and spoken to after the answer has left.
import type { Handle, Station } from './station.ts'
import { tellSiteAgain } from './running.ts'

/** A store that is down keeps nobody out for longer: lowerings must reach it (decision 13). */
const patienceMs = 2_000

export const bootNotification: Handle<'BootNotification'> = async (station, request) => {
  const session = station.session()
  const boot = Object.fromEntries(Object.entries(request).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  station.send({ type: 'BOOT_ACCEPTED', boot })
  if (session !== null) station.site.stationBooted(session)
  await durableOrLate(station)
  station.clock.after(0, () => {
    if (session === null || station.session() !== session) return
    station.site.stationOnline(session)
    tellSiteAgain(station)
  })
  return { status: 'Accepted', currentTime: new Date(station.clock.wall()).toISOString(), interval: station.heartbeatIntervalS }
}

function durableOrLate(station: Station): Promise<void> {
  return new Promise((resolve) => {
    const cancel = station.clock.after(patienceMs, () => {
      station.log.warn({ clientID: station.clientID }, 'a boot is accepted although the store does not take it')
      resolve()
    })
    void station.scope.durable().then(() => {
      cancel()
      resolve()
    })
  })
}
