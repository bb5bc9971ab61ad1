// What the policies are measured against: plain least-laxity-first and equal sharing, none of the engine's reasoning in them.
import type { SiteConfig } from '../../power/site.ts'
import type { Outlet } from '../../power/tree.ts'
import { feasibleWh, fullA, wattsPerAmp, type Delivery, type Session } from './session.ts'

export const baselines = ['plain least-laxity-first', 'equal sharing'] as const
export type Baseline = (typeof baselines)[number]

export interface BaselineInputs {
  readonly site: SiteConfig
  readonly outlets: ReadonlyMap<string, Outlet>
  readonly sessions: readonly Session[]
  /** Amps per phase for all cars together; each counts on every phase. */
  readonly limitA: number
  /** What besides limits them for a time: the least in [fromMs, untilMs), A. */
  readonly lowestA: (fromMs: number, untilMs: number) => number
}

interface Car { readonly session: Session; readonly minA: number; readonly fullA: number; readonly wattsPerAmp: number; takenWh: number; drawnA: number; beforeA: number }

/** Both decide at the beginning of each period and leave it at that until the next, as such controllers do. */
const periodMs = 300_000
/** They keep the promise as well: nobody is raised before what was lowered has settled; and a car follows as it does for the engine. */
const settleMs = 10_500
const followMs = 5_200
/** Nobody gets a broken amp. */
const stepA = 1

/** No profile is lost, refused or late, and how much a car still needs is always known. */
export function playBaseline(inputs: BaselineInputs, baseline: Baseline): readonly Delivery[] {
  const sessions = [...inputs.sessions].sort((a, b) => a.arrivalMs - b.arrivalMs || (a.key < b.key ? -1 : 1))
  const { voltage } = inputs.site
  const deliveries = new Map<Session, Delivery>()
  let here: Car[] = []
  let nowMs = beginningOf(sessions[0]?.arrivalMs ?? 0)
  let next = 0
  while (next < sessions.length || here.length > 0) {
    for (const car of here.filter(({ session }) => session.departureMs <= nowMs)) {
      const { session } = car
      deliveries.set(session, { session, deliveredWh: car.takenWh, feasibleWh: feasibleWh(session, inputs.outlets.get(session.key)!, voltage) })
    }
    here = here.filter(({ session }) => session.departureMs > nowMs)
    for (; next < sessions.length && sessions[next]!.arrivalMs <= nowMs; next++) {
      const session = sessions[next]!
      const outlet = inputs.outlets.get(session.key)!
      here.push({ session, minA: outlet.minA, fullA: fullA(session, outlet), wattsPerAmp: wattsPerAmp(session, outlet, voltage), takenWh: 0, drawnA: 0, beforeA: 0 })
    }
    const hungry = here.filter((car) => car.session.wantedWh - car.takenWh > 0.01 && car.fullA >= car.minA)
    for (const car of here) {
      car.beforeA = car.drawnA
      car.drawnA = 0
    }
    const limitA = Math.min(inputs.limitA, inputs.lowestA(nowMs, nowMs + periodMs))
    if (baseline === 'equal sharing') shareEqually(hungry, limitA)
    else giveByLaxity(hungry, limitA, nowMs)
    const untilMs = here.length === 0 ? beginningOf(sessions[next]?.arrivalMs ?? nowMs + periodMs) : nowMs + periodMs
    const waitMs = hungry.some(({ drawnA, beforeA }) => drawnA < beforeA) ? settleMs + followMs : followMs
    for (const car of hungry) {
      const stayMs = Math.min(untilMs, car.session.departureMs) - nowMs
      const oldMs = car.drawnA > car.beforeA ? Math.min(waitMs, stayMs) : 0
      car.takenWh = Math.min(car.session.wantedWh, car.takenWh + ((car.beforeA * oldMs + car.drawnA * (stayMs - oldMs)) * car.wattsPerAmp) / 3_600_000)
    }
    nowMs = untilMs
  }
  return sessions.map((session) => deliveries.get(session)!)
}

/** The first period that begins then or later. */
function beginningOf(ms: number): number {
  return Math.ceil(ms / periodMs) * periodMs
}

/** All it can take, but no more than it needs until the next period. */
function usefulA({ session, takenWh, fullA: mostA, minA, wattsPerAmp: watts }: Car): number {
  const neededA = Math.ceil(((session.wantedWh - takenWh) * 3_600_000) / (watts * periodMs))
  return Math.min(mostA, Math.max(minA, neededA))
}

/** The car that can wait the least gets all it can take, then the next one. */
function giveByLaxity(cars: readonly Car[], limitA: number, nowMs: number): void {
  const laxityMs = ({ session, takenWh, fullA: mostA, wattsPerAmp: watts }: Car) => {
    const leavesMs = session.saidDepartureMs === null || session.saidDepartureMs <= nowMs ? Infinity : session.saidDepartureMs
    return leavesMs - nowMs - ((session.wantedWh - takenWh) * 3_600_000) / (mostA * watts)
  }
  const order = cars.map((car) => ({ car, laxity: laxityMs(car) })).sort((a, b) => a.laxity - b.laxity || a.car.session.arrivalMs - b.car.session.arrivalMs)
  let leftA = limitA
  for (const { car } of order) {
    const givenA = Math.floor(Math.min(usefulA(car), leftA) / stepA) * stepA
    if (givenA < car.minA) continue
    car.drawnA = givenA
    leftA -= givenA
  }
}

/** Those that came first get the least they can use, as many as fit; what is left goes round in whole steps. */
function shareEqually(cars: readonly Car[], limitA: number): void {
  let leftA = limitA
  const served = cars.filter((car) => {
    if (leftA < car.minA) return false
    car.drawnA = car.minA
    leftA -= car.minA
    return true
  })
  for (let given = true; given;) {
    given = false
    for (const car of served.toSorted((a, b) => a.drawnA - b.drawnA)) {
      if (leftA < stepA || car.drawnA + stepA > usefulA(car)) continue
      car.drawnA += stepA
      leftA -= stepA
      given = true
    }
  }
}
