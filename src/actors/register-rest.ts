// Whether a car rests, by the flow of its register alone: many charge points say neither power nor current.
import { restW } from '../sessions/session-power.ts'

/** Registers count in steps, some of 0.1 kWh: in less time than this none that is still says that a car rests. */
const windowMs = 300_000

export class RegisterRest {
  isResting = false
  private from: { readonly atMs: number; readonly energyWh: number } | null = null

  /** A reading of the register; answers since when it rests, or rests no more, where that is news, else null. Those that are older than the one before say nothing. */
  note(atMs: number, energyWh: number): number | null {
    const { from } = this
    if (from !== null && atMs <= from.atMs) return null
    if (from === null || energyWh < from.energyWh) {
      this.from = { atMs, energyWh }
      return null
    }
    const lengthMs = atMs - from.atMs
    const rests = (energyWh - from.energyWh) * 3_600_000 < restW * Math.max(lengthMs, windowMs)
    if (rests && lengthMs < windowMs) return null
    this.from = { atMs, energyWh }
    if (rests === this.isResting) return null
    this.isResting = rests
    return from.atMs
  }

  /** It may draw nothing: what flows until it may again says nothing of the car. */
  beginAnew(): void {
    this.from = null
  }
}
