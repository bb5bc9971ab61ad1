// What charging profiles of people would allow the engine: the limit now, how it goes on over a window, and both in words.
import { carPhasesOf, type ProfileCap } from '../power/loads.ts'
import { compositeSchedule, type Composite } from '../profiles/composite.ts'
import type { Stack } from '../profiles/stack.ts'
import type { Estate } from './estate.ts'
import { siteEntry } from './lookup.ts'
import { capAt, spreadOf } from './profile-limits.ts'
import type { Standing } from './profile-outlook.ts'

export interface PeoplesAllocation {
  readonly summary: string
  readonly connectors: readonly {
    readonly connectorId: number
    readonly allocatedA: number | null
    /** Now, A per phase; null = people's profiles leave all of it. */
    readonly limitA: number | null
    readonly source: string | null
    /** What people's profiles alone, the engine's left out, come to over the window. */
    readonly schedule: Composite
  }[]
}

interface Asked { readonly connectorId: number; readonly durationS: number; readonly unit: 'A' | 'W'; readonly startMs: number }

/** Of a connector, or of all for connector 0; null where the engine does not steer. */
export function allocationOf(estate: Estate, { clientID, siteID, ground, time }: Standing, peoples: Stack, asked: Asked): PeoplesAllocation | null {
  const { books, plan } = siteEntry(estate, siteID).room.engine
  const outlets = books.outletsOf(clientID).filter((outlet) => asked.connectorId === 0 || outlet.connectorId === asked.connectorId)
  if (outlets[0]?.control !== 'engine') return null
  const isMax = ({ profile }: Stack[number]): boolean => profile.chargingProfilePurpose === 'ChargePointMaxProfile'
  const [maxima, others] = [peoples.filter(isMax), peoples.filter((one) => !isMax(one))]
  const wholeAt = (atMs: number): ProfileCap | null => capAt(maxima, ground, 0, ground.phases, atMs)
  const whole = wholeAt(time.wallMs)
  const places = outlets.map((outlet) => {
    const { key, connectorId } = outlet
    const used = spreadOf(outlet, carPhasesOf(outlet, books.wiring(key).car.vehiclePhases, books.row(key)?.transactionId ?? null).length, ground.voltage)
    const ownAt = (atMs: number): ProfileCap | null => capAt(others, ground, connectorId, used, atMs)
    return { key, connectorId, cap: ownAt(time.wallMs), leastAt: (atMs: number) => lower(ownAt(atMs), wholeAt(atMs)) }
  })
  const connectors = places.map(({ key, connectorId, cap }) => {
    const least = lower(cap, whole)
    const schedule = compositeSchedule(peoples, ground, { ...asked, connectorId })
    return { connectorId, allocatedA: plan?.targets.get(key)?.allocatedA ?? null, limitA: least === null ? null : hundredths(least.limitA), source: least?.source ?? null, schedule }
  })
  const now = [...places.flatMap(({ connectorId, cap }) => said(`connector ${connectorId} gets`, cap)), ...said('all connectors together get', whole)]
  if (now.length > 0) return { summary: `Now: ${now.join(', ')}.`, connectors }
  const later = places.flatMap(({ connectorId, leastAt }, index) => firstLimit(connectors[index]!.schedule, time.wallMs, leastAt).map(({ fromMs, words }) => ({ connectorId, fromMs, words })))
  const next = later.filter(({ fromMs }) => fromMs === Math.min(...later.map((one) => one.fromMs)))
  if (next[0] === undefined) return { summary: 'Profiles of people would set the engine no limit now.', connectors }
  return { summary: `No limit now; from ${clockTime(next[0].fromMs, time.wallMs)}: ${next.map(({ connectorId, words }) => `connector ${connectorId} gets ${words}`).join(', ')}.`, connectors }
}

/** The first stretch of a schedule in which something limits. */
function firstLimit({ scheduleStart, periods }: Composite, nowMs: number, capOf: (atMs: number) => ProfileCap | null): { readonly fromMs: number; readonly words: string }[] {
  const index = periods.findIndex(({ limit }) => limit !== null)
  const period = periods[index]
  if (period === undefined) return []
  const atMs = (startPeriod: number): number => Date.parse(scheduleStart) + startPeriod * 1_000
  const fromMs = atMs(period.startPeriod)
  const cap = capOf(fromMs)
  if (cap === null) return []
  const end = periods[index + 1]
  const until = end === undefined ? '' : ` until ${clockTime(atMs(end.startPeriod), nowMs)}`
  return [{ fromMs, words: `at most ${hundredths(cap.limitA)} A${until}${named(cap)}` }]
}

function said(who: string, cap: ProfileCap | null): string[] {
  return cap === null ? [] : [`${who} at most ${hundredths(cap.limitA)} A${named(cap)}`]
}

function named({ source }: ProfileCap): string {
  return ` (charging profile ${source.slice('profile:'.length)})`
}

/** With its day where that is another than today's. */
function clockTime(ms: number, nowMs: number): string {
  const [text, today] = [new Date(ms).toISOString(), new Date(nowMs).toISOString()]
  const seconds = text.slice(17, 19) === '00' ? '' : text.slice(16, 19)
  return `${text.slice(0, 10) === today.slice(0, 10) ? '' : `${text.slice(0, 10)} `}${text.slice(11, 16)}${seconds} UTC`
}

function lower(one: ProfileCap | null, other: ProfileCap | null): ProfileCap | null {
  return one === null || (other !== null && other.limitA < one.limitA) ? other : one
}

function hundredths(amps: number): number {
  return Math.round(amps * 100) / 100
}
