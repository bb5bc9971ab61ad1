// docs/security.md names, for each of the 54 threats, a test that is there under its name.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const page = join(import.meta.dirname, '..', 'docs', 'security.md')
const rows = readFileSync(page, 'utf8').split('\n').flatMap((line) => {
  const [, number, threat, behaviour, tests] = /^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/.exec(line) ?? []
  return number === undefined || threat === undefined || behaviour === undefined || tests === undefined ? [] : [{ number: Number(number), tests: [...tests.matchAll(/\]\(([^)]+)\)/g)].flatMap(([, path]) => path ?? []) }]
})

test('every threat has a row, in order', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 54 }, (_, index) => index + 1))
})

test.each(rows)('threat $number is tested where its row says', ({ number, tests }) => {
  expect(tests.length).toBeGreaterThan(0)
  for (const path of tests) {
    const file = join(dirname(page), path)
    expect(existsSync(file), path).toBe(true)
    expect(readFileSync(file, 'utf8'), `${path} has a test whose title begins with "threat ${number}: "`).toContain(`threat ${number}: `)
  }
})
