// Keeps one root actor alive: observes its errors, restarts it from its last good snapshot, and gives up when it fails too often.
import type { ActorRefLike, AnyActorLogic, Actor, EventFrom, SnapshotFrom } from 'xstate'
import type { Clock } from '../clock.ts'

export interface Budget {
  readonly restarts: number
  readonly withinMs: number
}

export interface SuperviseOptions<L extends AnyActorLogic> {
  /** Makes the actor, not yet started, from a persisted snapshot or afresh; may throw. */
  readonly start: (snapshot: unknown) => Actor<L>
  /** The persisted snapshot to begin with; undefined = afresh. */
  readonly snapshot?: unknown
  readonly clock: Clock
  /** Default: 3 restarts within 60 s. */
  readonly budget?: Budget
  readonly onRestarted?: (error: unknown) => void
  /** Told each actor once it runs; what it answers is called when that one has ended. */
  readonly running?: (actor: Actor<L>) => () => void
  /** The budget is spent. `actor` runs from the last good snapshot, or is null when even that fails; nothing else is sent to it. */
  readonly onQuarantined: (error: unknown, actor: ActorRefLike | null) => void
}

export interface Supervised<L extends AnyActorLogic> {
  /** Throws ActorFailed when this event broke the actor (it is running again from its last good snapshot), or when it is quarantined. */
  send(event: EventFrom<L>): void
  /** The newest state that was not an error. */
  snapshot(): SnapshotFrom<L>
  /** The persisted snapshot of now, kept as the last good one. */
  checkpoint(): unknown
  readonly quarantined: boolean
  stop(): void
}

export class ActorFailed extends Error {
  override readonly name = 'ActorFailed'
}

const defaultBudget: Budget = { restarts: 3, withinMs: 60_000 }

/** Throws what `start` throws, or the actor's own error, when it does not even come up the first time. */
export function supervise<L extends AnyActorLogic>(options: SuperviseOptions<L>): Supervised<L> {
  const { clock, start } = options
  const budget = options.budget ?? defaultBudget
  let good = options.snapshot
  let failures: number[] = []
  let broken: { error: unknown } | null = null
  let stopped = false
  let left = (): void => undefined
  let actor = bringUp()
  let shown: SnapshotFrom<L> = actor.getSnapshot()
  if (good === undefined) good = actor.getPersistedSnapshot()

  function bringUp(): Actor<L> {
    const fresh = start(good)
    let failed: { error: unknown } | null = null
    let running = false
    fresh.subscribe({
      error(error) {
        failed = { error }
        if (running && fresh === actor) fail(error)
      },
    })
    fresh.start()
    if (failed !== null) throw (failed as { error: unknown }).error
    running = true
    const leave = options.running?.(fresh)
    if (leave !== undefined) left = leave
    return fresh
  }

  function fail(error: unknown): void {
    if (stopped || face.quarantined) return
    broken = { error }
    let cause = error
    for (;;) {
      const now = clock.mono()
      failures = [...failures.filter((at) => now - at < budget.withinMs), now]
      const spent = failures.length > budget.restarts
      try {
        actor = bringUp()
        shown = actor.getSnapshot()
        if (!spent) return options.onRestarted?.(cause)
        return giveUp(cause, actor)
      } catch (again) {
        cause = again
        if (spent) return giveUp(cause, null)
      }
    }
  }

  function giveUp(cause: unknown, last: Actor<L> | null): void {
    face.quarantined = true
    options.onQuarantined(cause, last)
    if (last !== null && !isBroken(last.getSnapshot())) shown = last.getSnapshot()
  }

  const face: Supervised<L> & { quarantined: boolean } = {
    send(event) {
      if (face.quarantined || stopped) throw new ActorFailed(stopped ? 'the actor has stopped' : 'the actor is quarantined')
      broken = null
      actor.send(event)
      const failure = broken as { error: unknown } | null
      if (failure !== null) throw new ActorFailed(`the actor failed and was restarted: ${reasonOf(failure.error)}`, { cause: failure.error })
      shown = actor.getSnapshot()
    },
    snapshot() {
      const now = actor.getSnapshot()
      if (now === shown) return shown
      if (!face.quarantined && !isBroken(now)) shown = now
      return shown
    },
    checkpoint() {
      if (!isBroken(actor.getSnapshot())) good = actor.getPersistedSnapshot()
      return good
    },
    quarantined: false,
    stop() {
      stopped = true
      actor.stop()
      left()
    },
  }
  return face
}

function isBroken(snapshot: unknown): boolean {
  return typeof snapshot === 'object' && snapshot !== null && 'status' in snapshot && snapshot.status === 'error'
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
