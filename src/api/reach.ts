// What of the house a key reaches: each route says which site it touches, and what lies in a site that the key does not cover is not there for it.
import { Refusal, type House } from '../actors/house.ts'
import { unknownActor } from '../actors/inspection/actor-views.ts'
import type { Principal } from './auth.ts'
import { Problem } from './problem.ts'

/** One kind of what an address or a body can name: where it lies, and what is said when there is none. */
interface Kind {
  /** The parameter of the path that names it. */
  readonly parameter: string
  /** The ids of all sites it lies in; none = nobody knows. Throws or rejects with Refusal not-found when there is none. */
  sitesOf(house: House, id: string): readonly string[] | Promise<readonly string[]>
  /** As the house says it. */
  unknown(id: string): Refusal
}

/** As the house says it. */
export function unknownChargePoint(clientID: string): Refusal {
  return new Refusal('not-found', 'unknown-charge-point', `There is no charge point ${clientID}.`)
}

const kinds = {
  site: {
    parameter: 'siteID', sitesOf: (_, id) => [id],
    unknown: (id) => new Refusal('not-found', 'unknown-site', `There is no site ${id}.`),
  },
  'charge-point': {
    parameter: 'clientID', sitesOf: (house, id) => [house.chargePoint(id).value.site],
    unknown: unknownChargePoint,
  },
  transaction: {
    parameter: 'id', sitesOf: async (house, id) => [(await house.records.get(Number(id))).siteID],
    unknown: (id) => new Refusal('not-found', 'unknown-transaction', `There is no transaction ${Number(id)}.`),
  },
  command: {
    parameter: 'commandID', sitesOf: (house, id) => [house.commands.get(id).siteID],
    unknown: (id) => new Refusal('not-found', 'unknown-command', `There is no command ${id}; the newest 5,000 of a site are kept.`),
  },
  batch: {
    parameter: 'batchID', sitesOf: (house, id) => sitesOfBatch(house, house.bulk.batch(id)),
    unknown: (id) => new Refusal('not-found', 'unknown-batch', `There is no batch ${id}; the newest 200 are kept.`),
  },
  reservation: {
    parameter: 'id', sitesOf: (house, id) => [house.reservations.get(Number(id)).siteID],
    unknown: (id) => new Refusal('not-found', 'unknown-reservation', `There is no reservation ${Number(id)}; the newest 1,000 of a site are kept.`),
  },
  orphan: {
    parameter: 'id', sitesOf: (house, id) => [house.orphans.get(id).siteID],
    unknown: (id) => new Refusal('not-found', 'unknown-orphan', `There is no orphan ${id}.`, { hint: 'GET /api/v1/orphans lists them.' }),
  },
  webhook: {
    // One of every site is for keys of every site.
    parameter: 'webhookID', sitesOf: (house, id) => [house.webhooks.get(id).value.siteID ?? ''],
    unknown: (id) => new Refusal('not-found', 'unknown-webhook', `There is no webhook ${id}.`, { hint: 'GET /api/v1/webhooks lists them.' }),
  },
  alert: {
    parameter: 'id', sitesOf: (house, id) => house.alerts().filter((alert) => alert.id === id).map(({ siteID }) => siteID),
    unknown: (id) => new Refusal('not-found', 'unknown-alert', `There is no alert ${id}.`, { hint: 'Ids of alerts end with the process and with the oldest resolved ones; list them anew.' }),
  },
  actor: {
    parameter: 'actorID', sitesOf: (house, id) => [house.inspection.actor(id, false).siteID],
    unknown: unknownActor,
  },
  decision: {
    parameter: 'id', sitesOf: async (house, id) => [(await house.decisions.get(id)).siteID],
    unknown: (id) => new Refusal('not-found', 'unknown-decision', `There is no decision ${id}.`, { hint: 'Decisions are kept for 7 days, and longer while a connector stands by them.' }),
  },
} as const satisfies Readonly<Record<string, Kind>>
export type KindName = keyof typeof kinds

