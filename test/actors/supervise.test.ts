// Supervision: an actor that throws on every nth event comes back from its last good snapshot, until its budget is spent.
import { describe, expect, test } from 'vitest'
import { assign, createActor, setup, type SnapshotFrom } from 'xstate'
import { ActorFailed, supervise, type Supervised } from '../../src/actors/supervise.ts'
import { VirtualClock } from '../virtual-clock.ts'

interface Context { readonly count: number; readonly quarantined: boolean }

/** Counts; `poison` throws in the machine, `poisonChild` in a child of it, `later` when a timer fires. */
function counterOn(clock: VirtualClock, options: { nth?: number } = {}) {
  let seen = 0
  const child = setup({ types: {} as { events: { type: 'boom' } } }).createMachine({
    on: { boom: { actions: () => { throw new Error('child poison') } } },
  })
  return setup({
    types: {} as { context: Context; events: { type: 'add' } | { type: 'poison' } | { type: 'poisonChild' } | { type: 'later' } | { type: 'quarantined' } },
    actors: { child },
  }).createMachine({
    context: ({ spawn }) => {
      spawn('child', { id: 'child' })
      return { count: 0, quarantined: false }
    },
    on: {
      add: {
        actions: [
          () => { if (options.nth !== undefined && ++seen % options.nth === 0) throw new Error('nth') },
          assign({ count: ({ context }) => context.count + 1 }),
        ],
      },
      poison: { actions: assign(() => { throw new Error('poison') }) },
      poisonChild: { actions: ({ self }) => { self.getSnapshot().children['child']?.send({ type: 'boom' }) } },
      later: { actions: ({ self }) => { clock.after(5, () => self.send({ type: 'poison' })) } },
      quarantined: { actions: assign({ quarantined: true }) },
    },
  })
}

function stand(options: { nth?: number; snapshot?: unknown } = {}) {
  const clock = new VirtualClock()
  const machine = counterOn(clock, options)
  const quarantines: unknown[] = []
  const restarts: unknown[] = []
  const actor: Supervised<typeof machine> = supervise({
    start: (snapshot) => createActor(machine, snapshot === undefined ? {} : { snapshot: snapshot as SnapshotFrom<typeof machine> }),
    clock,
    ...(options.snapshot === undefined ? {} : { snapshot: options.snapshot }),
    onRestarted: (error) => restarts.push(error),
    onQuarantined(error, last) {
      quarantines.push(error)
      last?.send({ type: 'quarantined' })
    },
  })
  return { clock, actor, quarantines, restarts, count: () => actor.snapshot().context.count }
}

describe('restart', () => {
  test.each(['poison', 'poisonChild'] as const)('%s: the sender hears of it, the state is the last good one', (type) => {
    const { actor, restarts, count } = stand()
    actor.send({ type: 'add' })
    actor.checkpoint()
    actor.send({ type: 'add' })
    expect(() => actor.send({ type })).toThrow(ActorFailed)
    expect(count()).toBe(1)
    expect(restarts).toHaveLength(1)
    actor.send({ type: 'add' })
    expect(count()).toBe(2)
  })
  test('a failure that nobody sent is noticed too', async () => {
    const { actor, clock, restarts, quarantines } = stand()
    actor.send({ type: 'later' })
    await clock.advance(10)
    expect([restarts.length, quarantines.length, actor.quarantined]).toEqual([1, 0, false])
  })
  test('without a checkpoint it begins afresh', () => {
    const { actor, count } = stand()
    actor.send({ type: 'add' })
    expect(() => actor.send({ type: 'poison' })).toThrow(/poison/)
    expect(count()).toBe(0)
  })
  test('throwing on every nth event, slowly enough, goes on for ever', async () => {
    const { actor, clock, count } = stand({ nth: 3 })
    let failed = 0
    for (let at = 0; at < 60; at++) {
      try {
        actor.send({ type: 'add' })
        actor.checkpoint()
      } catch {
        failed++
      }
      await clock.advance(8_000)
    }
    expect([failed, count(), actor.quarantined]).toEqual([20, 40, false])
  })
})

describe('quarantine', () => {
  test('three restarts within 60 s are allowed, the fourth failure is too many', async () => {
    const { actor, clock, quarantines, restarts } = stand()
    for (let at = 0; at < 4; at++) {
      expect(actor.quarantined).toBe(false)
      expect(() => actor.send({ type: 'poison' })).toThrow(ActorFailed)
      await clock.advance(10_000)
    }
    expect([restarts.length, quarantines.length, actor.quarantined]).toEqual([3, 1, true])
    expect(actor.snapshot().context.quarantined).toBe(true)
    expect(() => actor.send({ type: 'add' })).toThrow(/quarantined/)
    expect(quarantines).toHaveLength(1)
  })
  test('the budget comes back with time', async () => {
    const { actor, clock, quarantines } = stand()
    for (let at = 0; at < 12; at++) {
      expect(() => actor.send({ type: 'poison' })).toThrow(ActorFailed)
      await clock.advance(20_000)
    }
    expect(quarantines).toHaveLength(0)
  })
  test('what does not even come up the first time is thrown to whoever starts it', () => {
    expect(() => stand({ snapshot: { status: 'active', value: 'nowhere', context: {}, children: {}, historyValue: {} } })).toThrow(/nowhere/)
  })
  test('a stopped one takes nothing', () => {
    const { actor } = stand()
    actor.stop()
    expect(() => actor.send({ type: 'add' })).toThrow(/stopped/)
  })
})
