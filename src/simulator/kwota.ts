// The running kwota of a simulation: the real actors behind the real sessions, on a virtual clock; can be killed and started again.
import type { Clock } from '../clock.ts'
import { openDirectory, type Directory } from '../actors/directory.ts'
import type { House } from '../actors/house.ts'
import { silentLog } from '../protocol/ports.ts'
import { Sessions } from '../protocol/sessions.ts'
import { createMemoryStore, type MemoryStore } from '../store/memory.ts'
import type { Random } from './random.ts'
import type { Scenario } from './scenario.ts'
import type { Exchange } from './transport.ts'

export interface SimulatedKwota {
  /** Rejects with Refusal when the configuration does not fit. */
  start(): Promise<House>
  /** kill -9: wires break, nothing is flushed; what the store has stays. */
  crash(): void
  stop(): Promise<void>
}

/** `store` = what it writes to, to be read afterwards. */
export function createKwota(options: { readonly scenario: Scenario; readonly clock: Clock; readonly random: Random; readonly exchange: Exchange; readonly store?: MemoryStore }): SimulatedKwota {
  const { scenario, clock, random, exchange } = options
  let store = options.store ?? createMemoryStore()
  let running: Directory | null = null
  let opaque = 0
  let sessionNumber = 0
  const ids = {
    transactionId: () => 1 + Math.floor(random() * 2_147_483_646),
    opaque: () => `sim-${(++opaque).toString(36).padStart(6, '0')}`,
  }

  return {
    async start() {
      const directory = await openDirectory({
        store, clock, log: { debug() {}, ...silentLog }, ids,
        provision: { sites: [scenario.site], chargePoints: scenario.chargePoints.map((each) => each.config) },
        unknownChargePoints: 'reject',
      })
      running = directory
      exchange.attach(new Sessions({ desk: directory.desk, clock, log: silentLog, ids: () => `s${++sessionNumber}` }))
      return directory.house
    },
    crash() {
      exchange.attach(null)
      running?.crash()
      running = null
      exchange.cutAll()
      store = store.restart()
    },
    async stop() {
      exchange.attach(null)
      exchange.cutAll()
      await running?.stop()
      running = null
    },
  }
}
