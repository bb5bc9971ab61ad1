// The page of a site with 200 connectors in the table, where there is a browser to open it.
import { chromiumPath } from './browser.ts'
import { measurePage, type PageResult } from './page.ts'
import type { Part } from './part.ts'
import type { PerScale, Scale } from './scale.ts'
import { atMost, ms, times } from './words.ts'

const runs: PerScale<number> = { full: 5, quick: 1, smoke: 0 }
const stations = 200
const mostMs = 1_000

export async function page(scale: Scale, progress: (line: string) => void): Promise<Part<PageResult | null>> {
  if (runs[scale] === 0) return leftOut('this is only a proof that the bench runs', progress)
  if (chromiumPath() === null) return leftOut('there is no Chromium on the PATH', progress)
  const data = await measurePage({ stations, runs: runs[scale], minutes: 0, seed: 1 }, progress)
  return { data, rows: [{
    what: `the page of a site with ${stations} connectors, everything painted, empty cache, browser on the same cores`, figure: times(data.wholeMs), brief: true,
    beside: `something is seen after ${ms(data.firstPaintMs.median)} ms; ${data.transferredKiB.toFixed(1)} KiB in ${data.files} files`, goal: atMost(data.wholeMs.median, mostMs, 'within 1 s'),
  }] }
}

function leftOut(why: string, progress: (line: string) => void): Part<null> {
  progress(`the page is left out: ${why}`)
  return { data: null, rows: [] }
}
