// kwota in a seed: the real actors and sessions on the simulated machine, killed and started again on the same store.
import { Subscription } from 'rxjs'
import { openDirectory, type Directory } from '../../actors/directory.ts'
import type { House, KwotaEvent } from '../../actors/house.ts'
import { Sessions } from '../../protocol/sessions.ts'
import type { FaultyStore } from '../faulty-store.ts'
import type { Random } from '../random.ts'
import type { Machine, Process } from './machine.ts'
import type { Network } from './network.ts'
import type { World } from './world.ts'

export interface Tenant {
  /** Tries until it is up; the store may be ill. */
  start(): void
  /** kill -9: of the writes under way the first `keeps` (0 to 1) are on the disk. */
  kill(keeps: number): void
  /** Runs `fn` in its process, now or when it is awake again; not at all when it is not there. */
  tell(fn: (house: House) => void): void
  readonly house: House | null
  stop(): Promise<void>
}

export interface TenantOptions {
  readonly world: World
  readonly machine: Machine
  readonly store: FaultyStore
  readonly network: Network
  readonly random: Random
  readonly later: (delayMs: number, fn: () => void) => void
  readonly event: (event: KwotaEvent) => void
  readonly opened: (house: House) => void
  /** It failed in a way that no fault of the world explains. */
  readonly failed: (message: string) => void
}

const startAgainMs = 2_000
/** What a broken store or a charge point may rightly cause. */
const expected = /store|StaleEpoch|records are closed|answers no calls/i

export function createTenant(options: TenantOptions): Tenant {
  const { world, machine, store, network, random } = options
  let process: Process | null = null
  let directory: Directory | null = null
  let listening = Subscription.EMPTY
  let [opaque, sessions, generation] = [0, 0, 0]

  const log = (mine: number) => {
    const say = (fields: object, message: string) => {
      if (mine !== generation) return
      const error = (fields as { error?: unknown; err?: unknown }).error ?? (fields as { err?: unknown }).err
      const why = error instanceof Error ? `${error.message} ${error.stack?.split('\n')[1]?.trim() ?? ''}` : String(error ?? '')
      if (!expected.test(`${message} ${why}`)) options.failed(`${message}: ${why}`)
    }
    return { debug() {}, info() {}, warn() {}, error: say }
  }

  function start(): void {
    const mine = ++generation
    const fresh = machine.boot()
    process = fresh
    const silent = log(mine)
    openDirectory({
      store: store.open(fresh.deliver), clock: fresh.clock, log: silent,
      pause: () => new Promise((resolve) => { fresh.clock.after(0, resolve) }),
      ids: { transactionId: () => 1 + Math.floor(random() * 2_147_483_646), opaque: () => `sim-${(++opaque).toString(36).padStart(6, '0')}` },
      settings: { leaseMs: world.leaseS * 1000 },
      provision: { sites: [world.site], chargePoints: world.chargePoints.map(({ config }) => config) },
      unknownChargePoints: 'reject',
    }).then((opened) => {
      if (mine !== generation) return opened.crash()
      directory = opened
      listening = opened.house.events$.subscribe(options.event)
      network.attach({ deliver: fresh.deliver, sessions: new Sessions({ desk: opened.desk, clock: fresh.clock, log: silent, ids: () => `s${++sessions}` }) })
      options.opened(opened.house)
    }, (error: unknown) => {
      if (mine !== generation) return
      const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      if (!expected.test(why)) return options.failed(`kwota does not start: ${why}`)
      // As a supervisor does: the process has ended and is started again.
      end(0.5)
      options.later(startAgainMs, () => { if (process === null) start() })
    })
  }

  function end(keeps: number): void {
    generation++
    network.attach(null)
    listening.unsubscribe()
    directory?.crash()
    directory = null
    machine.kill()
    store.crash(keeps)
    process = null
    network.cutAll()
  }

  return {
    start,
    kill: end,
    tell(fn) {
      const mine = generation
      process?.deliver(() => { if (mine === generation && directory !== null) fn(directory.house) })
    },
    get house() { return directory?.house ?? null },
    async stop() {
      generation++
      network.attach(null)
      network.cutAll()
      await directory?.stop()
    },
  }
}
