// A walk along many steps looks at each of them once, however many instants are asked for.
import { expect, test } from 'vitest'
import { cursorOver } from '../../src/profiles/cursor.ts'

test('the last step that has begun; of equal beginnings the later one; nothing before the first', () => {
  const at = cursorOver([[10, 'a'], [20, 'b'], [20, 'c'], [30, 'd']] as const, ([start]) => start)
  expect([0, 9, 10, 15, 20, 20, 29, 99].map((instant) => at(instant)?.[1])).toEqual([undefined, undefined, 'a', 'a', 'c', 'c', 'c', 'd'])
  expect(cursorOver<number>([], (start) => start)(5)).toBeUndefined()
})

test('it looks once at each step and once more per instant', () => {
  let looks = 0
  const steps = Array.from({ length: 10_000 }, (_, index) => index)
  const at = cursorOver(steps, (start) => { looks++; return start })
  for (const start of steps) expect(at(start)).toBe(start)
  expect(looks).toBeLessThan(20_001)
})
