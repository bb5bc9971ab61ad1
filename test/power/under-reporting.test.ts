// Who is suspected of drawing more than it reports, and who is not: cars, buildings and meters second by second.
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { perPhase, phases, type Phase, type PhaseAmps } from '../../src/power/site.ts'
import { aboveWorstCase, UnderReporting, type Reporter } from '../../src/power/under-reporting.ts'

const rule = { amps: 6, ms: 20_000 }

interface Car { drawsA: number; saysA: number; grantedA: number; transactionId: number | null; phases: readonly Phase[]; sampleS: number; saidA: number; saidAtMs: number; isMute: boolean }

/** A site with its meter every 5 s; cars report every `sampleS` what they say they draw. */
class Yard {
  readonly watch = new UnderReporting()
  readonly cars: Car[]
  buildingA: PhaseAmps = perPhase(10)
  nowMs = 1_000_000
  rule = rule
  constructor(count = 1) {
    this.cars = Array.from({ length: count }, () => ({ drawsA: 0, saysA: 0, grantedA: 0, transactionId: null, phases, sampleS: 10, saidA: 0, saidAtMs: -Infinity, isMute: false }))
  }

  run(seconds: number, each: (second: number) => void = () => undefined): this {
    for (let second = 1; second <= seconds; second++) {
      this.nowMs += 1_000
      each(second)
      for (const car of this.cars) {
        if (car.transactionId === null || car.isMute || (this.nowMs / 1_000) % car.sampleS !== 0) continue
        car.saidA = car.saysA
        car.saidAtMs = this.nowMs
      }
      if ((this.nowMs / 1_000) % 5 === 0) this.look()
    }
    return this
  }

  /** As a site does: who has no transaction is told of only as long as it is watched. */
  look(): void {
    const told = this.cars.map((car, at) => this.reporter(car, at)).filter(({ key, transactionId }) => transactionId !== null || this.watch.isWatched(key))
    this.watch.look(this.meterA(), told, () => this.rule, this.nowMs)
  }

  start(car: Car, { drawsA, saysA = drawsA, grantedA = 32 }: { drawsA: number; saysA?: number; grantedA?: number }): this {
    Object.assign(car, { transactionId: (this.nowMs / 1_000) % 1_000_000, drawsA, saysA, grantedA, saidAtMs: -Infinity })
    return this
  }

  stop(car: Car): this {
    Object.assign(car, { transactionId: null, drawsA: 0, saysA: 0, grantedA: 0 })
    return this
  }

  suspects(): string[] {
    return this.watch.suspicions().map(({ key, confirmed }) => key + (confirmed ? '!' : ''))
  }

  private meterA(): PhaseAmps {
    const sum = { ...this.buildingA }
    for (const car of this.cars) for (const phase of car.phases) sum[phase] += car.drawsA
    return sum
  }

  private reporter(car: Car, at: number): Reporter {
    const said: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
    for (const phase of car.phases) said[phase] = car.saidA
    return { key: `CP${at + 1}/1`, transactionId: car.transactionId, phases: car.phases, grantedA: car.grantedA, maxA: 32, reportedA: car.transactionId !== null && car.saidAtMs > -Infinity ? said : null, reportedAtMs: car.saidAtMs }
  }
}

const yard = (count = 1) => {
  const made = new Yard(count).run(60)
  return { yard: made, car: made.cars[0]!, other: made.cars[1]! }
}

