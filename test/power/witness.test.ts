// The witness itself: it must see what it is there to see.
import { expect, test } from 'vitest'
import { makeTree } from './fixtures.ts'
import { Play } from './harness.ts'

test('the witness sums what each phase could carry more than another: cars that come may use any first phases, direct current all', () => {
  const tree = makeTree({ imbalanceLimitA: 10 }, [
    { id: 'CP1', connectors: [{ id: 1, phases: ['L2', 'L1', 'L3'], maxA: 16 }] }, { id: 'CP2', connectors: [{ id: 1, phases: ['L1'], maxA: 20 }] }, { id: 'CP3', connectors: [{ id: 1, current: 'DC', maxW: 50_000 }] },
  ])
  const play = new Play({ tree })
  play.base({ L1: 3, L2: 0, L3: 1 })
  const tilts = () => Object.fromEntries(play.witness.sums().flatMap(({ on, excess }) => (on.includes('-') ? [[on, excess]] : [])))
  // Nothing was told to anybody yet: all they can.
  expect(tilts()).toEqual({ 'L1-L2': 20 + 3 - 10, 'L1-L3': 36 + 2 - 10, 'L2-L1': 16 - 3 - 10, 'L2-L3': 16 - 1 - 10, 'L3-L1': -2 - 10, 'L3-L2': 1 - 10 })
  play.start('CP1/1', 1, { demandA: 16, phases: 3 })
  expect(tilts()).toMatchObject({ 'L1-L2': 20 + 3 - 10, 'L1-L3': 20 + 2 - 10, 'L2-L1': -3 - 10 })
})
