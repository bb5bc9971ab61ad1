// Pages cut anew: every row once and in order, no instant on two pages.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wholeInstants } from '../../src/actors/whole-instants.ts'

async function* inPages<T>(rows: readonly T[], sizes: readonly number[]): AsyncGenerator<readonly T[]> {
  let from = 0
  for (const size of sizes) {
    yield rows.slice(from, from + size)
    from += size
  }
  if (from < rows.length) yield rows.slice(from)
}

test('nothing is lost, nothing comes twice, what is of one instant comes together', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(6), { maxLength: 40 }), fc.array(fc.nat(9), { maxLength: 12 }), async (gaps, sizes) => {
    let atMs = 0
    const rows = gaps.map((gap, nth) => ({ atMs: atMs += Math.max(0, gap - 4), nth }))
    const pages: (readonly { readonly atMs: number; readonly nth: number }[])[] = []
    for await (const page of wholeInstants(inPages(rows, sizes))) pages.push(page)
    expect(pages.flat()).toEqual(rows)
    expect(pages.every((page) => page.length > 0)).toBe(true)
    for (const [index, page] of pages.entries()) if (index > 0) expect(page[0]!.atMs).toBeGreaterThan(pages[index - 1]!.at(-1)!.atMs)
  }))
})
