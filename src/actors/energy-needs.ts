// What each car still needs: what was said of it, less what its meter has counted since.
import type { Scope } from './scope.ts'

/** In steps, so that the plan does not change with every sample: about two minutes of 11 kW. */
const stepWh = 500

interface Need {
  readonly neededWh: number
  /** The meter when that was said; null = it had not been read yet. */
  readonly fromWh: number | null
}

/** What is known at one connector, changed in place. */
export interface Count {
  /** Its meter as it stood last; NaN = it was never read. */
  meterWh: number
  need: Need | null
}

export class EnergyNeeds {
  /** One per connector that was ever read, or whose car was told of. */
  private readonly counts = new Map<string, Count>()
  private readonly scope: Scope

  constructor(scope: Scope) {
    this.scope = scope
    for (const [key, value] of scope.entries('need:')) this.at(key.slice(5)).need = value as Need
  }

  /** Where the readings of a connector go. */
  at(key: string): Count {
    const known = this.counts.get(key) ?? { meterWh: NaN, need: null }
    this.counts.set(key, known)
    return known
  }

  /** What was said of the car there; the same again changes nothing. */
  told(key: string, neededWh: number | null): void {
    const count = this.counts.get(key)
    if ((count?.need?.neededWh ?? null) === neededWh) return
    if (neededWh === null) this.forget(key)
    else this.put(key, { neededWh, fromWh: count === undefined || Number.isNaN(count.meterWh) ? null : count.meterWh })
  }

  /** The meter of a connector, Wh; true when what the car there needs is another step. */
  read(key: string, energyWh: number | null, count = this.at(key)): boolean {
    if (energyWh === null || !Number.isFinite(energyWh)) return false
    const { need } = count
    if (need === null) {
      count.meterWh = energyWh
      return false
    }
    const before = remainingWh(count)
    count.meterWh = energyWh
    // A meter that stands lower than before is another one, or was set back.
    if (need.fromWh === null || energyWh < need.fromWh) this.put(key, { ...need, fromWh: energyWh })
    return remainingWh(count) !== before
  }

  /** Rounded up; never more than was said. null = nobody said. */
  remainingWh(key: string): number | null {
    const count = this.counts.get(key)
    return count === undefined ? null : remainingWh(count)
  }

  /** The connector is gone, or its car. */
  forget(key: string, withMeter = false): void {
    const count = this.counts.get(key)
    const had = (count?.need ?? null) !== null
    if (count !== undefined) count.need = null
    if (withMeter) this.counts.delete(key)
    if (had) this.scope.delete(`need:${key}`)
  }

  private put(key: string, need: Need): void {
    this.at(key).need = need
    this.scope.put(`need:${key}`, need)
  }
}

function remainingWh({ need, meterWh }: Count): number | null {
  if (need === null) return null
  const takenWh = Math.max(0, (Number.isNaN(meterWh) ? -Infinity : meterWh) - (need.fromWh ?? Infinity))
  return Math.max(0, Math.min(need.neededWh, Math.ceil((need.neededWh - takenWh) / stepWh) * stepWh))
}
