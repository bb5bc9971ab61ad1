// Plays every file in test/scenarios through the real engine; a file is a test.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { resultText } from '../../src/simulator/report.ts'
import { playScenario } from '../../src/simulator/run.ts'
import { readScenario } from '../../src/simulator/scenario.ts'

const folder = join(import.meta.dirname, '..', 'scenarios')
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml')).sort()

describe('scenarios', () => {
  test('there are files to play', () => expect(files.length).toBeGreaterThan(10))
  test.each(files)('%s', async (file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    expect(text.startsWith('# Rule'), 'a scenario says which rule it checks').toBe(true)
    const scenario = readScenario(text, file)
    expect(scenario.expect.length).toBeGreaterThan(0)
    const result = await playScenario(scenario)
    expect(result.passed, resultText(result)).toBe(true)
  })
})
