// Whom a limit kept at 0 A is not taken to have wanted nothing: what happened says so, and so does what is played again.
import { describe, expect, test } from 'vitest'
import { MessageBlocks } from '../../../src/actors/message-block.ts'
import { historyCommand } from '../../../src/cli/simulate-history.ts'
import { systemClock } from '../../../src/clock.ts'
import { playScenario } from '../../../src/simulator/run.ts'
import { readScenario } from '../../../src/simulator/scenario.ts'
import { readTraces, wasHeldBack, type Stay, type Traces } from '../../../src/simulator/sessions/held-back.ts'
import { eachEntry } from '../../../src/simulator/sessions/stored-series.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'

/** CP1 is held at 0 all along, CP2 from the middle on, CP3 is full before that, CP4 does not want anything. */
const recorded = `
name: A morning that was cut off
site: { id: main, fuseA: 63 }
chargePoints:
  - { id: CP1, sampleS: 60 }
  - { id: CP2, sampleS: 60 }
  - { id: CP3, sampleS: 60 }
  - { id: CP4, sampleS: 60 }
timeline:
  - { at: 0, plugIn: CP2/1, car: { energyNeededWh: 30000, maxA: 16 } }
  - { at: 0, plugIn: CP3/1, car: { energyNeededWh: 1000, maxA: 16 } }
  - { at: 0, plugIn: CP4/1, car: { energyNeededWh: 9000 } }
  - { at: 0, suspend: CP4/1 }
  - { at: 1800, gridLimit: { currentA: 0 } }
  - { at: 1860, plugIn: CP1/1, car: { energyNeededWh: 9000 } }
  - { at: 3600, unplug: CP1/1 }
  - { at: 3660, unplug: CP2/1 }
  - { at: 3720, unplug: CP3/1 }
  - { at: 3780, unplug: CP4/1 }
  - { at: 3900, plugIn: CP3/1 }
`

interface Told { readonly deliveredKWh: number; readonly servedInFullPercent: number; readonly notServed: number }

test('a car that was held at 0 A counts as wanting what it could have got, and as not served', async () => {
  const store = createMemoryStore()
  await playScenario(readScenario(recorded, 'recorded'), { store })
  const epoch = await store.own('main')
  const fromMs = Date.parse('2026-01-01T00:10:00Z')
  await store.commit('main', epoch, { puts: new Map<string, unknown>([['curtailment:cut_1', { v: 1, startsAtMs: fromMs, expiresAtMs: fromMs + 60_000, cancelledAtMs: null }], ['curtailment:cut_2', { v: 1, startsAtMs: 0, expiresAtMs: 60_000, cancelledAtMs: null }]]) })
  let [out, err] = ['', '']
  const io = { stdout: { write: (text: string) => { out += text } }, stderr: { write: (text: string) => { err += text } }, clock: systemClock, openHistory: () => Promise.resolve({ ...store, close: () => Promise.resolve() }) }
  expect(await historyCommand({ fromHistory: 'data', json: true, limit: '63A' }, io)).toBe(0)
  const { happened, played, openEnded, heldBack, curtailments } = JSON.parse(out) as { happened: Told; played: Told; openEnded: number; heldBack: number; curtailments: number }
  expect({ openEnded, heldBack, curtailments }).toEqual({ openEnded: 2, heldBack: 2, curtailments: 1 })
  expect(happened).toMatchObject({ sessions: 4, notServed: 1 })
  expect(happened.servedInFullPercent).toBeLessThan(60)
  // With all of the fuse everybody would have got something.
  expect(played).toMatchObject({ sessions: 4, notServed: 0 })
  expect(played.deliveredKWh).toBeGreaterThan(happened.deliveredKWh + 10)
  expect(err).toContain('2 cars were held at 0 A when they left')
  expect(err).toContain('1 curtailments of that time are left out')
  out = ''
  expect(await historyCommand({ fromHistory: 'data', limit: '63A' }, io)).toBe(0)
  expect(out).toMatch(/ {2}not served +0\nwhat truly happened\n(.*\n)+ {2}not served +1\n$/)
}, 60_000)

