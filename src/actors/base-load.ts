// A reading of the site meter that somebody pushes: what may be taken, and what it says about now.
import { perPhase, phases } from '../power/site.ts'
import type { Estate, SiteEntry } from './estate.ts'
import { Refusal, type BaseLoadInput } from './house.ts'

/** Throws Refusal `reading-in-the-future` or `reading-stale`. */
export function pushBaseLoad({ options: { clock } }: Estate, { room, record: { site } }: SiteEntry, reading: BaseLoadInput): void {
  const nowMs = clock.wall()
  const atMs = reading.at === undefined ? nowMs : Date.parse(reading.at)
  if (atMs > nowMs + 10_000) throw new Refusal('invalid', 'reading-in-the-future', `The reading is from ${reading.at}, which is more than 10 s ahead of this clock.`, { errors: [{ pointer: '/at', message: 'at most 10 s in the future' }] })
  if (nowMs - atMs > site.baseLoad.staleAfterS * 1000) throw new Refusal('invalid', 'reading-stale', `The reading is older than ${site.baseLoad.staleAfterS} s and says nothing about now.`, { errors: [{ pointer: '/at', message: `at most ${site.baseLoad.staleAfterS} s old` }] })
  if ('currentA' in reading) return room.readBaseLoad(perPhase(reading.currentA), nowMs - atMs)
  const amps = { L1: 0, L2: 0, L3: 0 }
  for (const phase of phases) amps[phase] = reading.powerW[phase] / site.voltage
  room.readBaseLoad(amps, nowMs - atMs)
}
