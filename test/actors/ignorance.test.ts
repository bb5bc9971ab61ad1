// I4: whatever samples are lost, late or of no use, the building never looks emptier than it is, on any phase, with AC and DC cars alike.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { baseNow, noteReading, openMeters, takeMeter } from '../../src/actors/readings.ts'
import { sampleOnSite } from '../../src/actors/translate.ts'
import { pairs, pairOf } from '../../src/power/limits.ts'
import type { Place } from '../../src/power/loads.ts'
import { phases, type ChargePointInput, type Phase, type PhaseAmps } from '../../src/power/site.ts'
import { carPlace, makeTree } from '../power/fixtures.ts'

const startMs = 1_000_000_000
const hardware: Record<string, { point: Omit<ChargePointInput, 'id'>; used: readonly Phase[] }> = {
  three: { point: {}, used: phases },
  one: { point: { connectors: [{ id: 1, phases: ['L2'] }] }, used: ['L2'] },
  turned: { point: { connectors: [{ id: 1, phases: ['L3', 'L1', 'L2'] }] }, used: ['L3'] },
  direct: { point: { connectors: [{ id: 1, current: 'DC', maxW: 20_000, efficiency: 0.95 }] }, used: phases },
}

const car = fc.record({
  kind: fc.constantFrom('three', 'one', 'turned', 'direct'), limitA: fc.integer({ min: 6, max: 28 }),
  /** What it draws, in tenths of its limit, for so many seconds longer than its samples are apart: what comes and goes with them nobody can see. */
  draws: fc.array(fc.record({ tenths: fc.integer({ min: 0, max: 10 }), forS: fc.integer({ min: 3, max: 90 }) }), { minLength: 1, maxLength: 5 }),
  everyS: fc.constantFrom(5, 10, 20, 60), phaseS: fc.nat(59),
  /** Each sample in turn: it comes, it is lost, or it says nothing of use. */
  fate: fc.array(fc.constantFrom('comes', 'comes', 'comes', 'lost', 'useless'), { minLength: 1, maxLength: 6 }),
})

interface Story { readonly cars: readonly (typeof car extends fc.Arbitrary<infer T> ? T : never)[]; readonly building: PhaseAmps }

/** Lets go in steps of a few seconds, the samples of some of which are lost. */
const stairs: Story = {
  cars: [{ kind: 'three', limitA: 6, draws: [[1, 3], [0, 20], [3, 29], [2, 4]].map(([tenths = 0, forS = 0]) => ({ tenths, forS })), everyS: 5, phaseS: 49, fate: ['comes', 'useless', 'comes', 'useless', 'useless'] }],
  building: { L1: 0, L2: 0, L3: 1 },
}

/** Plays 6 minutes of a building that does not change; `look` sees what is counted after every reading of its meter. */
function playStory({ cars, building }: Story, look: (counted: ReturnType<typeof baseNow>, atS: number) => void): void {
  const tree = makeTree({ fuseA: 400, baseLoad: { worstCaseA: 60 } }, cars.map(({ kind }, index) => ({ id: `CP${index}`, ...hardware[kind]!.point })))
  const meters = openMeters()
  const places: Place[] = cars.map(({ limitA, kind }, index) => carPlace(tree, `CP${index}/1`, { txA: limitA, vehiclePhases: hardware[kind]!.used.length }))
  const drawn = ({ draws, limitA, everyS }: Story['cars'][number], atS: number): number => {
    let rest = atS % draws.reduce((sum, { forS }) => sum + everyS + forS, 0)
    for (const { tenths, forS } of draws) {
      if (rest < everyS + forS) return (limitA * tenths) / 10
      rest -= everyS + forS
    }
    return 0
  }
  for (let atS = 0; atS <= 360; atS++) {
    const nowMs = startMs + atS * 1_000
    cars.forEach((one, index) => {
      if ((atS + one.phaseS) % one.everyS !== 0) return
      const fate = one.fate[Math.floor(atS / one.everyS) % one.fate.length]!
      if (fate === 'lost') return
      const outlet = places[index]!.outlet
      const amps = drawn(one, atS)
      const currentA: Partial<PhaseAmps> = one.kind === 'direct' ? { L1: amps * 1.4 } : one.kind === 'three' ? { L1: amps, L2: amps, L3: amps } : { L1: amps }
      const powerW = outlet.dc === null || outlet.dc === undefined ? null : amps * outlet.dc.wattsPerA
      const useless = fate === 'useless'
      const siteA = sampleOnSite(outlet, { currentA: useless && one.kind !== 'direct' ? null : currentA, powerW: useless ? null : powerW })
      if (siteA !== null) noteReading(meters, outlet.key, { siteA, highestA: Math.max(...phases.map((phase) => siteA[phase])), powerW, energyWh: null, measuredAtMs: nowMs, receivedAtMs: nowMs }, null, one.everyS * 1_000)
    })
    if (atS % 5 !== 0) continue
    const meterA = { ...building }
    for (const one of cars) for (const phase of hardware[one.kind]!.used) meterA[phase] += drawn(one, atS)
    takeMeter(meters, tree.site, 10_000, { meterA, ageMs: 0 }, { L1: 400, L2: 400, L3: 400 }, places, nowMs, (clientID) => cars[Number(clientID.slice(2))]!.everyS * 1_000)
    look(baseNow(meters, tree.site, 10_000, nowMs), atS)
  }
}

const building = fc.record({ L1: fc.nat(50), L2: fc.nat(50), L3: fc.nat(50) })
const stories: fc.Arbitrary<Story> = fc.record({ cars: fc.array(car, { minLength: 1, maxLength: 4 }), building })

function expectNoneEmptier(story: Story): void {
  playStory(story, ({ amps }) => {
    for (const phase of phases) expect(amps[phase]).toBeGreaterThanOrEqual(story.building[phase] - 1e-9)
  })
}

test('a car that lets go in steps while samples are lost', () => {
  expectNoneEmptier(stairs)
})

test('no loss of samples makes a phase of the building look emptier', () => {
  // Of several that let go one after the other nothing is known for as long as their samples take together.
  fc.assert(fc.property(stories.map((story) => ({ ...story, cars: story.cars.slice(0, 1) })), expectNoneEmptier), { numRuns: 150, interruptAfterTimeLimit: 6_000 })
})

test('nor a building that tilts level', () => {
  fc.assert(fc.property(stories, ({ building, cars }) => {
    // What a car takes up or lets go between its samples is the meter's for as long; here it draws what it draws.
    const steady = { building, cars: cars.map((one) => ({ ...one, draws: one.draws.slice(0, 1) })) }
    playStory(steady, ({ amps }, atS) => {
      for (const pair of pairs) {
        const [one, other] = pairOf(pair)!
        expect(amps.between?.[pair], `${pair} at ${atS} s`).toBeGreaterThanOrEqual(building[one] - building[other] - 1e-9)
      }
    })
  }), { numRuns: 150, interruptAfterTimeLimit: 6_000 })
})
