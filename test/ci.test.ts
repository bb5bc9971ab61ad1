// The count behind the last line of .ci/run: nothing that failed, broke off or was left out may pass for success.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const script = join(import.meta.dirname, '../.ci/count.mjs')
let dir = ''
beforeAll(() => { dir = mkdtempSync(join(tmpdir(), 'kwota-ci-')) })
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const suite = (status: string, ...tests: string[]) => ({ name: 'a.test.ts', status, assertionResults: tests.map((state, i) => ({ fullName: `test ${i}`, status: state })) })

function counted(testResults: ReturnType<typeof suite>[], code: string): string {
  const file = join(dir, 'report.json')
  const all = testResults.flatMap(({ assertionResults }) => assertionResults)
  writeFileSync(file, JSON.stringify({ testResults, numPassedTests: all.filter(({ status }) => status === 'passed').length, numFailedTests: all.filter(({ status }) => status === 'failed').length }))
  return execFileSync(process.execPath, [script, file, code], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}

test.each([
  ['all passed', [suite('passed', 'passed', 'passed')], '0', '2 0'],
  ['one failed', [suite('failed', 'passed', 'failed')], '1', '1 1'],
  ['a file that did not load', [suite('passed', 'passed'), suite('failed')], '1', '1 1'],
  ['a test left out', [suite('passed', 'passed', 'skipped')], '0', '1 1'],
  ['a test to be written', [suite('passed', 'passed', 'todo')], '0', '1 1'],
  ['an error outside every test', [suite('passed', 'passed')], '1', '1 1'],
  ['broken off by the time limit', [suite('passed', 'passed')], '124', '1 1'],
  ['no test at all', [], '0', '0 1'],
])('%s', (_title, results, code, expected) => expect(counted(results, code)).toBe(expected))

test('no report at all', () => {
  const { stdout, status } = spawnSync(process.execPath, [script, join(dir, 'none.json'), '0'], { encoding: 'utf8' })
  expect({ stdout, status }).toEqual({ stdout: '0 1\n', status: 0 })
})
