// The meter at the grid connection: building plus cars on each phase, every five seconds.
import type { Clock } from '../clock.ts'
import { phases, type Phase, type PhaseAmps } from '../power/site.ts'

export interface MeteredLoad { readonly phases: readonly Phase[]; readonly drawA: number }

/** What flows at the grid connection: `baseA` of the building and every load on its phases. */
export function totalAt(baseA: PhaseAmps, loads: readonly MeteredLoad[]): PhaseAmps {
  const on = (phase: Phase) => baseA[phase] + loads.reduce((sum, load) => sum + (load.phases.includes(phase) ? load.drawA : 0), 0)
  return { L1: on('L1'), L2: on('L2'), L3: on('L3') }
}

export interface SiteMeter {
  start(): void
  stop(): void
  readonly running: boolean
}

/** Calls `push` with the amps per phase at once and then every `everyMs` until stopped. Two decimals, as such meters give. */
export function createSiteMeter(options: {
  readonly clock: Clock
  readonly everyMs: number
  readonly read: () => PhaseAmps
  readonly push: (currentA: PhaseAmps) => void
}): SiteMeter {
  let cancel: (() => void) | null = null

  function sample(): void {
    const exact = options.read()
    const currentA = { ...exact }
    for (const phase of phases) currentA[phase] = Math.round(exact[phase] * 100) / 100
    cancel = options.clock.after(options.everyMs, sample)
    options.push(currentA)
  }

  return {
    start() { if (cancel === null) sample() },
    stop() {
      cancel?.()
      cancel = null
    },
    get running() { return cancel !== null },
  }
}
