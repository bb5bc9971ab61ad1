// The building of a seed and its meter: what flows at the grid connection, what kwota was told of it, and the least it may count with.
import type { Clock } from '../../clock.ts'
import { perPhase, phases, type Phase, type PhaseAmps } from '../../power/site.ts'
import type { Random } from '../random.ts'
import { createSiteMeter, totalAt } from '../site-meter.ts'
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
}

/** What is past is remembered as long as kwota may still, or already, count with it. */
const rememberedMs = 60_000
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
  const past: { readonly atMs: number; readonly amps: PhaseAmps }[] = []
  let toldMs: number | null = null

  const meter = createSiteMeter({
    clock: clock, everyMs: described?.everyMs ?? usualEveryMs,
    read() {
      options.step()
      const total = totalAt(options.baseA(), options.loads())
      if (noiseA === 0) return total
      const noisy = { ...total }
      for (const phase of phases) noisy[phase] += (random() - 0.5) * 2 * noiseA
      return noisy
    },
    push: (currentA) => options.push(currentA, () => { toldMs = clock.mono() }),
  })

  const isSilent = () => toldMs === null || clock.mono() - toldMs > site.baseLoad.staleAfterS * 1000 + 2_000
  const isStarting = () => toldMs === null && described !== null && machine.bootedAtMs !== null && clock.mono() - machine.bootedAtMs < startingMs
  const lately = (of: (amps: PhaseAmps) => number) => Math.min(of(options.baseA()), ...past.map(({ amps }) => of(amps)))

  return {
    start() { if (described !== null) meter.start() },
    stop: () => meter.stop(),
    forget() { toldMs = null },
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
  }
}
