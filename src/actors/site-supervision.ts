// Keeps the actor of a site alive: restarted when it fails, and when it fails too often left with the failsafe.
import { createActor, type ActorRefLike } from 'xstate'
import { machineClock } from '../clock.ts'
import { noting } from './inspection/transition-notes.ts'
import type { siteMachine } from './site.ts'
import type { SiteRoomOptions } from './site-room-options.ts'
import { supervise, type Supervised } from './supervise.ts'

/** `held` is told the actor that holds the failsafe once the plan has failed for good. */
export function superviseSite(options: SiteRoomOptions, machine: typeof siteMachine, now: () => number, held: (actor: ActorRefLike | null) => void): Supervised<typeof siteMachine> {
  const { clock, log, alerts, site: { id: siteID } } = options
  return supervise({
    clock,
    ...(options.running === undefined ? {} : { running: options.running }),
    start: () => createActor(noting(machine), { input: { siteID, nextAtMs: now() }, clock: machineClock(clock) }),
    onRestarted: (error) => log.error({ siteID, error }, 'the site failed and was restarted'),
    onQuarantined: (error, actor) => {
      log.error({ siteID, error }, 'the site failed too often: failsafe')
      alerts.set({ code: 'quarantined', siteID }, 'The engine of this site failed repeatedly; every car was sent to its fallback.', now())
      held(actor)
      actor?.send({ type: 'QUARANTINED' })
    },
  })
}