describe('whether a car was held back', () => {
  const stay: Stay = { key: 'CP1/1', arrivalMs: 0, departureMs: 3_600_000, tookNothing: true, samples: [] }
  const nothing: Traces = { decided: new Map(), said: new Map() }
  const said = (...statuses: ('Charging' | 'SuspendedEV' | 'SuspendedEVSE')[]): Traces => ({ ...nothing, said: new Map([['CP1/1', statuses.map((status, index) => ({ atMs: (index + 1) * 1_000, status }))]]) })
  const decided = (...steps: [atMs: number, allocatedA: number, held: boolean][]): Traces => ({ ...nothing, decided: new Map([['CP1/1', steps.map(([atMs, allocatedA, held]) => ({ atMs, allocatedA, held }))]]) })
  const drew: Stay = { ...stay, tookNothing: false, samples: [{ atMs: 60_000, draws: true }, { atMs: 1_200_000, draws: true }, { atMs: 1_800_000, draws: false }] }

  test.each<[string, Stay, Traces, boolean]>([
    ['took nothing, and nobody knows why', stay, nothing, true],
    ['took nothing, and the car said that it wants nothing', stay, said('SuspendedEVSE', 'SuspendedEV'), false],
    ['took nothing, and the charge point said that it gives nothing', stay, said('Charging', 'SuspendedEVSE'), true],
    ['took nothing though it was allowed to for long', stay, decided([0, 16, false]), false],
    ['took nothing and was in the queue all along', stay, decided([1_000, 0, true]), true],
    ['took nothing, with a moment in which it was allowed to', stay, decided([0, 16, false], [20_000, 0, true]), true],
    ['took all it wanted', drew, nothing, false],
    ['the charge point said at the end that it gives nothing', drew, said('Charging', 'SuspendedEVSE'), true],
    ['held while it drew, until it left', drew, decided([0, 16, false], [1_300_000, 0, true], [3_599_500, 0, false]), true],
    ['held once it was full', drew, decided([0, 16, false], [2_400_000, 0, true]), false],
    ['held for a while, then let in again', drew, decided([0, 16, false], [1_300_000, 0, true], [1_500_000, 16, false]), false],
    ['what was decided for the car before it', drew, decided([-60_000, 0, true]), false],
  ])('%s', (_name, each, traces, held) => expect(wasHeldBack(each, traces)).toBe(held))
})

test('what connectors said of themselves is read from the stored messages', async () => {
  const store = createMemoryStore()
  const notified = (atMs: number, status: string, direction: 'in' | 'out' = 'in', action = 'StatusNotification') => ({
    id: `m${atMs}`, atMs, sentMono: 0, clientID: 'CP1', siteID: 'main', direction, action, messageId: 'x', status: 'answered' as const, latencyMs: 1, bytes: 1, cut: false,
    request: JSON.stringify([2, 'x', action, { connectorId: 1, errorCode: 'NoError', status }]), answer: '[3,"x",{}]',
  })
  const rows = [notified(1_000, 'Charging'), notified(1_050, 'SuspendedEVSE'), notified(2_000, 'Finishing'), notified(3_000, 'SuspendedEV', 'out'), notified(4_000, 'SuspendedEV', 'in', 'DataTransfer'), notified(9_000, 'SuspendedEV')]
  await store.append('main', 'messages', new MessageBlocks().of([...rows, { ...rows[0]!, id: 'torn', atMs: 1_500, request: '[2,"x"' }]))
  expect((await readTraces(store, 'main', 0, 5_000)).said).toEqual(new Map([['CP1/1', [{ atMs: 1_000, status: 'Charging' }, { atMs: 1_050, status: 'SuspendedEVSE' }]]]))
})

test('entries of one instant that fall on two pages are all read, once', async () => {
  const store = createMemoryStore()
  await store.append('main', 'x', [1, 2, 2, 2, 2, 3].map((atMs, index) => ({ atMs, value: index })))
  const values: unknown[] = []
  await eachEntry(store, 'main', 'x', 0, 10, ({ value }) => { values.push(value) }, 2)
  expect(values).toEqual([0, 1, 2, 3, 4, 5])
})
