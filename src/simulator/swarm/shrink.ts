// Makes a failing world small: fewer events, fewer charge points, less time, as long as the same promise is still broken.
import type { SeedResult } from './play.ts'
import type { World, WorldEvent } from './world.ts'

export interface Shrunk { readonly world: World; readonly result: SeedResult; readonly plays: number }

/** Plays at most `budget` worlds. `fails` = the first finding of the result breaks the same promise. */
export async function shrinkWorld(world: World, result: SeedResult, play: (world: World) => Promise<SeedResult>, budget = 200): Promise<Shrunk> {
  const broken = result.findings[0]?.invariant
  let best = world
  let bestResult = result
  let plays = 0

  async function attempt(next: World): Promise<boolean> {
    if (plays >= budget) return false
    plays++
    const got = await play(next)
    if (!got.findings.some(({ invariant }) => invariant === broken)) return false
    best = next
    bestResult = got
    return true
  }

  /** Halves, quarters, … of the events are left out while it goes on failing. */
  async function fewerEvents(): Promise<void> {
    for (let size = Math.ceil(best.events.length / 2); size >= 1 && plays < budget; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 0; from < best.events.length && plays < budget;) {
        const events = [...best.events.slice(0, from), ...best.events.slice(from + size)]
        if (!await attempt({ ...best, events })) from += size
      }
    }
  }

  async function fewerStations(): Promise<void> {
    for (const { config } of [...best.chargePoints].reverse()) {
      if (best.chargePoints.length === 1) return
      await attempt({ ...best, chargePoints: best.chargePoints.filter((each) => each.config.id !== config.id), events: best.events.filter((event) => !concerns(event, config.id)) })
    }
  }

  async function lessTime(): Promise<void> {
    const atMs = bestResult.findings.find(({ invariant }) => invariant === broken)?.atMs ?? best.endMs
    if (atMs >= best.healMs) return
    const healMs = atMs + 2_000
    await attempt({ ...best, healMs, endMs: healMs + 1_000, events: best.events.filter((event) => event.atMs <= atMs) })
  }

  await lessTime()
  await fewerStations()
  await fewerEvents()
  await fewerStations()
  for (const each of best.chargePoints) {
    if (each.behaviours.length > 0) await attempt({ ...best, chargePoints: best.chargePoints.map((one) => (one.config.id === each.config.id ? { ...one, behaviours: [] } : one)) })
  }
  await lessTime()
  return { world: best, result: bestResult, plays }
}

function concerns(event: WorldEvent, client: string): boolean {
  return ('client' in event && event.client === client) || ('key' in event && event.key.startsWith(`${client}/`))
}
