// Row 53: chargers that misbehave in each way of the catalogue: who can be relied on keeps the sum, and whoever cannot is told of in time.
import { describe, expect, test } from 'vitest'
import { behaviourNames, unruly } from '../../src/simulator/behaviours.ts'
import { playScenario } from '../../src/simulator/run.ts'
import { readScenario } from '../../src/simulator/scenario.ts'

const toldWithinS = 60

describe('threat 53: a charger that misbehaves', () => {
  test.each(behaviourNames)('%s: a cut holds for the sum, or people are told', async (name) => {
    const result = await playScenario(readScenario(`site: { id: main, fuseA: 48 }
chargePoints:
  - { id: ODD, behaviour: [${name}] }
  - { id: GOOD }
timeline:
  - { at: 0, plugIn: ODD/1 }
  - { at: 0, plugIn: GOOD/1 }
  - { at: 60, gridLimit: { currentA: 20 } }
  - { at: 150, offline: ODD }
  - { at: 170, online: ODD }
expect:
  - { during: [0, 240], neverOver: true }
`, `${name}.yaml`), { seed: 53 })
    const [sum] = result.expectations
    const overAtS = Number(/at ([\d.]+) s$/.exec(sum?.message ?? '')?.[1] ?? NaN)
    const told = result.timeline.filter(({ type, at, severity }) => type === 'alert' && severity === 'critical' && at >= 60 && at <= overAtS + toldWithinS)
    const alerted = result.timeline.filter(({ type }) => type === 'alert')
    // What kept the sum needs nobody told; who cannot be relied on is told of.
    expect(sum?.ok === true || (unruly.has(name) && told.length > 0), `${sum?.message ?? ''}: ${JSON.stringify(alerted)}`).toBe(true)
  })
})
