// A limit of people as a request, and what brings back what stood before it: never later than it stood, never what had lapsed.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { undoing, wishOf } from '../../web/src/pages/site/limit-wish.ts'

const nowMs = Date.parse('2026-11-24T12:00:20Z')
const effective = { currentA: 50, powerW: 34_500, binding: 'grid-limit' }
const filled = { value: '40', unit: 'A', minutes: '30', reason: ' works ' }
const at = (afterS: number): string => new Date(nowMs + afterS * 1000).toISOString()

describe('a limit as a request', () => {
  it('is in its unit, and none while the numbers are none', () => {
    expect(wishOf('limit', 'my site', filled, nowMs)).toEqual({ method: 'PUT', path: '/sites/my%20site/grid-limit', body: { currentA: 40, reason: 'works' } })
    expect(wishOf('limit', 'main', { ...filled, unit: 'kW', reason: '' }, nowMs)?.body).toEqual({ powerW: 40_000 })
    for (const bad of [{ value: '' }, { value: '-1' }, { value: 'x' }]) expect(wishOf('limit', 'main', { ...filled, ...bad }, nowMs)).toBeNull()
    expect(wishOf('curtail', 'main', { ...filled, minutes: '0' }, nowMs)).toBeNull()
  })

  it('for a time ends with the minute in which that is over', () => {
    expect(wishOf('curtail', 'main', { ...filled, unit: '%' }, nowMs)).toEqual({ method: 'POST', path: '/sites/main/curtailments', body: { percent: 40, reason: 'works', expiresAt: '2026-11-24T12:31:00.000Z' } })
  })
})

describe('what undoes a limit', () => {
  it('sets what stood, and lifts where nothing did', () => {
    expect(undoing('main', { currentA: 50, reason: 'works', effective }, nowMs)).toEqual({ method: 'PUT', path: '/sites/main/grid-limit', body: { currentA: 50, reason: 'works' } })
    expect(undoing('main', { currentA: 50, powerW: 34_500, effective }, nowMs)).toMatchObject({ body: { powerW: 34_500 } })
    expect(undoing('main', { currentA: null, effective: { ...effective, binding: 'fuse' } }, nowMs)).toEqual({ method: 'DELETE', path: '/sites/main/grid-limit' })
  })

  it('gives a limit with an end no more than what is left of it', () => {
    fc.assert(fc.property(fc.integer({ min: 4000, max: 604_800_000 }), (leftMs) => {
      const wish = undoing('main', { currentA: 50, expiresAt: new Date(nowMs + leftMs).toISOString(), effective }, nowMs)
      const { ttlS } = (wish as { body: { ttlS: number } }).body
      expect(Number.isInteger(ttlS) && ttlS >= 1 && ttlS * 1000 <= leftMs && ttlS * 1000 > leftMs - 4000).toBe(true)
    }))
  })

  it('is nothing where the limit had lapsed, whatever binds now', () => {
    expect(undoing('main', { currentA: 80, expiresAt: at(-2), effective: { currentA: 0, powerW: 0, binding: 'failsafe' } }, nowMs)).toMatch(/lapsed, and the failsafe held/)
    expect(undoing('main', { currentA: null, effective: { currentA: 0, powerW: 0, binding: 'failsafe' } }, nowMs)).toMatch(/lapsed/)
    for (const expiresAt of [at(-2), at(0), at(2)]) expect(undoing('main', { currentA: 80, expiresAt, effective: { ...effective, binding: 'curtailment:cur_1' } }, nowMs)).toMatch(/reached its end/)
    expect(undoing('main', { currentA: null, expiresAt: at(-2), effective: { ...effective, binding: 'curtailment:cur_1' } }, nowMs)).toMatch(/reached its end/)
  })
})
