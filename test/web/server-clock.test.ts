// kwota's clock as its answers tell it, and that nothing of the pages reads the browser's beside it.
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { aheadAfter, aheadMs, clockWords, heardDate, serverNowMs } from '../../web/src/data/server-clock.ts'

beforeEach(() => { aheadMs.value = 0 })

describe('the clock of kwota', () => {
  it('is found to the second and the way there, whatever the browser says, and stays where nothing proves otherwise', () => {
    const ms = fc.integer({ min: -1e12, max: 1e12 })
    fc.assert(fc.property(ms, ms, fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 10_000 }), (held, trueAhead, thereMs, backMs) => {
      const askedAtMs = 1_750_000_000_000
      const secondMs = Math.floor((askedAtMs + thereMs + trueAhead) / 1000) * 1000
      const ahead = aheadAfter(held, secondMs, askedAtMs, askedAtMs + thereMs + backMs)
      expect(Math.abs(ahead - trueAhead)).toBeLessThanOrEqual(1000 + thereMs + backMs)
      // What it says again moves nothing.
      expect(aheadAfter(ahead, secondMs, askedAtMs, askedAtMs + thereMs + backMs)).toBe(ahead)
    }))
    expect(aheadAfter(300, 1_750_000_000_000, 1_750_000_000_200, 1_750_000_000_250)).toBe(300)
  })

  it('is not moved by an answer without a date, or by a browser whose clock was set back meanwhile', () => {
    const asked = Date.now()
    heardDate(null, asked, asked + 5)
    heardDate('no date', asked, asked + 5)
    heardDate(new Date(asked + 7_200_000).toUTCString(), asked, asked - 5)
    expect(aheadMs.value).toBe(0)
  })

  it('holds for the pages as soon as an answer came', () => {
    const asked = Date.now()
    heardDate(new Date(asked + 2_400_000).toUTCString(), asked, asked)
    expect(Math.abs(serverNowMs() - Date.now() - 2_400_000)).toBeLessThanOrEqual(1000)
  })

  it('is spoken of where the browser is off by more than 30 s', () => {
    expect([clockWords(0), clockWords(30_000), clockWords(-30_000)]).toEqual([null, null, null])
    expect(clockWords(2_400_000)).toBe('The clock of this browser is 40 min behind kwota\'s. These pages go by kwota\'s clock; set the one that is wrong.')
    expect(clockWords(2_399_100)).toMatch(/is 40 min behind/)
    expect(clockWords(-31_000)).toMatch(/is 31 s ahead of kwota's/)
  })
})

it('nothing of the pages reads the clock of the browser but what compares the two', async () => {
  const web = join(import.meta.dirname, '../../web/src')
  const readers: string[] = []
  for (const name of await readdir(web, { recursive: true })) {
    if (/\.(?:ts|tsx)$/.test(name) && /\bDate\.now\b|new Date\(\)/.test(await readFile(join(web, name), 'utf8'))) readers.push(name)
  }
  expect(readers.sort()).toEqual(['data/call.ts', 'data/server-clock.ts'])
})
