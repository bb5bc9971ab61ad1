// What the recorder tells and keeps when much happens: its bounds, what it says is missing, and who is told.
import { createActor, createMachine } from 'xstate'
import { describe, expect, it } from 'vitest'
import type { Fact } from '../../../src/actors/inspection/attachment.ts'
import { EventRing } from '../../../src/actors/inspection/event-ring.ts'
import type { Watcher, WatchFilter } from '../../../src/actors/inspection/inspection-face.ts'
import { Recorder } from '../../../src/actors/inspection/recorder.ts'
import { RootBook, type Root } from '../../../src/actors/inspection/root-book.ts'
import type { StreamEvent } from '../../../src/actors/inspection/stream-event.ts'
import { TransitionNotes } from '../../../src/actors/inspection/transition-notes.ts'
import { VirtualClock } from '../../virtual-clock.ts'

const root: Root = { id: 'site:main', type: 'site', siteID: 'main', clientID: null, actor: createActor(createMachine({})), notes: new TransitionNotes(() => 0) }
const all: WatchFilter = { frames: true, decisions: true, definitions: false, covers: () => true }

type Told = Record<string, unknown>

function stand() {
  const clock = new VirtualClock()
  const failures: unknown[] = []
  const recorder = new Recorder({ book: new RootBook(() => clock.wall()), clock, mask: (tag) => tag, failed: (error) => failures.push(error), wanted: () => undefined })
  const watch = (more: Partial<Watcher> = {}, filter: Partial<WatchFilter> = {}) => {
    const told: Told[] = []
    const ends: string[] = []
    const stop = recorder.watch({ ...all, ...filter }, { hasRoom: () => true, mayNot: () => null, end: (reason) => ends.push(reason), tell: (texts) => told.push(...texts.map((text) => JSON.parse(text) as Told)), ...more })
    return { told, ends, stop }
  }
  return { clock, recorder, failures, watch }
}

const frame = (name: string, payload = ''): Fact => ({ kind: 'frame', root, actorID: 'site:main', type: 'site', more: { name, payload } })
const snapshot = (value: string, ended?: true): Fact => ({ kind: 'snapshot', root, actorID: 'site:main', type: 'site', event: { type: 'IT' }, snapshot: { status: 'active', value, context: {} } as NonNullable<Fact['snapshot']>, ...(ended && { ended }) })
const names = (told: readonly Told[]) => told.map(({ name }) => name)

