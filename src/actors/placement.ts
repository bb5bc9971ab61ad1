// Adding, changing, moving and removing charge points while the house lives: durable first, and nothing that draws goes uncounted.
import type { ChargePointConfig } from '../power/site.ts'
import { checkFit } from './check-site.ts'
import { keepPassword, type GivenPassword } from './credentials.ts'
import type { Estate, PointEntry, SiteEntry } from './estate.ts'
import type { PointRecord } from './estate-records.ts'
import { followSettings } from './follow-settings.ts'
import { Refusal, type Caller } from './house.ts'
import { uncounted } from './in-use.ts'
import { pointEntry, siteEntry, siteNamed } from './lookup.ts'
import { putOver } from './point-record.ts'
import { withoutPoint, write } from './records.ts'
import { refuseStanding } from './standing-profiles.ts'

/** Creates, replaces or moves; `password` as in House. Rejects with Refusal, and then nothing was changed. */
export async function putPoint(estate: Estate, given: ChargePointConfig, password: GivenPassword, changedBy: string, caller?: Caller): Promise<{ created: boolean; point: PointEntry }> {
  const known = estate.point(given.id)
  const config = { ...given, id: known?.record.config.id ?? given.id }
  const site = siteNamed(estate, config.site)
  // Before the checks, so that nothing happens between them and the writing.
  const hash = password === undefined ? (known?.record.password ?? null) : password === null ? null : await keepPassword(password)
  if (known !== undefined) refuseUncounted(estate, known.record.config, config)
  const others = estate.configsOf(config.site).filter((other) => other.id !== config.id)
  checkFit(site.record.site, [...others, config])
  const moves = known !== undefined && known.record.config.site !== config.site
  const from = moves ? siteEntry(estate, known.record.config.site) : null
  const record: PointRecord = { ...estate.revise(known?.record, changedBy), ...putOver(known?.record, config, hash) }
  let point: PointEntry
  if (known === undefined || moves) {
    point = await estate.placePoint(record, known, () => { if (known !== undefined) refuseUncounted(estate, known.record.config, config) })
  } else {
    await replace(estate, known, record)
    point = known
  }
  if (from !== null) leaveBehind(estate, from, config.id)
  estate.reconfigure(config.site, caller)
  return { created: known === undefined, point }
}

async function replace(estate: Estate, known: PointEntry, record: PointRecord): Promise<void> {
  const before = known.record
  const { scope } = siteEntry(estate, before.config.site)
  const key = `chargepoint:${record.config.id}`
  await write(scope, { [key]: record })
  try {
    refuseUncounted(estate, before.config, record.config)
  } catch (error) {
    // A start has overtaken the writing: it holds, and the record goes back as soon as the store takes it.
    scope.put(key, before)
    scope.flush().catch(() => undefined)
    throw error
  }
  if (withoutSettings(before.config) !== withoutSettings(record.config) || before.password !== record.password) estate.closeFamily(known, 'configuration changed')
  known.record = record
  if (known.family !== null) followSettings(known.family.station)
}

/** Settings are read when they are needed: a change of them disconnects nobody. */
function withoutSettings(whole: ChargePointConfig): string {
  const { settings: _, connectors, ...config } = whole
  return JSON.stringify({ ...config, connectors: connectors.map((one) => ({ ...one, settings: undefined })) })
}

/** Rejects with Refusal: conflict while a transaction runs, store-down. */
export async function deletePoint(estate: Estate, clientID: string, caller?: Caller): Promise<void> {
  const point = pointEntry(estate, clientID)
  const { config } = point.record
  const [drawing] = drawingOn(estate, config.id)
  if (drawing !== undefined) throw inUse(config.id, drawing.transactionId, 'deleted')
  refuseStanding(estate, config, null)
  const site = siteEntry(estate, config.site)
  await estate.alone(config.id, point, async () => {
    estate.closeFamily(point, 'deleted')
    const commands = estate.commands.leave(config.id, config.site, 'charge-point-deleted')
    await write(site.scope, { ...withoutPoint(config.id), ...commands.changes })
    commands.tell()
    // A claim that is left behind yields to whoever adds the charge point again.
    await estate.options.store.release('chargepoint', config.id.toLowerCase(), config.site).catch(() => undefined)
    estate.points.delete(config.id.toLowerCase())
  })
  sweep(estate, site, config.id)
  estate.reconfigure(config.site, caller)
}

/** The move is durable; what it left behind ends and goes as soon as the store takes it (the claim says whose it is until then). */
function leaveBehind(estate: Estate, from: SiteEntry, clientID: string): void {
  const commands = estate.commands.leave(clientID, from.record.site.id, 'charge-point-moved')
  const changes = { ...withoutPoint(clientID), ...commands.changes }
  for (const [key, value] of Object.entries(changes)) value === null ? from.scope.delete(key) : from.scope.put(key, value)
  estate.reconfigure(from.record.site.id)
  void from.scope.durable().then(() => {
    commands.tell()
    sweep(estate, from, clientID)
  })
}

/** In a later turn: who waited for a command of it may have put something once more when told of its end. */
function sweep(estate: Estate, { scope, record: { site } }: SiteEntry, clientID: string): void {
  estate.options.clock.after(0, () => {
    if (estate.point(clientID)?.record.config.site === site.id) return
    for (const key of Object.keys(withoutPoint(clientID))) if (scope.get(key) !== undefined) scope.delete(key)
    scope.flush().catch(() => undefined)
  })
}

/** Throws Refusal conflict for a change that would take what is drawn now out of the count. */
function refuseUncounted(estate: Estate, before: ChargePointConfig, after: ChargePointConfig): void {
  refuseStanding(estate, before, after)
  // Where it hangs is only being said.
  if (estate.point(before.id)?.record.standIn === true) return
  for (const { connectorId, transactionId } of drawingOn(estate, before.id)) {
    const what = uncounted(before, after, connectorId)
    if (what !== null) throw inUse(before.id, transactionId, what)
  }
}

/** The transactions that run, and those whose start has come but has no answer yet (`transactionId` null): the car draws all the same. */
function drawingOn(estate: Estate, clientID: string): readonly { connectorId: number; transactionId: number | null }[] {
  const family = estate.familyOf(clientID)
  if (family === null) return []
  return [
    ...family.transactions().map(({ id, connectorId }) => ({ connectorId, transactionId: id })),
    ...family.starting().map((connectorId) => ({ connectorId, transactionId: null })),
  ]
}

function inUse(clientID: string, transactionId: number | null, what: string): Refusal {
  const [who, hint] = transactionId === null ? ['A transaction begins', 'Wait until it runs, then stop it.'] : [`Transaction ${transactionId} runs`, 'Stop the transaction first.']
  return new Refusal('conflict', 'transaction-running', `${who} on ${clientID}; it cannot be ${what} now.`, { hint })
}
