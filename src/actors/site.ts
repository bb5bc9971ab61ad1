// The site's machine: every fact is taken and reviewed by the engine beside it; the states only say how the site stands.
import { assign, fromCallback, setup } from 'xstate'
import type { Clock } from '../clock.ts'
import type { Fact } from '../power/ledger.ts'
import type { GridLimit } from '../power/limits.ts'
import type { ChargePointConfig, PhaseAmps, SiteConfig } from '../power/site.ts'
import type { Session } from '../protocol/session.ts'
import type { TransactionFact } from './site-desk.ts'

/** What is known of the car and the wishes at a connector; null = nothing said. */
export interface CarFacts {
  readonly priority: number
  readonly weight: number
  readonly vehicleMaxA: number | null
  readonly vehiclePhases: number | null
  readonly departureAt: string | null
  readonly energyNeededWh: number | null
}

/** Facts and orders for a site. */
export type SiteEvent =
  | { readonly type: 'STATION_CONNECTED'; readonly clientID: string }
  | { readonly type: 'STATION_BOOTED'; readonly session: Session; readonly another?: boolean }
  | { readonly type: 'STATION_ONLINE'; readonly session: Session }
  | { readonly type: 'PROFILES_DOUBTED'; readonly session: Session }
  | { readonly type: 'STATION_OFFLINE'; readonly clientID: string }
  | { readonly type: 'STATUS_CHANGED'; readonly key: string; readonly status: string }
  | { readonly type: 'TRANSACTION_STARTED'; readonly fact: TransactionFact }
  | { readonly type: 'TRANSACTION_STOPPED'; readonly key: string; readonly transactionId: number; readonly endedAtMs?: number }
  | { readonly type: 'PROFILE_ANSWERED'; readonly key: string; readonly fact: Fact }
  /** null = it may have what it can get. */
  | { readonly type: 'TRANSACTION_WITHHELD'; readonly key: string; readonly transactionId: number | null }
  /** null = the check is over. */
  | { readonly type: 'CHECK_CAP_SET'; readonly key: string; readonly cap: { readonly transactionId: number; readonly limitA: number } | null }
  | { readonly type: 'SITE_LIMIT_SET'; readonly grid: GridLimit | null }
  | { readonly type: 'BASE_LOAD_READ'; readonly meterA: PhaseAmps; readonly ageMs: number }
  | { readonly type: 'CAR_TOLD'; readonly key: string; readonly facts: CarFacts }
  | { readonly type: 'RECONFIGURED'; readonly site: SiteConfig; readonly chargePoints: readonly ChargePointConfig[] }
  | { readonly type: 'REVIEW'; readonly cause: string }
  | { readonly type: 'DUE' }
  | { readonly type: 'QUARANTINED' }

/** Facts of which a reconnect storm or a cut brings hundreds at once: one review serves many, so that a boot of n stations costs n and not n². */
export const comeInBursts: ReadonlySet<string> = new Set(['PROFILE_ANSWERED', 'STATUS_CHANGED', 'STATION_CONNECTED', 'STATION_BOOTED', 'STATION_ONLINE', 'STATION_OFFLINE', 'TRANSACTION_STARTED', 'TRANSACTION_STOPPED'])

/** What a review found. */
export interface Reviewed {
  readonly type: 'REVIEWED'
  readonly over: boolean
  readonly deficitA: number
  readonly nextAtMs: number
}

export interface SiteContext {
  readonly siteID: string
  readonly deficitA: number
  readonly nextAtMs: number
}

/** Stands at the context's `nextAtMs` and after each ARM at the new one; overdue ones ring at once. */
export function siteAlarm(clock: Clock, now: () => number) {
  return fromCallback<{ type: 'ARM'; atMs: number }, { atMs: number }>(({ input, sendBack, receive }) => {
    let armedMs = Infinity
    let cancel = () => {}
    const arm = (atMs: number) => {
      if (atMs === armedMs) return
      cancel()
      armedMs = atMs
      cancel = clock.after(atMs - now(), () => {
        armedMs = Infinity
        sendBack({ type: 'DUE' })
      })
    }
    arm(input.atMs)
    receive((event) => arm(event.atMs))
    return () => cancel()
  })
}

export const siteMachine = setup({
  types: {
    context: {} as SiteContext,
    events: {} as SiteEvent | Reviewed,
    input: {} as { siteID: string; nextAtMs: number },
  },
  actors: {
    alarm: fromCallback<{ type: 'ARM'; atMs: number }, { atMs: number }>(() => { throw new Error('the site machine needs an alarm') }),
  },
  actions: {
    /** Books the fact, plans, commits and sends; answers with REVIEWED. Handed in by the engine. */
    take: () => { throw new Error('the site machine needs an engine') },
    /** After too many failures: everybody to the failsafe, without the plan. */
    holdFailsafe: () => { throw new Error('the site machine needs an engine') },
    arm: ({ self, event }) => {
      if (event.type === 'REVIEWED') self.getSnapshot().children['alarm']?.send({ type: 'ARM', atMs: event.nextAtMs })
    },
  },
  guards: {
    isOver: ({ event }) => event.type === 'REVIEWED' && event.over,
    isHeld: ({ event }) => event.type === 'REVIEWED' && !event.over,
  },
}).createMachine({
  id: 'site',
  context: ({ input }) => ({ siteID: input.siteID, deficitA: 0, nextAtMs: input.nextAtMs }),
  invoke: { id: 'alarm', src: 'alarm', input: ({ context }) => ({ atMs: context.nextAtMs }) },
  initial: 'holding',
  on: {
    '*': { actions: 'take' },
    QUARANTINED: { target: '.quarantined' },
    REVIEWED: { actions: [assign(({ event }) => ({ deficitA: event.deficitA, nextAtMs: event.nextAtMs })), 'arm'] },
  },
  states: {
    holding: {
      on: { REVIEWED: { guard: 'isOver', target: 'shedding', actions: [assign(({ event }) => ({ deficitA: event.deficitA, nextAtMs: event.nextAtMs })), 'arm'] } },
    },
    shedding: {
      on: { REVIEWED: { guard: 'isHeld', target: 'holding', actions: [assign(({ event }) => ({ deficitA: event.deficitA, nextAtMs: event.nextAtMs })), 'arm'] } },
    },
    quarantined: {
      entry: 'holdFailsafe',
      on: { '*': { actions: 'holdFailsafe' }, REVIEWED: { actions: 'arm' } },
    },
  },
})
