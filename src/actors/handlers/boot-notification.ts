// BootNotification: the site counts it at once; accepted only once it is durable and nobody has said that it must wait.
import type { Handle, Station } from './station.ts'

/** How long the answer waits for the store, and when the charge point is to boot again if that was not enough. */
const patienceMs = 2_000
const pendingIntervalS = 10
/** When one that waits for a person, or was turned away, is to boot again. */
const lobbyIntervalS = 60
const rejectedIntervalS = 300
const whatItIs = ['chargePointVendor', 'chargePointModel', 'chargePointSerialNumber', 'firmwareVersion']

export const bootNotification: Handle<'BootNotification'> = async (station, request) => {
  const session = station.session()
  const policy = station.settings().bootPolicy
  const boot = Object.fromEntries(Object.entries(request).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  const known = station.snapshot().context.boot
  const another = known !== null && whatItIs.some((field) => known[field] !== boot[field])
  const currentTime = () => new Date(station.clock.wall()).toISOString()
  if (policy === 'accept') station.send({ type: 'BOOT_ACCEPTED', boot, atMs: station.clock.wall() })
  else station.send({ type: 'BOOT_HELD', boot, held: policy === 'pending' ? 'pending' : 'rejected' })
  if (session !== null) station.site.stationBooted(session, another)
  const durable = await isDurable(station)
  if (policy === 'reject') return { status: 'Rejected', currentTime: currentTime(), interval: rejectedIntervalS }
  if (policy === 'pending') return { status: 'Pending', currentTime: currentTime(), interval: lobbyIntervalS }
  return durable ? { status: 'Accepted', currentTime: currentTime(), interval: station.settings().heartbeatIntervalS } : { status: 'Pending', currentTime: currentTime(), interval: pendingIntervalS }
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
