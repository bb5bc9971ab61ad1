// BootNotification: the site counts it at once; accepted only once it is durable, pending while the store is down.
import type { Handle, Station } from './station.ts'
import { tellSiteAgain } from './running.ts'

/** How long the answer waits for the store, and when the charge point is to boot again if that was not enough. */
const patienceMs = 2_000
const pendingIntervalS = 10

export const bootNotification: Handle<'BootNotification'> = async (station, request) => {
  const session = station.session()
  const boot = Object.fromEntries(Object.entries(request).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  station.send({ type: 'BOOT_ACCEPTED', boot })
  if (session !== null) station.site.stationBooted(session)
  const durable = await isDurable(station)
  // Pending or not: its fallback and every lowering must reach it (a pending charge point may be spoken to).
  station.clock.after(0, () => {
    if (session === null || station.session() !== session) return
    station.site.stationOnline(session)
    tellSiteAgain(station)
  })
  const currentTime = new Date(station.clock.wall()).toISOString()
  return durable ? { status: 'Accepted', currentTime, interval: station.heartbeatIntervalS } : { status: 'Pending', currentTime, interval: pendingIntervalS }
}

/** False when the store did not take it in time: then it must be said again, for a crash would leave nobody who knows of it (decision 10). */
function isDurable(station: Station): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = station.clock.after(patienceMs, () => {
      station.log.warn({ clientID: station.clientID }, 'a boot waits for the store: answered Pending')
      resolve(false)
    })
    void station.scope.durable().then(() => {
      cancel()
      resolve(true)
    })
  })
}
