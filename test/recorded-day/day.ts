// A recorded day as plain data, drawn by seed: a site with tariffs, 200 charge points, their cars, and what happens to kwota and its store.
import { tariffSchema, type Tariff } from '../../src/sessions/tariff.ts'
import { chargePointSchema, siteSchema, type ChargePointConfig, type SiteConfig } from '../../src/power/site.ts'
import type { z } from 'zod'
import type { CarModel } from '../../src/simulator/car.ts'
import { between, forkRandom, type Random } from '../../src/simulator/random.ts'

export interface Visit {
  readonly clientID: string
  readonly connectorId: number
  readonly plugMs: number
  readonly unplugMs: number
  readonly car: CarModel
  /** When the car takes nothing. */
  readonly pauses: readonly { readonly fromMs: number; readonly untilMs: number }[]
}

export interface Day {
  readonly seed: number
  readonly startWallMs: number
  readonly hours: number
  readonly sites: readonly SiteConfig[]
  readonly chargePoints: readonly ChargePointConfig[]
  readonly tariffs: readonly Tariff[]
  readonly idTagOf: (clientID: string) => string
  /** By id of the tariff; undefined = the next one up holds. */
  readonly tariffOfTag: (idTag: string) => string | undefined
  readonly tariffOfPoint: (clientID: string) => string | undefined
  readonly tariffOfSite: (siteID: string) => string
  readonly visits: readonly Visit[]
  /** Charge points without a network, or restarting, or with a clock that is ahead. */
  readonly outages: readonly { readonly clientID: string; readonly fromMs: number; readonly untilMs: number }[]
  readonly cuts: readonly { readonly clientID: string; readonly atMs: number }[]
  readonly reboots: readonly { readonly clientID: string; readonly atMs: number }[]
  readonly ahead: ReadonlySet<string>
  readonly kills: readonly { readonly atMs: number; readonly downMs: number }[]
  readonly storeFails: readonly { readonly fromMs: number; readonly untilMs: number }[]
}

/** Three of five charge points here, one in the yard, one on islands where the clock is changed at the same instant and shows another time. */
const places = ['main', 'main', 'main', 'yard', 'islands'] as const
const timezones = { main: 'Europe/Berlin', yard: 'Europe/Berlin', islands: 'Atlantic/Azores' }
const stations = 200
const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Times that meet the edges of blocks on both sides of a change of the clock. */
const tariffs: readonly Tariff[] = ([
  {
    id: 'public', name: 'Public', currency: 'EUR', perKWhMinor: 49.9, perMinuteMinor: 0.5, perSessionMinor: 35, idlePerMinuteMinor: 10, idleGraceS: 600,
    blocks: [
      { days: ['sun'], from: '02:00', to: '03:00', perKWhMinor: 11.25 },
      { days: ['sat', 'sun'], from: '01:30', to: '04:15', perKWhMinor: 19.990001, perMinuteMinor: 0 },
      { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '22:00', to: '06:00', perKWhMinor: 29.9 },
      { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '17:00', to: '20:00', perKWhMinor: 69.333333, perMinuteMinor: 2.5 },
    ],
  },
  { id: 'fleet', name: 'Fleet', currency: 'EUR', perKWhMinor: 21.123456, blocks: [{ days: ['sun'], from: '00:00', to: '03:30', perKWhMinor: 9 }, { days: ['wed', 'sat'], from: '18:45', to: '24:00', perMinuteMinor: 1.000001 }] },
  { id: 'guests', name: 'Guests', currency: 'EUR', perMinuteMinor: 3.2, perSessionMinor: 199, idlePerMinuteMinor: 0.75, idleGraceS: 0, blocks: [{ days: ['sat', 'sun', 'wed'], from: '23:45', to: '02:45', perMinuteMinor: 1.6 }] },
] satisfies z.input<typeof tariffSchema>[]).map((one) => tariffSchema.parse(one))

