// The time of the harness: what is planned for a moment that is over happens now.
import { expect, test } from 'vitest'
import { makeTree, stations } from './fixtures.ts'
import { Play } from './harness.ts'

test('time never runs backwards', () => {
  const play = new Play({ tree: makeTree({ fuseA: 63 }, stations(1)) })
  play.until(60_000)
  const times: number[] = []
  play.at(1_000, () => times.push(play.nowMs))
  play.at(61_000, () => times.push(play.nowMs))
  play.until(62_000)
  expect(times).toEqual([60_000, 61_000])
})
