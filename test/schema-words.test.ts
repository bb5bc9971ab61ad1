// What a JSON schema is in words: bounds, counts, and which field was meant.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { describeSchema, nearest } from '../src/schema-words.ts'

const words = { map: 'a map', list: (item: string | null) => (item === null ? 'a list' : `a list, each item ${item}`) }
const said = (schema: z.ZodType) => describeSchema(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), words)

test.each<[string, z.ZodType]>([
  ['a number', z.number()], ['a number of at least 1', z.number().min(1)], ['a number of at most 5', z.number().max(5)], ['a number from 1 to 5', z.number().min(1).max(5)],
  ['a number above 0', z.number().positive()], ['a number above 0, at most 5', z.number().positive().max(5)],
  ['a number below 5', z.number().lt(5)], ['a number of at least 1, below 5', z.number().min(1).lt(5)], ['a number above 1, below 5', z.number().gt(1).lt(5)],
  ['a whole number of exactly 3', z.int().min(3).max(3)],
  ['text of at least 1 character', z.string().min(1)], ['text from 2 to 9 characters', z.string().min(2).max(9)], ['text of exactly 4 characters', z.string().length(4)],
  ['a list of exactly 3 items', z.array(z.int()).length(3)], ['a list of at least 1 item', z.array(z.int()).min(1)], ['a list of 1 to 9 items', z.array(z.int()).min(1).max(9)], ['a list, each item true or false', z.array(z.boolean())],
  ['a map with a', z.object({ a: z.int() })], ['a map whose values are each true or false', z.record(z.string(), z.boolean())], ['on, or null', z.union([z.literal('on'), z.null()])],
])('%s', (text, schema) => {
  expect(said(schema)).toBe(text)
})

test('the field that was meant is at most two letters away', () => {
  expect([nearest('fuseA', ['fuseB', 'phases']), nearest('FUSE', ['fuseA', 'limitW']), nearest('fuse', ['fuseAll']), nearest('x', [])]).toEqual(['fuseB', 'fuseA', undefined, undefined])
  // What was left away, where it can only be one.
  expect([nearest('origins', ['hosts', 'allowedOrigins']), nearest('origins', ['allowedOrigins', 'otherOrigins'])]).toEqual(['allowedOrigins', undefined])
})

test('a name of any length costs nothing: only names about as long are compared', () => {
  expect(nearest('x'.repeat(20_000_000), ['fuseA', 'limitW', 'phases'])).toBeUndefined()
})