describe('a charge point that reports 0 A', () => {
  test('and draws 32 A is suspected within a minute, and proven when the load goes with it', () => {
    const { yard: made, car } = yard()
    made.start(car, { drawsA: 32, saysA: 0 }).run(60)
    expect(made.watch.suspicions()).toMatchObject([{ key: 'CP1/1', unexplainedA: 32, reportedA: 0, phases: ['L1', 'L2', 'L3'], confirmed: false }])
    made.stop(car).run(15)
    expect(made.suspects()).toEqual(['CP1/1!'])
  })

  test('is proven no liar by its next transaction', () => {
    const { yard: made, car } = yard()
    made.start(car, { drawsA: 32, saysA: 0 }).run(60).stop(car).run(60)
    made.start(car, { drawsA: 32 }).run(60)
    expect(made.suspects()).toEqual(['CP1/1!'])
    made.run(60)
    expect(made.suspects()).toEqual([])
  })

  test('also when it draws less than it may, on one phase, or says a part of it', () => {
    for (const [drawsA, saysA, wired] of [[16, 0, phases], [30, 10, phases], [20, 0, ['L2']]] as const) {
      const { yard: made, car } = yard()
      car.phases = wired
      made.start(car, { drawsA, saysA }).run(60)
      expect(made.watch.suspicions()).toMatchObject([{ unexplainedA: drawsA - saysA, phases: wired, reportedA: saysA }])
    }
  })

  test('when it is raised, not only when it begins', () => {
    const { yard: made, car } = yard()
    made.start(car, { drawsA: 6, grantedA: 6 }).run(200)
    expect(made.suspects()).toEqual([])
    Object.assign(car, { grantedA: 32, drawsA: 32 })
    made.run(60)
    expect(made.suspects()).toEqual(['CP1/1'])
  })

  test('beside honest ones that come and go', () => {
    const { yard: made, car, other } = yard(2)
    made.start(other, { drawsA: 16 }).run(120).start(car, { drawsA: 32, saysA: 0 }).run(60)
    expect(made.suspects()).toEqual(['CP1/1'])
    made.stop(other).run(60)
    expect(made.suspects()).toEqual(['CP1/1'])
  })
})

