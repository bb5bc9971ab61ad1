// The REST API as its page lists it: every operation of the description, found by its words, with what may stand where.
import { describe, expect, test } from 'vitest'
import { openapiDocument } from '../../src/api/openapi.ts'
import { routes } from '../../src/api/routes.ts'
import { byTag, found, operationsOf, refusals, successes, typeWords, type ApiDescription } from '../../web/src/pages/docs/operations.ts'

const all = operationsOf(JSON.parse(JSON.stringify(openapiDocument(routes, '1.2.3'))) as ApiDescription)

describe('the page of the REST API', () => {
  test('lists every operation, the socket of inspection too, each in one group', () => {
    expect(all).toHaveLength(routes.filter(({ page }) => page !== true).length + 1)
    expect(byTag(all).flatMap(([, operations]) => operations)).toHaveLength(all.length)
    expect(all.map(({ method, path }) => `${method} ${path}`)).toContain('GET /api/v1/inspect')
    expect(all.filter(({ summary, needs }) => summary === '' || needs === '')).toEqual([])
  })

  test('finds by method, path, summary and scope, all words at once', () => {
    expect(found(all, 'put GRID-limit').map(({ path }) => path)).toContain('/api/v1/sites/{siteID}/grid-limit')
    expect(found(all, 'put grid-limit').every(({ method }) => method === 'PUT')).toBe(true)
    expect(found(all, 'no such words at all')).toEqual([])
    expect(found(all, ' ')).toHaveLength(all.length)
  })

  test('keeps what is answered apart from what is refused', () => {
    const [limit] = found(all, 'put /grid-limit')
    expect(typeWords(limit?.body?.content['application/json']?.schema ?? {})).toBe('object')
    expect(limit === undefined ? [] : successes(limit).map(({ status }) => status)).toEqual(['200'])
    expect(limit === undefined ? [] : refusals(limit)).toContain('422')
  })

  test.each([
    [{ type: 'number', minimum: 0, maximum: 100 }, 'number, from 0 to 100'], [{ enum: ['Hard', 'Soft'] }, 'one of Hard, Soft'], [{ type: 'array', items: { type: 'string' } }, 'list of text'],
    [{ $ref: '#/components/schemas/Site' }, 'Site'], [{ anyOf: [{ type: 'number' }, { type: 'null' }] }, 'number or null'], [{ type: 'string', maxLength: 48 }, 'text, to 48 characters'], [{ const: true }, 'true'], [{}, 'anything'],
    [{ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER }, 'whole number, from 1'],
  ])('%j is %s', (schema, words) => expect(typeWords(schema)).toBe(words))
})