/**
 * A kind = what the path names lies in the sites that this route touches. `anyone` = it touches none. `filtered` = many: its handler
 * leaves out what the key does not cover. `every-site` = it belongs to no site or to all: only for keys that cover every one.
 */
export type Reach = KindName | 'anyone' | 'filtered' | 'every-site'

/** The parameter of the path that says which site a route touches; null where none does. */
export function parameterOf(reach: Reach): string | null {
  return isKind(reach) ? kinds[reach].parameter : null
}

/** Problem 403 on a route for keys of every site; Refusal not-found for what the path names where the key does not cover it, or that is not there, unless this makes it. */
export async function admit({ reach, method, answers }: { readonly reach: Reach; readonly method: string; readonly answers: object }, principal: Principal, house: House, params: Readonly<Record<string, string>>): Promise<void> {
  if (principal.everySite) return
  if (reach === 'every-site') throw new Problem(403, 'needs-every-site', 'This needs a key that covers every site: it concerns more than the sites of this one.')
  if (isKind(reach)) await reachable(reach, params[kinds[reach].parameter] ?? '', principal, house, method === 'PUT' && '201' in answers)
}

/** The same Refusal not-found for what is unknown and for what lies in a site that the key does not cover, before anything else is looked at. `mayBeNew` = what is unknown may pass. */
export async function reachable(name: KindName, id: string, principal: Principal, house: House, mayBeNew = false): Promise<void> {
  if (principal.everySite) return
  const kind: Kind = kinds[name]
  let sites: readonly string[]
  try {
    sites = await kind.sitesOf(house, id)
  } catch (error) {
    if (!(error instanceof Refusal) || error.kind !== 'not-found') throw error
    if (mayBeNew) return
    throw kind.unknown(id)
  }
  if (sites.length === 0 || !sites.every((siteID) => principal.covers(siteID))) throw kind.unknown(id)
}

/** The same for what a query names. */
export async function namedReachable({ siteID, clientID }: { readonly siteID?: string | undefined; readonly clientID?: string | undefined }, principal: Principal, house: House): Promise<void> {
  if (siteID !== undefined) await reachable('site', siteID, principal, house)
  if (clientID !== undefined) await reachable('charge-point', clientID, principal, house)
}

/** For a site that a body names as where something is to be: Refusal invalid, as for one that is unknown. */
export function siteNamed(siteID: string, principal: Principal): void {
  if (principal.covers(siteID)) return
  throw new Refusal('invalid', 'unknown-site', `There is no site ${siteID}.`, { errors: [{ pointer: '/site', message: `there is no site ${siteID}` }] })
}

/** For a charge point that a body names: Refusal invalid, as for one that is unknown. */
export async function chargePointNamed(clientID: string, principal: Principal, house: House): Promise<void> {
  await reachable('charge-point', clientID, principal, house).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error
    throw new Refusal('invalid', error.code, error.message, { errors: [{ pointer: '/clientID', message: `there is no charge point ${clientID}` }] })
  })
}

/** Undefined = the house may choose; Refusal invalid where the key covers several sites, or none, and none is named. */
export function onlySite(principal: Principal, house: House): string | undefined {
  if (principal.everySite) return undefined
  const [only, ...others] = house.sites().filter(({ value }) => principal.covers(value.id))
  if (only !== undefined && others.length === 0) return only.value.id
  throw new Refusal('invalid', 'site-needed', 'There are several sites, and none is named.', { hint: 'Add siteID or clientID; GET /api/v1/sites lists the sites.', errors: [{ pointer: '/siteID', message: 'is needed where there are several sites' }] })
}

/** Where the charge points are that a batch speaks of; '' for one that is no more. */
export function sitesOfBatch(house: House, { items }: { readonly items: readonly { readonly clientID: string }[] }): readonly string[] {
  const sites = new Map(house.chargePoints().map(({ value }) => [value.id.toLowerCase(), value.site]))
  return [...new Set(items.map(({ clientID }) => sites.get(clientID.toLowerCase()) ?? ''))]
}

function isKind(reach: Reach): reach is KindName {
  return Object.hasOwn(kinds, reach)
}
