// Adding, changing, moving and removing charge points while the house lives: durable first, and nothing that draws goes uncounted.
import type { ChargePointConfig } from '../power/site.ts'
import { checkSite } from './check-site.ts'
import { hashPassword } from './credentials.ts'
import type { Estate, PointEntry, PointRecord } from './estate.ts'
import { Refusal } from './house.ts'
import { pointEntry, siteEntry, siteNamed } from './lookup.ts'
import { withoutPoint, write } from './records.ts'

/** Creates, replaces or moves; `password` as in House. Rejects with Refusal, and then nothing was changed. */
export async function putPoint(estate: Estate, given: ChargePointConfig, password: string | null | undefined, changedBy: string): Promise<{ created: boolean; point: PointEntry }> {
  const known = estate.point(given.id)
  const config = { ...given, id: known?.record.config.id ?? given.id }
  const site = siteNamed(estate, config.site)
  const others = estate.configsOf(config.site).filter((other) => other.id !== config.id)
  checkSite(site.record.site, [...others, config])
  const moves = known !== undefined && known.record.config.site !== config.site
  const from = moves ? siteEntry(estate, known.record.config.site) : null
  if (moves) refuseWhileRunning(estate, known, 'moved to another site')
  const hash = password === undefined ? (known?.record.password ?? null) : password === null ? null : await hashPassword(password)
  const record: PointRecord = { ...estate.revise(known?.record, changedBy), config, password: hash }
  let point: PointEntry
  if (known === undefined || moves) {
    point = await estate.placePoint(record, known)
  } else {
    const changed = JSON.stringify(known.record.config) !== JSON.stringify(config) || known.record.password !== hash
    await write(site.scope, { [`chargepoint:${config.id}`]: record })
    if (changed) estate.closeFamily(known, 'configuration changed')
    known.record = record
    point = known
  }
  if (from !== null) {
    // The move is durable; what it left behind goes as soon as the store takes it (the claim says whose it is until then).
    for (const key of Object.keys(withoutPoint(config.id))) from.scope.delete(key)
    estate.reconfigure(from.record.site.id)
    from.scope.flush().catch(() => undefined)
  }
  estate.reconfigure(config.site)
  return { created: known === undefined, point }
}

/** Rejects with Refusal: conflict while a transaction runs, store-down. */
export async function deletePoint(estate: Estate, clientID: string): Promise<void> {
  const point = pointEntry(estate, clientID)
  refuseWhileRunning(estate, point, 'deleted')
  const { config } = point.record
  const site = siteEntry(estate, config.site)
  estate.closeFamily(point, 'deleted')
  await write(site.scope, withoutPoint(config.id))
  // A claim that is left behind yields to whoever adds the charge point again.
  await estate.options.store.release('chargepoint', config.id.toLowerCase(), config.site).catch(() => undefined)
  estate.points.delete(config.id.toLowerCase())
  estate.reconfigure(config.site)
}

function refuseWhileRunning(estate: Estate, point: PointEntry, what: string): void {
  const { config } = point.record
  const running = estate.familyOf(config.id)?.transactions() ?? []
  if (running.length > 0) throw new Refusal('conflict', 'transaction-running', `Transaction ${running[0]!.id} runs on ${config.id}; it cannot be ${what} now.`, { hint: 'Stop the transaction first.' })
}
