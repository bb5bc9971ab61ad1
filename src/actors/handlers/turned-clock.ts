// How far our own clock was turned while a charge point's transactions run: kept, so that they count on after a restart as if nobody had.
import { rightWithinMs } from './said-time.ts'
import type { Station } from './station.ts'

type Turning = Pick<Station, 'clientID' | 'scope' | 'clock' | 'tallies'>

const keyOf = ({ clientID }: Turning): string => `turned:${clientID}`

/** By so much, ms, when it was noted last; 0 = not at all. */
export function turnedMs(station: Turning): number {
  const kept = station.scope.get(keyOf(station))
  return typeof kept === 'number' ? kept : 0
}

/** Puts it into the scope where it is another than was kept; while nothing runs nobody needs it. */
export function noteTurn(station: Turning): void {
  const { clock, tallies, scope } = station
  const byMs = tallies.running.size === 0 ? 0 : Math.round(clock.wall() - clock.mono() - tallies.aheadMs)
  const keptMs = turnedMs(station)
  if (byMs === 0 ? keptMs === 0 : Math.abs(byMs - keptMs) < rightWithinMs) return
  if (Math.abs(byMs) < rightWithinMs) scope.delete(keyOf(station))
  else scope.put(keyOf(station), byMs)
}
