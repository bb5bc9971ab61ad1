// BootNotification: accepted; the site hears of it after the answer has left.
import type { Handle } from './station.ts'
import { tellSiteAgain } from './running.ts'

export const bootNotification: Handle<'BootNotification'> = (station, request) => {
  const session = station.session()
  const boot = Object.fromEntries(Object.entries(request).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  station.send({ type: 'BOOT_ACCEPTED', boot })
  station.clock.after(0, () => {
    if (session === null || station.session() !== session) return
    station.site.stationOnline(session, true)
    tellSiteAgain(station)
  })
  return { status: 'Accepted', currentTime: new Date(station.clock.wall()).toISOString(), interval: station.heartbeatIntervalS }
}
