// What a seed enables: each fault of the catalogue or not, and how often; many small worlds, few large ones.
import type { BehaviourName } from '../behaviours.ts'
import { between, type Random } from '../random.ts'

/** Faults of a world; a rate is events per simulated minute, 0 = never. */
export interface SwarmOptions {
  readonly stations: number
  readonly carsPerMinute: number
  readonly limitCuts: number
  readonly ttlLimits: number
  readonly limitClears: number
  readonly baseJumps: number
  readonly meterSilences: number
  readonly meterNoiseA: number
  readonly hasMeter: boolean
  readonly patches: number
  readonly remoteStops: number
  readonly remoteStarts: number
  readonly unlocks: number
  readonly slowLines: number
  readonly stalls: number
  readonly cuts: number
  readonly halfOpens: number
  readonly deafLines: number
  readonly muteLines: number
  readonly intruders: number
  readonly storeSlow: number
  readonly storeFailing: number
  readonly storeHanging: number
  readonly storeTimeouts: number
  readonly kills: number
  readonly freezes: number
  readonly wallSteps: number
  readonly reboots: number
  readonly outages: number
  readonly silences: number
  readonly misbehaviours: number
  readonly suspends: number
  readonly lateJoins: boolean
  readonly behaviours: readonly BehaviourName[]
  readonly curtailments: number
  /** Somebody stops following his profiles for a while. */
  readonly disobediences: number
  readonly schedules: boolean
  readonly imbalance: boolean
  readonly direct: boolean
  readonly demandWindow: boolean
  /** Far more cars than the fuse has minimums for. */
  readonly crowded: boolean
  readonly anyPolicy: boolean
  /** Cars say when they leave and how much they want, or take less than they may. */
  readonly carsOfMind: boolean
}

const catalogue: readonly BehaviourName[] = [
  'ignores-profiles', 'applies-late', 'answers-late', 'forgets-on-disconnect', 'forgets-on-reboot', 'full-power-after-pause', 'rejects-tx-profile',
  'not-supported', 'watts-only', 'claims-amps', 'connector-zero-only', 'single-phase', 'no-meter', 'meter-in-kw', 'clock-ahead',
  'repeats-start-transaction', 'transaction-id-zero', 'drops-socket', 'lies-in-composite', 'no-composite', 'meter-negative', 'meter-backwards', 'meter-not-a-number',
]

/** Every tenth seed has no faults: there the most that is feasible must be granted. */
export function drawOptions(random: Random, mostStations: number): SwarmOptions {
  const calm = random() < 0.1
  /** Off for two seeds in three; otherwise log-uniform up to `mostPerMinute`. */
  const rate = (mostPerMinute: number, chance = 0.33): number => {
    const [on, level] = [random() < chance, random()]
    return on && !calm ? Math.round(mostPerMinute * 10 ** (-1.2 * level) * 1000) / 1000 : 0
  }
  const size = random()
  const stations = size < 0.6 ? between(random, 1, 5) : size < 0.9 ? between(random, 5, 10) : size < 0.98 ? between(random, 10, 20) : between(random, 20, 50)
  const drawn = {
    stations: Math.min(stations, mostStations),
    carsPerMinute: calm ? 0 : 0.2 + random() * 2,
    limitCuts: rate(2, 0.5), ttlLimits: rate(1), limitClears: rate(0.5),
    baseJumps: rate(3, 0.5), meterSilences: rate(0.5), meterNoiseA: !calm && random() < 0.4 ? Math.round(random() * 10) / 10 : 0, hasMeter: random() < 0.8,
    patches: rate(1), remoteStops: rate(1), remoteStarts: rate(1), unlocks: rate(0.5),
    slowLines: rate(2), stalls: rate(2), cuts: rate(3), halfOpens: rate(1.5), deafLines: rate(1.5), muteLines: rate(1.5), intruders: rate(1),
    storeSlow: rate(1), storeFailing: rate(1), storeHanging: rate(1), storeTimeouts: rate(1),
    kills: rate(1), freezes: rate(1), wallSteps: rate(0.3),
    reboots: rate(1), outages: rate(1), silences: rate(1), misbehaviours: rate(2, 0.4), suspends: rate(2),
    lateJoins: !calm && random() < 0.2,
    behaviours: calm ? [] : catalogue.filter(() => random() < 0.25),
  }
  const imbalance = random() < 0.15
  const schedules = !calm && random() < 0.2
  return {
    ...drawn, imbalance, schedules,
    // Whoever draws on fewer phases than was said tilts them in a way that nobody can know beforehand.
    behaviours: imbalance ? drawn.behaviours.filter((name) => name !== 'single-phase') : drawn.behaviours,
    // The calendar goes by the wall clock: when it jumps nobody can be held to it.
    wallSteps: schedules ? 0 : drawn.wallSteps,
    curtailments: rate(1.5, 0.4), disobediences: rate(1, 0.2), direct: random() < 0.15, demandWindow: drawn.hasMeter && !calm && random() < 0.1, crowded: random() < 0.12,
    anyPolicy: random() < 0.5, carsOfMind: !calm && random() < 0.5,
  }
}
