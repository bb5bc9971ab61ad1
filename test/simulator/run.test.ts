// Playing a scenario: the same seed gives the same run, expectations can fail, and every event reaches what it is about.
import { describe, expect, test } from 'vitest'
import { playScenario, type RunResult } from '../../src/simulator/run.ts'
import { readScenario } from '../../src/simulator/scenario.ts'
import { resultJson, resultText } from '../../src/simulator/report.ts'

const head = `site: { id: main, fuseA: 32 }
chargePoints:
  - { id: CP1 }
  - { id: CP2 }
`
const play = (text: string, seed?: number): Promise<RunResult> => playScenario(readScenario(text, 'f.yaml'), seed === undefined ? {} : { seed })

describe('a run', () => {
  test('is the same for the same seed, and another for another', async () => {
    const text = `${head}timeline:\n  - { at: 0, plugIn: CP1/1 }\n  - { at: 5, plugIn: CP2/1 }\n  - { at: 40, gridLimit: { currentA: 20 } }\n  - { at: 50, restart: kwota }\n  - { at: 60, offline: CP1 }\n  - { at: 70, online: CP1 }\n`
    const first = resultJson(await play(text, 7))
    expect(resultJson(await play(text, 7))).toBe(first)
    expect(resultJson(await play(text, 8))).not.toBe(first)
  })

  test('answers each entry with what was expected and what was', async () => {
    const result = await play(`${head}timeline:
  - { at: 0, plugIn: CP1/1 }
  - { at: 60, gridLimit: { currentA: 10 } }
expect:
  - { at: 50, allocatedA: { CP1/1: 32 }, binding: { CP1/1: fuse } }
  - { at: 50, allocatedA: { CP1/1: 31, CP2/1: 0 } }
  - { at: 50, measuredA: { CP1/1: 32.05 } }
  - { at: 50, state: unenforceable, deficitA: 4 }
  - { during: [0, 50], noRaising: true }
  - { during: [0, 50], maxProfiles: { CP1/1: 0 } }
  - { by: 50, alert: deaf }
  - { deliveredWh: { CP1/1: [1, 2] } }
  - { refused: true }
  - { during: [0, 90], neverOver: true }
`)
    expect(result.expectations.map(({ ok }) => ok)).toEqual([expect.any(Boolean), false, true, false, false, false, false, false, false, true])
    expect(result.passed).toBe(false)
    expect(result.expectations[1]).toMatchObject({ at: 50, expected: { allocatedA: { 'CP1/1': 31, 'CP2/1': 0 } }, got: { allocatedA: { 'CP1/1': 32, 'CP2/1': 0 } }, message: 'CP1/1 has allocatedA 32, not 31' })
    expect(result.expectations[4]).toMatchObject({ during: [0, 50], expected: { noRaising: true }, got: { noRaising: false } })
    expect(result.expectations[6]).toMatchObject({ by: 50, got: { alert: null } })
    expect(result.expectations[7]?.got).toMatchObject({ deliveredWh: { 'CP1/1': expect.any(Number) } })
  })

  test('tells it as one JSON object and as lines', async () => {
    const result = await play(`name: both\n${head}timeline:\n  - { at: 0, plugIn: CP1/1, car: { energyNeededWh: 100 } }\nexpect:\n  - { at: 90, allocatedA: { CP1/1: 3 } }\n`)
    const json = JSON.parse(resultJson(result)) as Record<string, unknown>
    expect(Object.keys(json)).toEqual(['name', 'passed', 'expectations', 'timeline', 'summary'])
    expect(json['summary']).toMatchObject({ deliveredWh: { 'CP1/1': 100, 'CP2/1': 0 }, profilesSent: expect.any(Number), worstMarginA: expect.any(Number), alerts: [] })
    expect(result.timeline).toContainEqual(expect.objectContaining({ type: 'profile', chargePoint: 'CP1', connectorId: 1, purpose: 'TxProfile', answer: 'Accepted' }))
    const lines = resultText(result).split('\n')
    expect(lines[0]).toBe('both')
    expect(lines.some((line) => line.includes('FAILED at 90 s: allocatedA CP1/1 3'))).toBe(true)
    expect(lines.at(-4)).toBe('FAILED: 0 of 1 expectations')
  })

  test('the witness sees a charger that ignores its profile, in the engine\'s place', async () => {
    const result = await play(`${head.replace('id: CP1', 'id: CP1, behaviour: [ignores-profiles]').replace('fuseA: 32', 'fuseA: 20')}timeline:\n  - { at: 0, plugIn: CP1/1 }\nexpect:\n  - { during: [0, 60], neverOver: true }\n`)
    expect(result.expectations[0]).toMatchObject({ ok: false, got: { neverOver: false } })
    expect(result.expectations[0]?.message).toMatch(/^main L1 could carry \d+\.\d\d of 20\.00 A/)
    expect(result.summary.worstMarginA).toBeLessThan(0)
  })

  test('a configuration that is refused although nobody expected it has failed', async () => {
    const text = head.replace('fuseA: 32', 'fuseA: 10').replaceAll(/id: (CP\d)/g, 'id: $1, fallbackA: 8')
    expect(await play(text)).toMatchObject({ passed: false, refused: expect.stringContaining('main') })
    expect(await play(`${text}expect:\n  - { at: 1, allocatedA: { CP1/1: 0 } }\n`)).toMatchObject({ passed: false, expectations: [{ ok: false, got: { refused: true } }] })
    expect(await play(`${text}expect:\n  - { refused: true }\n`)).toMatchObject({ passed: true, expectations: [{ ok: true }] })
  })

  test('a limit that kwota refuses fails the run and says why', async () => {
    const result = await play(`${head}timeline:\n  - { at: 1, gridLimit: { currentA: 99 } }\nexpect:\n  - { at: 2, allocatedA: { CP1/1: 0 } }\n`)
    expect(result).toMatchObject({ passed: false, expectations: [{ ok: true }] })
    expect(result.timeline).toContainEqual(expect.objectContaining({ type: 'failure', message: expect.stringContaining('at 1 s') }))
  })

  test('every event reaches what it is about', async () => {
    const result = await play(`site: { id: main, fuseA: 63, baseLoad: { worstCaseA: 20 } }
chargePoints:
  - { id: CP1 }
  - { id: CP2, joinsAt: 40 }
timeline:
  - { at: 0, plugIn: CP1/1 }
  - { at: 10, baseLoad: { L1: 5, L2: 5, L3: 5 } }
  - { at: 20, drawsA: { CP1/1: 9.2 } }
  - { at: 45, suspend: CP1/1 }
  - { at: 60, resume: CP1/1 }
  - { at: 70, plugIn: CP2/1 }
  - { at: 90, reboot: CP2 }
  - { at: 130, behaviour: { CP2: [no-meter] } }
  - { at: 135, baseLoad: silent }
  - { at: 140, gridLimit: { powerW: 20000, ttlS: 20 } }
  - { at: 170, unplug: CP1/1 }
`)
    const seen = (type: string, details: object) => result.timeline.some((entry) => entry.type === type && Object.entries(details).every(([key, value]) => entry[key] === value))
    expect(seen('join', { chargePoint: 'CP2', at: 40 })).toBe(true)
    expect(seen('status', { chargePoint: 'CP1', connectorId: 1, status: 'SuspendedEV' })).toBe(true)
    expect(seen('booted', { chargePoint: 'CP2', at: 120 })).toBe(true)
    expect(seen('grid-limit-expired', { at: 160 })).toBe(true)
    expect(seen('status', { chargePoint: 'CP1', connectorId: 1, status: 'Available' })).toBe(true)
    expect(seen('transaction-stopped', { chargePoint: 'CP1', at: 170 })).toBe(true)
    expect(result.passed).toBe(true)
  })
})