describe('the recorder', () => {
  it('tells 1,000 of a tick at most, ends beyond that, and with the next event how many are missing', async () => {
    const { clock, recorder, watch } = stand()
    const { told } = watch()
    await clock.advance(1)
    for (let count = 1; count <= 1_005; count++) recorder.put(frame(`f${count}`))
    recorder.put(snapshot('over', true))
    await clock.advance(250)
    expect([told.length, told[999]?.['name'], told[1_000]?.['type']]).toEqual([1_001, 'f1000', '@xstate.snapshot'])
    recorder.put(frame('next'))
    recorder.put(frame('later'))
    await clock.advance(250)
    expect(told.slice(1_001)).toMatchObject([{ name: 'next', dropped: 5 }, { name: 'later' }])
    expect(told.at(-1)).not.toHaveProperty('dropped')
    expect(told.filter(({ dropped }) => dropped !== undefined)).toHaveLength(1)
  })

  it('tells half a MiB of a tick at most, ends beyond that, and counts what it leaves out', async () => {
    const { clock, recorder, watch } = stand()
    const { told } = watch()
    await clock.advance(1)
    for (let count = 1; count <= 8; count++) recorder.put(frame(`f${count}`, 'x'.repeat(100_000)))
    recorder.put(snapshot('over', true))
    await clock.advance(250)
    expect(names(told)).toEqual(['f1', 'f2', 'f3', 'f4', 'f5', 'f6', undefined])
    expect(told.at(-1)).toMatchObject({ type: '@xstate.snapshot', dropped: 2 })
  })

  it('tells of an actor that stays in its state the last snapshot of a tick alone, and each that is another', async () => {
    const { clock, recorder, watch } = stand()
    const { told } = watch()
    await clock.advance(1)
    for (const value of ['a', 'a', 'b', 'b', 'a']) recorder.put(snapshot(value))
    await clock.advance(250)
    expect(told.map(({ snapshot: shown }) => (shown as { value: string }).value)).toEqual(['a', 'b', 'a'])
  })

  it('numbers what it tells in ascending order, and keeps it for whoever looks back', async () => {
    const { clock, recorder, watch } = stand()
    const { told } = watch()
    await clock.advance(1)
    for (const name of ['one', 'two']) recorder.put(frame(name))
    await clock.advance(250)
    recorder.put(frame('three'))
    await clock.advance(250)
    expect(told.map(({ id }) => id)).toEqual(['1', '2', '3'])
    expect([...recorder.ring.events('ascending')].map(({ number }) => number)).toEqual([1, 2, 3])
  })

  it('sends away who may watch no more, and tells him nothing of it; others go on', async () => {
    const { clock, recorder, watch } = stand()
    let why: string | null = null
    const [one, other] = [watch({ mayNot: () => why }), watch()]
    await clock.advance(1)
    why = 'the key is gone'
    recorder.put(frame('secret'))
    await clock.advance(250)
    expect([one.ends[0], one.told, names(other.told)]).toEqual(['the key is gone', [], ['secret']])
    expect(other.ends).toEqual([])
  })

  it('what cannot be written is counted as missing, and nobody notices', async () => {
    const { clock, recorder, failures, watch } = stand()
    const { told } = watch()
    await clock.advance(1)
    recorder.put({ ...frame('broken'), more: { toJSON: () => { throw new Error('no') }, big: 1n } })
    recorder.put(frame('whole'))
    await clock.advance(250)
    expect(told).toMatchObject([{ name: 'whole', dropped: 1 }])
    expect(failures).toHaveLength(1)
  })

  it('tells nobody anything once all have gone, and forgets what was not written', async () => {
    const { clock, recorder, watch } = stand()
    const { told, stop } = watch()
    await clock.advance(1)
    recorder.put(frame('lost'))
    stop()
    const { told: later } = watch()
    await clock.advance(500)
    expect([told, later]).toEqual([[], []])
  })

  it('tells frames, decisions, sites and actors to those alone who asked, of sites that they may see', async () => {
    const { clock, recorder, watch } = stand()
    const viewers = [watch({}, { frames: false }), watch({}, { siteID: 'annex' }), watch({}, { actorID: 'site:annex' }), watch({}, { types: ['connector'] }), watch({}, { covers: () => false }), watch({}, { siteID: 'main', actorID: 'site:main', types: ['site'] })]
    await clock.advance(1)
    recorder.put(frame('f'))
    await clock.advance(250)
    expect(viewers.map(({ told }) => told.length)).toEqual([0, 0, 0, 0, 0, 1])
  })
})

describe('the ring', () => {
  const event = (number: number, text = ''): StreamEvent => ({ number, atMs: number, kind: 'event', root, actorID: 'site:main', type: 'site', state: null, ended: false, text })
  const numbers = (ring: EventRing, order: 'ascending' | 'descending' = 'ascending') => [...ring.events(order)].map(({ number }) => number)

  it('keeps so many of the newest, in both orders, however many came', () => {
    const ring = new EventRing({ events: 3, bytes: 1_000_000 })
    for (let number = 1; number <= 20; number++) {
      ring.add(event(number))
      expect(numbers(ring)).toEqual([number - 2, number - 1, number].filter((each) => each > 0))
      expect([ring.size, numbers(ring, 'descending')[0]]).toEqual([Math.min(3, number), number])
    }
    expect(numbers(ring, 'descending')).toEqual([20, 19, 18])
  })

  it('keeps so many bytes, and has room again for small ones behind a large one', () => {
    const ring = new EventRing({ events: 1_000, bytes: 2_000 })
    for (let number = 1; number <= 3; number++) ring.add(event(number, 'x'.repeat(700)))
    expect(numbers(ring)).toEqual([2, 3])
    for (let number = 4; number <= 12; number++) ring.add(event(number))
    expect(numbers(ring)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12].slice(-10))
    ring.add(event(13, 'x'.repeat(1_801)))
    expect(numbers(ring)).toEqual([])
    ring.clear()
    ring.add(event(14))
    expect([ring.size, numbers(ring)]).toEqual([1, [14]])
  })
})
