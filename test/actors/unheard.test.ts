// What nobody waits for may fail: it is said and the process lives; an unhandled rejection fails the run of these tests.
import { expect, test } from 'vitest'
import { afterBoot } from '../../src/actors/after-boot.ts'
import { Batches } from '../../src/actors/batches.ts'
import { Pump } from '../../src/actors/command-pump.ts'
import { openScope } from '../../src/actors/scope.ts'
import { usualQuirks } from '../../src/power/quirks.ts'
import { StationLink } from '../../src/actors/station-link.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { openStand } from './family-stand.ts'
import { accept, Peer } from './site-stand.ts'

const broken = (): never => { throw new Error('broken') }

test('a step after the boot that fails at once keeps no other from its turn', async () => {
  const { family: { station } } = await openStand()
  const steps: unknown[] = []
  await afterBoot({ ...station, snapshot: broken, settings: broken, get tallies(): never { return broken() }, log: { ...station.log, warn: ({ step }: { step?: string }) => steps.push(step) } }, () => true)
  expect(steps).toEqual(['noteFirmwareBooted', 'tendLimits', 'bringConfiguration', 'keepLocalList'])
})

test('an item of a batch that fails at once is refused, and the batch ends', async () => {
  const clock = new VirtualClock()
  const scope = await openScope({ store: createMemoryStore(), name: 'kwota', clock })
  const batches = new Batches({ scope, wall: () => clock.wall(), newId: () => '1', command: () => undefined })
  await batches.start({ operation: 'reset', clientIDs: ['CP1', 'CP2'], maxParallel: 2, createdBy: 'tester', run: broken })
  await clock.advance(0)
  expect(batches.list()).toMatchObject([{ status: 'finished', counts: { refused: 2 }, items: [{ error: { code: 'internal' } }, { error: { code: 'internal' } }] }])
})

test('a ChargePointMaxProfile that cannot be written is said', async () => {
  const clock = new VirtualClock()
  const refused: string[] = []
  const link = new StationLink({
    now: () => clock.wall(), wall: () => clock.wall(), learnt: { stackLevel: 1, maxA: null }, learn: () => undefined, answered: () => undefined, sent: () => undefined, quirks: () => usualQuirks,
    refused: (what) => refused.push(what),
  })
  const peer = new Peer(clock, 'CP1')
  peer.script = accept
  link.join(peer, Number.NaN)
  await clock.advance(1_000)
  expect([refused, peer.calls]).toEqual([['ChargePointMaxProfile'], []])
})

test('a stack level that is learnt and cannot be kept is said, and what waits for it leaves', async () => {
  const clock = new VirtualClock()
  const refused: string[] = []
  const link = new StationLink({
    now: () => clock.wall(), wall: () => clock.wall(), learnt: { stackLevel: null, maxA: 32, inUse: 0 }, learn: broken, answered: () => undefined, sent: () => undefined, quirks: () => usualQuirks,
    refused: (what) => refused.push(what),
  })
  const peer = new Peer(clock, 'CP1')
  link.join(peer, 32)
  let left = 0
  link.send('CP1/1', 'mark', 0, () => { left++; return null })
  await clock.advance(1_000)
  expect([refused, left]).toEqual([['GetConfiguration'], 1])
})

test('a sending that fails is said, and the next start tries again', async () => {
  const failures: unknown[] = []
  const sent: number[] = []
  const waiting = [1, 2]
  let failing = true
  const pump = new Pump<number>({
    next: () => waiting[0], isOpen: () => true, failed: (error) => failures.push(error),
    send: async (one) => { if (failing) broken(); sent.push(one); waiting.shift() },
  })
  pump.start()
  await new VirtualClock().advance(0)
  expect([sent, failures.length]).toEqual([[], 1])
  failing = false
  pump.start()
  await new VirtualClock().advance(0)
  expect([sent, failures.length]).toEqual([[1, 2], 1])
})