describe('nobody is suspected', () => {
  test('who reports what it draws, however seldom', () => {
    for (const sampleS of [5, 10, 30, 60, 300]) {
      const { yard: made, car } = yard()
      car.sampleS = sampleS
      made.start(car, { drawsA: 32, saysA: 32 }).run(900)
      expect(made.suspects()).toEqual([])
    }
  })

  test('who begins to draw long after its start, between two reports', () => {
    for (const sampleS of [10, 60, 300]) {
      const { yard: made, car } = yard()
      car.sampleS = sampleS
      made.start(car, { drawsA: 0 }).run(32)
      Object.assign(car, { drawsA: 32, saysA: 32 })
      made.run(900)
      expect(made.suspects()).toEqual([])
    }
  })

  test('because another has risen that was not heard since', () => {
    const { yard: made, car, other } = yard(2)
    other.sampleS = 120
    made.start(other, { drawsA: 6, grantedA: 32 }).run(240).start(car, { drawsA: 0, grantedA: 32 })
    Object.assign(other, { drawsA: 30, saysA: 30 })
    made.run(400)
    expect(made.suspects()).toEqual([])
  })

  test('while somebody says nothing at all: it may be that one', () => {
    const { yard: made, car, other } = yard(2)
    other.isMute = true
    made.start(other, { drawsA: 0 }).run(10).start(car, { drawsA: 0 }).run(5)
    other.drawsA = 32
    made.run(300)
    expect(made.suspects()).toEqual([])
  })

  test('when the building switches at another time, on other phases, unevenly, more than a car can, less than is noise, or for a moment', () => {
    const cases: readonly ((made: Yard) => void)[] = [
      (made) => made.run(200, (s) => { if (s === 150) made.buildingA = perPhase(30) }),
      (made) => made.run(200, (s) => { if (s === 10) made.buildingA = { L1: 40, L2: 10, L3: 16 } }),
      (made) => made.run(200, (s) => { if (s === 10) made.buildingA = perPhase(70) }),
      (made) => made.run(200, (s) => { if (s === 10) made.buildingA = perPhase(15) }),
      (made) => made.run(200, (s) => { if (s === 10) made.buildingA = perPhase(30); if (s === 25) made.buildingA = perPhase(10) }),
      (made) => made.run(600, (s) => { made.buildingA = perPhase(10 + 8 * Math.abs(Math.sin(s / 7))) }),
    ]
    for (const happens of cases) {
      const { yard: made, car } = yard()
      made.run(60, (s) => { made.buildingA = perPhase(10 + (happens === cases.at(-1) ? 8 * Math.abs(Math.sin(s / 7)) : 0)) })
      made.start(car, { drawsA: 0 })
      happens(made)
      expect(made.suspects()).toEqual([])
    }
  })

  test('who was lowered and reports what it may, whatever is switched on then', () => {
    const { yard: made, car } = yard()
    made.start(car, { drawsA: 32 }).run(30)
    Object.assign(car, { grantedA: 6, drawsA: 6, saysA: 6 })
    made.run(30)
    made.buildingA = perPhase(20)
    made.run(60)
    expect(made.suspects()).toEqual([])
  })

  test('whose beginning the site meter missed', () => {
    const { yard: made, car } = yard()
    made.nowMs += 120_000
    made.start(car, { drawsA: 0 })
    made.buildingA = perPhase(30)
    expect(made.run(120).suspects()).toEqual([])
    const running = new Yard()
    running.start(running.cars[0]!, { drawsA: 32, saysA: 0 })
    expect(running.run(120).suspects()).toEqual([])
  })

  test('any more when the load stays as it ends, or goes while it charges on', () => {
    for (const goes of [true, false]) {
      const { yard: made, car } = yard()
      made.start(car, { drawsA: 0 }).run(10)
      made.buildingA = perPhase(30)
      made.run(60)
      expect(made.suspects()).toEqual(['CP1/1'])
      if (goes) made.buildingA = perPhase(10)
      else made.stop(car)
      made.run(70)
      expect(made.suspects()).toEqual([])
    }
  })

  test('where nobody wants to know', () => {
    const { yard: made, car } = yard()
    made.rule = { amps: 0, ms: 20_000 }
    made.start(car, { drawsA: 32, saysA: 0 }).run(120)
    expect(made.suspects()).toEqual([])
  })

  test('whatever honest cars do at a building that rests', () => {
    const act = fc.record({ afterS: fc.integer({ min: 0, max: 90 }), car: fc.integer({ min: 0, max: 2 }), amps: fc.integer({ min: 0, max: 32 }), grantedA: fc.integer({ min: 6, max: 32 }) })
    fc.assert(fc.property(fc.array(act, { maxLength: 20 }), fc.constantFrom(5, 10, 20, 60), (acts, sampleS) => {
      const made = new Yard(3).run(60)
      for (const car of made.cars) car.sampleS = sampleS
      for (const { afterS, car: at, amps, grantedA } of acts) {
        const car = made.cars[at]!
        made.run(afterS)
        if (car.transactionId === null) made.start(car, { drawsA: Math.min(amps, grantedA), grantedA })
        else if (amps < 3) made.stop(car)
        else Object.assign(car, { drawsA: Math.min(amps, grantedA), saysA: Math.min(amps, grantedA), grantedA })
        expect(made.suspects()).toEqual([])
      }
      expect(made.run(120).suspects()).toEqual([])
    }), { numRuns: 60 })
  })
})

describe('a building above the most it was said to take', () => {
  const reporter: Reporter = { key: 'CP1/1', transactionId: 1, phases, grantedA: 32, maxA: 32, reportedA: perPhase(0), reportedAtMs: 0 }
  const of = (countedA: PhaseAmps, rest: Partial<Reporter> = {}, worstA = 20) => aboveWorstCase(countedA, perPhase(worstA), [{ ...reporter, ...rest }], () => rule)
  test('names the phase and who may be it', () => expect(of({ L1: 10, L2: 40, L3: 10 })).toEqual({ phase: 'L2', countedA: 40, keys: ['CP1/1'] }))
  test.each<[string, ReturnType<typeof of>]>([
    ['not above', of(perPhase(20))], ['by less than is noise', of(perPhase(25))], ['nobody charges', of(perPhase(40), { transactionId: null })],
    ['it reports what it may draw', of(perPhase(40), { reportedA: perPhase(30) })], ['it says nothing', of(perPhase(40), { reportedA: null })],
    ['it is on another phase', of({ L1: 40, L2: 10, L3: 10 }, { phases: ['L2'] })], ['nobody said what the building takes', of(perPhase(40), {}, 0)],
  ])('%s', (_, found) => expect(found).toBeNull())
})
