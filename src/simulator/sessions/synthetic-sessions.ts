// Makes up sessions of the shape of a workplace car park, the same ones for the same seed.
import { between, forkRandom, type Random } from '../random.ts'

export interface SyntheticOptions {
  readonly sessions: number
  readonly stations: number
  readonly days: number
  readonly seed: number
}

export interface SyntheticSession { readonly arrivalMs: number; readonly departureMs: number; readonly energyKWh: number; readonly stationID: string; readonly saidDepartureMs: number }

/** Monday, 2 November 2026, 00:00 UTC. */
const startMs = Date.UTC(2026, 10, 2)
const minuteMs = 60_000
const dayMs = 1_440 * minuteMs

/** In order of arrival; a station that is taken is not taken twice, so there may be a few less than asked for. */
export function synthesise({ sessions, stations, days, seed }: SyntheticOptions): SyntheticSession[] {
  const random = forkRandom(seed, 'sessions')
  const workdays = Array.from({ length: days }, (_, day) => day).filter((day) => day % 7 < 5)
  const made: SyntheticSession[] = []
  const wanted = Array.from({ length: sessions }, () => {
    // One in twelve comes at the weekend, most of the others in the morning, some after lunch.
    const day = random() < 1 / 12 || workdays.length === 0 ? between(random, 0, days - 1) : workdays[between(random, 0, workdays.length - 1)]!
    const morning = random() < 0.78
    const arrival = morning ? 8.2 * 60 + 70 * bell(random) : 14 * 60 + 120 * bell(random)
    return { atMs: startMs + day * dayMs + clamp(arrival, 300, 1_320) * minuteMs, morning }
  }).sort((a, b) => a.atMs - b.atMs)
  const freeAtMs = new Map<string, number>()
  const names = Array.from({ length: stations }, (_, index) => `ST-${String(index + 1).padStart(2, '0')}`)
  for (const { atMs, morning } of wanted) {
    const arrivalMs = Math.round(atMs / 1000) * 1000
    const free = names.filter((name) => (freeAtMs.get(name) ?? 0) <= arrivalMs)
    const stationID = free[between(random, 0, free.length - 1)]
    const stayMin = clamp(morning ? 470 + 130 * bell(random) : 200 + 100 * bell(random), 25, 900)
    const energyKWh = clamp(Math.exp(2.3 + 0.75 * bell(random)), 0.8, 70)
    const slip = random() < 0.25 ? 60 * bell(random) : 10 * bell(random)
    if (stationID === undefined) continue
    const departureMs = arrivalMs + Math.round(stayMin * 60) * 1000
    freeAtMs.set(stationID, departureMs + 2 * minuteMs)
    made.push({ arrivalMs, departureMs, energyKWh: Math.round(energyKWh * 100) / 100, stationID, saidDepartureMs: Math.max(arrivalMs + 10 * minuteMs, departureMs + Math.round(slip) * minuteMs) })
  }
  return made
}

/** As a file that can be played: arrival, departure, energy_kwh, station_id, estimated_departure. */
export function sessionsCsv(sessions: readonly SyntheticSession[]): string {
  const at = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z')
  const lines = sessions.map((one) => `${at(one.arrivalMs)},${at(one.departureMs)},${one.energyKWh},${one.stationID},${at(one.saidDepartureMs)}`)
  return `arrival,departure,energy_kwh,station_id,estimated_departure\n${lines.join('\n')}\n`
}

/** Near enough to a normal draw, within ±3. */
function bell(random: Random): number {
  return (random() + random() + random() + random() + random() + random() - 3) * Math.SQRT2
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
