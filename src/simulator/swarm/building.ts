// The building of a seed and its meter: what flows at the grid connection, what kwota was told of it, and the least it may count with.
import type { Clock } from '../../clock.ts'
import { perPhase, phases, type Phase, type PhaseAmps } from '../../power/site.ts'
import type { Random } from '../random.ts'
import { createSiteMeter, totalAt } from '../site-meter.ts'
import type { On } from './grid-witness.ts'
import type { Machine } from './machine.ts'
import type { World } from './world.ts'
import type { Load } from './yard.ts'

export interface Building {
  start(): void
  stop(): void
  /** kwota is up again and has heard nothing yet. */
  forget(): void
  /** Keeps what the building takes now; call it every few seconds. */
  note(): void
  /** How long kwota has heard nothing, ms; null = there is no meter, or it has said nothing yet. */
  readonly silentMs: number | null
  /** The least per phase that kwota may count with now; null while it cannot be held to it. */
  leastA(): PhaseAmps | null
  /** The least that one phase may count above another; null while nobody can be held to it. */
  leastTiltA(one: Phase, other: Phase): number | null
  /** What one phase really carries above another; null where kwota was told other than that. */
  tiltA(one: Phase, other: Phase): number | null
  /** How much less than the building takes all readings of the last half minute have shown that were read when it took no less; 0 where there were none. */
  missedA(on: On): number
}

/** What is past is remembered as long as kwota may still, or already, count with it. */
const rememberedMs = 60_000
/** A rise counts at once and holds for so long. */
const shownMs = 30_000
const usualEveryMs = 5_000
const startingMs = 10_000

export function createBuilding(options: {
  readonly world: World; readonly clock: Clock; readonly machine: Machine; readonly random: Random
  readonly baseA: () => PhaseAmps; readonly loads: () => readonly Load[]; readonly step: () => void
  /** Brings a reading to kwota and calls `told` when it has it. */
  readonly push: (currentA: PhaseAmps, told: () => void) => void
}): Building {
  const { world: { site, meter: described }, clock, machine, random } = options
  const noiseA = described?.noiseA ?? 0
  const leastBaseA = site.baseLoad.creditExport ? -Infinity : 0
  const counted = ({ L1, L2, L3 }: PhaseAmps): PhaseAmps => ({ L1: Math.max(leastBaseA, L1), L2: Math.max(leastBaseA, L2), L3: Math.max(leastBaseA, L3) })
  const past: { readonly atMs: number; readonly amps: PhaseAmps }[] = []
  /** What kwota heard lately: the building as it was, and as the reading showed it. */
  let heard: { readonly atMs: number; readonly baseA: PhaseAmps; readonly shownA: PhaseAmps }[] = []
  let shownA = options.baseA()
  let toldMs: number | null = null

  const meter = createSiteMeter({
    clock: clock, everyMs: described?.everyMs ?? usualEveryMs,
    read() {
      options.step()
      const total = totalAt(options.baseA(), options.loads())
      shownA = { ...options.baseA() }
      if (noiseA === 0) return total
      const noisy = { ...total }
      for (const phase of phases) {
        const noise = (random() - 0.5) * 2 * noiseA
        noisy[phase] += noise
        shownA[phase] += noise
      }
      return noisy
    },
    push(currentA) {
      const reading = { atMs: clock.mono(), baseA: counted(options.baseA()), shownA: counted(shownA) }
      options.push(currentA, () => {
        const nowMs = clock.mono()
        toldMs = nowMs
        heard = [...heard.filter(({ atMs }) => nowMs - atMs <= shownMs), reading]
      })
    },
  })

  const isSilent = () => toldMs === null || clock.mono() - toldMs > site.baseLoad.staleAfterS * 1000 + 2_000
  const isStarting = () => toldMs === null && described !== null && machine.bootedAtMs !== null && clock.mono() - machine.bootedAtMs < startingMs
  const lately = (of: (amps: PhaseAmps) => number) => Math.min(of(options.baseA()), ...past.map(({ amps }) => of(amps)))

  return {
    start() { if (described !== null) meter.start() },
    stop: () => meter.stop(),
    forget() {
      toldMs = null
      heard = []
    },
    note() {
      past.push({ atMs: clock.mono(), amps: options.baseA() })
      while ((past[0]?.atMs ?? Infinity) < clock.mono() - rememberedMs) past.shift()
    },
    get silentMs() { return toldMs === null ? null : clock.mono() - toldMs },
    leastA() {
      if (isSilent()) return isStarting() ? null : perPhase(site.baseLoad.worstCaseA)
      return { L1: lately(({ L1 }) => L1), L2: lately(({ L2 }) => L2), L3: lately(({ L3 }) => L3) }
    },
    leastTiltA: (one, other) => (isSilent() ? null : lately((amps) => amps[one] - amps[other]) - noiseA),
    // The worst case of a building without a meter is the same on every phase, and so is what it takes.
    tiltA: (one, other) => options.baseA()[one] - options.baseA()[other],
    missedA(on) {
      const takesA = valueOn(counted(options.baseA()), on)
      const readings = isSilent() ? [] : heard.filter(({ atMs, baseA }) => clock.mono() - atMs <= shownMs && valueOn(baseA, on) >= takesA - 1e-9)
      return readings.length === 0 ? 0 : Math.max(0, takesA - Math.max(...readings.map((reading) => valueOn(reading.shownA, on))))
    },
  }
}

/** Watts are told in amps per phase. */
function valueOn(amps: PhaseAmps, on: On): number {
  if (on === 'W') return phases.reduce((sum, phase) => sum + amps[phase], 0) / 3
  const [one, other] = on.split('-')
  const of = (name: string | undefined) => phases.reduce((sum, phase) => (phase === name ? amps[phase] : sum), 0)
  return of(one) - of(other)
}
