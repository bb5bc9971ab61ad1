// Cars that charge as cars do: each says once a second what it draws, now more and now less, never above its limit, and pauses now and then.
import { meterFrame } from './meter-frame.ts'
import { randomFrom } from './random.ts'
import type { Station } from './station.ts'

export interface CarsOptions {
  readonly seed: number
  /** Left out: 1000. */
  readonly everyMs?: number
  /** Cars that pause or go on, a second, all together; left out: 1. */
  readonly changesPerS?: number
}

export interface Cars {
  /** Frames so far. */
  readonly sent: number
  stop(): void
}

const tickMs = 10
const lowestA = 6
const highestA = 32
const volts = 230

/** Evenly spread over the second, so that no two speak at once. */
export function driveCars(stations: readonly Station[], { seed, everyMs = 1_000, changesPerS = 1 }: CarsOptions): Cars {
  const next = randomFrom(seed)
  const cars = stations.map(() => ({ wantsA: lowestA + next() * (highestA - lowestA), energyWh: 1_000, paused: false }))
  const begunMs = performance.now()
  let [sent, turns, changes] = [0, 0, 0]
  const timer = setInterval(() => {
    const passedMs = performance.now() - begunMs
    for (; turns < (passedMs / everyMs) * stations.length; turns++) {
      const at = turns % stations.length
      const [station, car] = [stations[at]!, cars[at]!]
      car.wantsA = Math.min(highestA, Math.max(lowestA, car.wantsA + (next() - 0.5) * 3))
      const drawnA = car.paused ? 0 : Math.min(car.wantsA, station.limitA)
      car.energyWh += (drawnA * volts * 3 * everyMs) / 3_600_000
      station.send(meterFrame(`m${turns}`, station.transactionId, Math.round(car.energyWh), drawnA))
      sent++
    }
    for (; changes < (passedMs / 1_000) * changesPerS; changes++) {
      const at = Math.floor(next() * stations.length)
      const car = cars[at]!
      car.paused = !car.paused
      stations[at]!.send(JSON.stringify([2, `s${changes}`, 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: car.paused ? 'SuspendedEV' : 'Charging', timestamp: new Date().toISOString() }]))
      sent++
    }
  }, tickMs)
  return { get sent() { return sent }, stop: () => clearInterval(timer) }
}
