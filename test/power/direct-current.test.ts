// Direct current in watts: the modelled charge point and the ledger both spread them over all phases, with a car and without.
import { expect, test } from 'vitest'
import { usualQuirks, type Quirks } from '../../src/power/quirks.ts'
import { makeTree } from './fixtures.ts'
import { Play } from './harness.ts'
import { faultsOf } from './invariants.ts'
import { ModelledConnector, prompt, type Profile, type Treatment } from './modelled-charger.ts'
import { expectSafe, held } from './scene.ts'

const inWatts: Quirks = { ...usualQuirks, unit: 'W', lease: false }
const slow: Treatment = { applyMs: 12_000, answerMs: 20_000, verdict: 'Accepted' }
const unit = { current: 'DC' as const, maxW: 11_000, efficiency: 0.9 }

function rest(fuseA: number, quirks: Quirks, treatment: Treatment): { play: Play; faults: string[] } {
  const faults: string[] = []
  const tree = makeTree({ fuseA }, [{ id: 'CP1', fallbackA: 10, connectors: [{ id: 1, ...unit }, { id: 2, maxA: 4 }] }])
  const play = new Play({ tree, quirks: new Map([['CP1', quirks]]), onPlan: (one, made) => faults.push(...faultsOf(one, made)) })
  play.treat('CP1', () => treatment)
  play.connect('CP1')
  play.until(100_000)
  return { play, faults }
}

test.each([
  ['prompt', prompt],
  ['answered after 20 s', slow],
])('a unit larger than the fuse is held by its fallback in watts while nobody charges: %s', (_, treatment) => {
  const { play, faults } = rest(16, inWatts, treatment)
  expect(held(play, 'CP1/1')).toBe(10)
  expect(play.connectors.get('CP1/1')!.couldDrawA(play.nowMs)).toEqual({ L1: 10, L2: 10, L3: 10 })
  expectSafe({ play, faults })
})

test.each([['default'], ['connector-0'], ['max-0']] as const)('what it could draw is never more than what the ledger counts: in watts by %s, then in amps', (ladder) => {
  const { play, faults } = rest(32, { ...inWatts, ladder }, prompt)
  const inside = () => {
    expect(play.connectors.get('CP1/1')!.permittedA(play.nowMs)).toBeLessThanOrEqual(held(play, 'CP1/1') + 1e-9)
  }
  inside()
  play.start('CP1/1', 1, { demandA: 32, phases: 3 })
  play.until(200_000)
  inside()
  play.learn('CP1', { ...usualQuirks, ladder })
  inside()
  play.until(300_000)
  inside()
  expectSafe({ play, faults })
})

test('the modelled charge point: one phase where an unknown car may come, all of them for direct current', () => {
  const profile: Profile = { slot: 'default', ladder: 'tx', limitA: 10, unit: 'W', spread: 3, fallbackA: 10, leaseEndsAtMs: null, transactionId: null }
  const permitted = (direct: boolean) => {
    const connector = new ModelledConnector(32, false, ['L1', 'L2', 'L3'], direct)
    connector.apply(profile)
    return connector.permittedA(0)
  }
  expect([permitted(false), permitted(true)]).toEqual([30, 10])
})
