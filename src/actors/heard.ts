// The newest live reading of one connector, in place, with how far its samples are apart.
import type { PhaseAmps } from '../power/site.ts'
import type { Reading } from './readings.ts'

/** Who samples less often than this is one whose readings are old. */
export const longestIntervalMs = 300_000

/** The newest live reading of a connector: changed in place, since readings come by the thousand, so what outlives the turn is taken out of it. */
export class Heard implements Reading {
  siteA: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
  highestA = 0
  provenPhases = 0
  spread = false
  totalA: number | null = null
  powerW: number | null = null
  energyWh: number | null = null
  measuredAtMs = -Infinity
  receivedAtMs = -Infinity
  intervalMs: number | undefined = undefined
  transactionId: number | null = null
  isHeard = false
  /** How far the last samples were apart, ms; NaN = not known yet. */
  #newestMs = NaN
  #beforeMs = NaN
  #oldestMs = NaN

  /** `toldMs` = its sample interval as its charge point says, 0 = it did not; else as its samples come (one gap, or one sample out of turn, changes nothing). */
  note({ siteA, highestA, provenPhases = 0, spread = false, totalA = null, powerW, energyWh, measuredAtMs, receivedAtMs }: Reading, transactionId: number | null, toldMs: number): void {
    if (this.isHeard) {
      this.#oldestMs = this.#beforeMs
      this.#beforeMs = this.#newestMs
      this.#newestMs = receivedAtMs - this.receivedAtMs
    }
    const intervalMs = Math.min(longestIntervalMs, toldMs > 0 ? toldMs : Math.round(this.#secondLongestMs() / 1000) * 1000)
    this.isHeard = true
    this.siteA = siteA
    this.highestA = highestA
    this.provenPhases = provenPhases
    this.spread = spread
    this.totalA = totalA
    this.powerW = powerW
    this.energyWh = energyWh
    this.measuredAtMs = measuredAtMs
    this.receivedAtMs = receivedAtMs
    this.intervalMs = intervalMs === 0 ? undefined : intervalMs
    this.transactionId = transactionId
  }

  /** 0 = there are not two yet. */
  #secondLongestMs(): number {
    const [a, b, c] = [this.#newestMs, this.#beforeMs, this.#oldestMs]
    if (Number.isNaN(b)) return 0
    return Number.isNaN(c) ? Math.min(a, b) : Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
  }
}
