// What each car still needs: what was said of it, less what its meter has counted since.
import type { Scope } from './scope.ts'

/** In steps, so that the plan does not change with every sample: about two minutes of 11 kW. */
const stepWh = 500

interface Need {
  readonly neededWh: number
  /** The meter when that was said; null = it had not been read yet. */
  readonly fromWh: number | null
}

export class EnergyNeeds {
  private readonly needs = new Map<string, Need>()
  /** Meters as they stood last, one per connector that was ever read. */
  private readonly meters = new Map<string, number>()
  private readonly scope: Scope

  constructor(scope: Scope) {
    this.scope = scope
    for (const [key, value] of scope.entries('need:')) this.needs.set(key.slice(5), value as Need)
  }

  /** What was said of the car there; the same again changes nothing. */
  told(key: string, neededWh: number | null): void {
    if ((this.needs.get(key)?.neededWh ?? null) === neededWh) return
    if (neededWh === null) this.forget(key)
    else this.put(key, { neededWh, fromWh: this.meters.get(key) ?? null })
  }

  /** The meter of a connector, Wh; true when what the car there needs is another step. */
  read(key: string, energyWh: number | null): boolean {
    if (energyWh === null || !Number.isFinite(energyWh)) return false
    const before = this.remainingWh(key)
    this.meters.set(key, energyWh)
    const need = this.needs.get(key)
    // A meter that stands lower than before is another one, or was set back.
    if (need !== undefined && (need.fromWh === null || energyWh < need.fromWh)) this.put(key, { ...need, fromWh: energyWh })
    return this.remainingWh(key) !== before
  }

  /** Rounded up; never more than was said. null = nobody said. */
  remainingWh(key: string): number | null {
    const need = this.needs.get(key)
    if (need === undefined) return null
    const takenWh = Math.max(0, (this.meters.get(key) ?? -Infinity) - (need.fromWh ?? Infinity))
    return Math.max(0, Math.min(need.neededWh, Math.ceil((need.neededWh - takenWh) / stepWh) * stepWh))
  }

  /** The connector is gone, or its car. */
  forget(key: string, withMeter = false): void {
    if (withMeter) this.meters.delete(key)
    if (this.needs.delete(key)) this.scope.delete(`need:${key}`)
  }

  private put(key: string, need: Need): void {
    this.needs.set(key, need)
    this.scope.put(`need:${key}`, need)
  }
}