const idTagOf = (clientID: string) => `${Number(clientID.slice(2)) % 9 === 0 ? 'FLEET' : 'TAG'}-${clientID}`
const tariffOfPoint = (clientID: string) => Number(clientID.slice(2)) % 7 === 0 ? 'guests' : undefined
const tariffOfSite = (siteID: string) => siteID === 'islands' ? 'fleet' : 'public'

export function drawDay({ seed, startWallMs, hours }: { readonly seed: number; readonly startWallMs: number; readonly hours: number }): Day {
  const random = forkRandom(seed, 'day')
  const chargePoints = Array.from({ length: stations }, (_, index) => describe(index))
  const endMs = hours * hourMs
  const some = (part: number) => chargePoints.filter(() => random() < part).map(({ id }) => id)
  const when = () => between(random, 20 * minuteMs, endMs - 30 * minuteMs)
  return {
    seed, startWallMs, hours, chargePoints, tariffs, tariffOfSite,
    sites: Object.entries(timezones).map(([id, timezone]) => siteSchema.parse({ id, timezone, fuseA: stations * 32, circuits: [{ id: 'garage', limitA: 60 }], settings: { tariffId: tariffOfSite(id) } })),
    idTagOf, tariffOfTag: (idTag) => idTag.startsWith('FLEET') ? 'fleet' : undefined,
    tariffOfPoint,
    visits: chargePoints.flatMap(({ id, connectors }) => connectors.flatMap((connector) => drawVisits(forkRandom(seed, `${id}/${connector.id}`), id, connector.id, endMs))),
    outages: some(0.2).map((clientID) => { const fromMs = when(); return { clientID, fromMs, untilMs: fromMs + between(random, 5, 60) * minuteMs } }),
    cuts: some(0.3).map((clientID) => ({ clientID, atMs: when() })),
    reboots: some(0.12).map((clientID) => ({ clientID, atMs: when() })),
    ahead: new Set(some(0.04)),
    kills: [0.34, 0.71].map((part) => ({ atMs: Math.round(endMs * part) + between(random, 0, minuteMs), downMs: between(random, 5_000, 90_000) })),
    storeFails: [{ fromMs: Math.round(endMs * 0.55), untilMs: Math.round(endMs * 0.55) + 100_000 }],
  }
}

/** Those of the yard hang on its garage, which cannot feed all of them; the others are not under control. */
function describe(index: number): ChargePointConfig {
  const site = places[index % places.length]!
  const managed = site === 'yard'
  const id = `CP${index + 1}`
  const tariffId = tariffOfPoint(id)
  return chargePointSchema.parse({
    id, site, ...(tariffId === undefined ? {} : { settings: { tariffId } }), ...(managed ? { circuit: 'garage' } : { control: 'none' }),
    connectors: index % 10 === 0 ? [{ id: 1 }, { id: 2, maxA: 16 }] : [{ id: 1, maxA: index % 3 === 0 ? 16 : 32 }],
  })
}

function drawVisits(random: Random, clientID: string, connectorId: number, endMs: number): Visit[] {
  const visits: Visit[] = []
  for (let fromMs = between(random, 2, 60) * minuteMs + between(random, 0, 59_999); ;) {
    const unplugMs = fromMs + between(random, 15, 120) * minuteMs + between(random, 0, 59_999)
    if (unplugMs > endMs - 10 * minuteMs) return visits
    const plugMs = fromMs
    const pauses = random() < 0.3 ? [[10, 30], [40, 60]].map(([from = 0, until = 0]) => ({ fromMs: plugMs + from * minuteMs, untilMs: plugMs + until * minuteMs })).filter(({ untilMs }) => untilMs < unplugMs) : []
    visits.push({ clientID, connectorId, plugMs, unplugMs, pauses, car: { maxA: between(random, 6, 32), phases: random() < 0.3 ? 1 : 3, energyNeededWh: between(random, 500, 16_000) } })
    fromMs = unplugMs + between(random, 3, 45) * minuteMs
  }
}
