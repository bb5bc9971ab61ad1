// Every scenario file fails when the rule it names is broken: the product with that rule broken is played against it.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildProduct } from '../e2e/build.ts'
import { placesOf, runMutant } from './mutant.ts'
import { ledgerMutants } from './of-ledger.ts'
import { scenarioMutants, type ScenarioMutant } from './of-scenarios.ts'
import { sharingMutants } from './of-sharing.ts'
import { silenceMutants } from './of-silence.ts'
import { sumMutants } from './of-sums.ts'
import { verificationMutants } from './of-verification.ts'

const folder = join(import.meta.dirname, '..', 'scenarios')
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml')).sort()
const mutants = [...scenarioMutants, ...ledgerMutants, ...sumMutants, ...silenceMutants, ...verificationMutants, ...sharingMutants]
let main = ''

beforeAll(async () => { main = await buildProduct() }, 150_000)

async function passedOf(names: readonly string[], mutant: ScenarioMutant): Promise<boolean[]> {
  const output = await runMutant(mutant, main, ['simulate', '--json', ...names.map((name) => join(folder, name))])
  return output.trim().split('\n').map((line) => (JSON.parse(line) as { passed: boolean }).passed)
}

describe('scenarios notice when their rule is broken', () => {
  test('every file has a broken rule of its own, and no rule names a file that is not there', () => {
    expect(new Set(mutants.flatMap(({ fails }) => fails))).toEqual(new Set(files))
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length)
  })

  test.concurrent.each(mutants)('$id: $breaks', async (mutant) => {
    expect(await placesOf(mutant, main), `${mutant.file} holds exactly once: ${mutant.find}`).toBe(1)
    expect(await passedOf(mutant.fails, mutant)).toEqual(mutant.fails.map(() => false))
  }, 120_000)
})
