// Plays a scenario on a virtual clock through the real actors and simulated charge points, and judges what it expects.
import { Refusal, type House } from '../actors/house.ts'
import type { MemoryStore } from '../store/memory.ts'
import { createDepot } from './depot.ts'
import { dueAtS, judgeExpectation, judgeRefused, type Evidence, type Verdict } from './expectations.ts'
import { createKwota } from './kwota.ts'
import { forkRandom } from './random.ts'
import { createRecord, type TimelineEntry } from './record.ts'
import type { Scenario } from './scenario.ts'
import type { Expectation } from './scenario-schema.ts'
import { createStage } from './stage.ts'
import { createExchange } from './transport.ts'
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts'
import { createWitness } from './witness.ts'
import { wireSite } from './wiring.ts'

export interface RunResult {
  readonly name: string
  readonly passed: boolean
  /** Why the configuration was refused; null when it was taken. */
  readonly refused: string | null
  /** One for each entry of the file, in its order. */
  readonly expectations: readonly Verdict[]
  readonly timeline: readonly TimelineEntry[]
  readonly summary: {
    readonly deliveredWh: Readonly<Record<string, number>>
    readonly profilesSent: number
    readonly worstMarginA: number | null
    /** Codes in the order they were raised. */
    readonly alerts: readonly string[]
  }
}

/** 2026-01-01T00:00:00Z, time 0 of every scenario. */
const startWallMs = Date.UTC(2026, 0, 1)
/** Before time 0 everything connects and its fallbacks are confirmed. */
const prologueMs = 120_000
/** What is still worth seeing after the last event of a file that expects nothing. */
const epilogueS = 120
const latencyMs = [5, 60] as const
const longestWaitMs = 60_000

/** Never rejects for what a scenario does; the same scenario and seed give the same result. */
export async function playScenario(scenario: Scenario, options: { readonly seed?: number; readonly store?: MemoryStore } = {}): Promise<RunResult> {
  const seed = options.seed ?? 1
  let afterEach = (): void => undefined
  const clock = createVirtualClock({ wallAtZero: startWallMs - prologueMs, afterEach: () => afterEach() })
  const nowMs = () => clock.mono() - prologueMs
  const record = createRecord(scenario.site.id, nowMs)
  const wiring = wireSite(scenario.site)
  const witness = createWitness(wiring.nodes, scenario.site.voltage)
  const exchange = createExchange({ clock, random: forkRandom(seed, 'network'), latencyMs })
  const kwota = createKwota({ scenario, clock, random: forkRandom(seed, 'ids'), exchange, ...(options.store === undefined ? {} : { store: options.store }) })
  const depot = createDepot({ scenario, wiring, clock, seed, exchange, record })
  const stage = createStage({ scenario, clock, kwota, depot, record, witness, nowMs })

  const refused = await refusalOf(stage.open())
  if (refused !== null) return resultOf(scenario.expect.map((entry) => judgeRefused(entry, refused)), refused)
  afterEach = stage.afterEvent
  stage.begin(prologueMs)
  depot.begin(prologueMs)
  const verdicts = await judgeAll()
  await clock.runUntil(prologueMs + lastMomentS(scenario) * 1000)
  for (const [entry, at] of atTheEnd()) verdicts.set(at, judgeExpectation(entry, evidence()))
  stage.end()
  depot.stop()
  await settled(kwota.stop(), clock)
  return resultOf(scenario.expect.map((_, at) => verdicts.get(at)).filter((verdict) => verdict !== undefined), null)

  async function refusalOf(opening: Promise<House>): Promise<string | null> {
    try {
      await settled(opening, clock)
      return null
    } catch (error) {
      if (error instanceof Refusal) return error.message
      throw error
    }
  }

  function evidence(): Evidence {
    depot.step()
    stage.look()
    return { record, witness, power: () => stage.house()?.power(scenario.site.id) ?? null, deliveredWh: (key) => depot.deliveredWh(key) }
  }

  function atTheEnd(): [Expectation, number][] {
    return scenario.expect.flatMap((entry, at) => dueAtS(entry) === null ? [[entry, at] as [Expectation, number]] : [])
  }

  async function judgeAll(): Promise<Map<number, Verdict>> {
    const made = new Map<number, Verdict>()
    const moments = [...new Set(scenario.expect.flatMap((entry) => dueAtS(entry) ?? []))].sort((a, b) => a - b)
    for (const moment of moments) {
      await clock.runUntil(prologueMs + moment * 1000)
      const now = evidence()
      scenario.expect.forEach((entry, at) => { if (dueAtS(entry) === moment) made.set(at, judgeExpectation(entry, now)) })
    }
    return made
  }

  function resultOf(expectations: readonly Verdict[], refusal: string | null): RunResult {
    const asRefused = refusal === null || expectations.some((verdict) => verdict.ok)
    return {
      name: scenario.name,
      passed: asRefused && record.failures.length === 0 && expectations.every((verdict) => verdict.ok),
      refused: refusal, expectations, timeline: record.timeline,
      summary: {
        deliveredWh: depot.delivered(),
        profilesSent: record.profiles.length,
        worstMarginA: witness.worstMarginA === null ? null : Math.round(witness.worstMarginA * 100) / 100,
        alerts: record.alerts.map((alert) => alert.code),
      },
    }
  }
}

/** Lets virtual time pass until `promise` settles. */
async function settled(promise: Promise<unknown>, clock: VirtualClock): Promise<void> {
  let waiting = true
  const done = promise.finally(() => { waiting = false })
  done.catch(() => undefined)
  const untilMs = clock.mono() + longestWaitMs
  await clock.runUntil(clock.mono())
  while (waiting && clock.mono() < untilMs) await clock.runUntil(clock.mono() + 10)
  if (waiting) throw new Error('kwota neither started nor stopped within a minute of virtual time')
  await done
}

function lastMomentS(scenario: Scenario): number {
  const events = scenario.timeline.at(-1)?.at ?? 0
  const expected = scenario.expect.map((entry) => dueAtS(entry) ?? 0)
  return Math.max(events + (expected.length === 0 ? epilogueS : 0), ...expected)
}
