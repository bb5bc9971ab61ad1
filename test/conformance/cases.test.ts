// The list of certification cases and the tests that are named after them say the same.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'

const groups = [
  'core', 'authorisation', 'remote', 'reset', 'unlock', 'configuration', 'firmware', 'diagnostics', 'local list', 'reservation', 'trigger', 'smart charging', 'offline', 'security',
  'data transfer',
] as const
const listSchema = z.strictObject({
  about: z.array(z.string().min(1)).min(1),
  cases: z.array(z.strictObject({
    id: z.string().regex(/^TC_\d{3}(?:_\d)?_CS(?:MS)?$/),
    title: z.string().min(1),
    group: z.enum(groups),
    /** `file#name`; null when the case does not apply. */
    test: z.string().regex(/^[a-z-]+\.test\.ts#TC_/).nullable(),
    doesNotApply: z.string().min(20).optional(),
    source: z.string().min(1),
  })).min(1),
})
const { cases } = listSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8')))

/** `file#name` of every test that is named after a case. */
const written = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts')).flatMap((file) =>
  [...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/^test\('(TC_[^']*)'/gm)].map(([, name]) => `${file}#${name}`))

test('every id once', () => {
  const ids = cases.map(({ id }) => id)
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
})

test('every case has a test or the reason why it has none, never both', () => {
  expect(cases.filter((each) => (each.test === null) === (each.doesNotApply === undefined)).map(({ id }) => id)).toEqual([])
})

test('every Central System case has a test', () => {
  const central = cases.filter(({ id }) => id.endsWith('_CSMS'))
  expect(central).toHaveLength(77)
  expect(central.filter((each) => each.test === null).map(({ id }) => id)).toEqual([])
})

test('a test that is named exists under that name, and begins with the id of its case', () => {
  expect(cases.filter((each) => each.test !== null && !written.includes(each.test)).map((each) => each.test)).toEqual([])
  expect(cases.filter((each) => each.test !== null && each.test.split('#')[1]?.split(' ')[0] !== each.id).map(({ id }) => id)).toEqual([])
})

test('every test that is named after a case is in the list, and no two share a name', () => {
  expect(written.filter((name) => !cases.some((each) => each.test === name))).toEqual([])
  expect(written.filter((name, at) => written.indexOf(name) !== at)).toEqual([])
})
