// How long the event loop of a kwota stood still, measured inside of it, and whether it says all the time that it lives.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ProductOptions } from './product.ts'
import { openRest } from './rest.ts'

/** For the product that is to be watched: what it is started with, and where it notes. */
export function lagNotes(place: string): { readonly file: string; readonly options: Pick<ProductOptions, 'nodeFlags' | 'env'> } {
  const file = join(place, 'lag')
  return { file, options: { nodeFlags: ['--import', fileURLToPath(new URL('./lag-hook.js', import.meta.url))], env: { KWOTA_CHAOS_LAG: file } } }
}

/** The longest stall noted in a time, ms; below 20 it counts as none. */
export function longestStall(file: string, fromMs: number, toMs: number): number {
  if (!existsSync(file)) return 0
  const stalls = readFileSync(file, 'utf8').split('\n').flatMap((line) => {
    const [atMs, stallMs] = line.split(' ').map(Number)
    return atMs !== undefined && stallMs !== undefined && atMs >= fromMs && atMs <= toMs ? [stallMs] : []
  })
  return stalls.reduce((most, one) => Math.max(most, one), 0)
}

export interface Pulse {
  /** How long its slowest answer took, ms. */
  readonly slowestMs: number
  readonly faults: readonly string[]
  stop(): Promise<void>
}

const everyMs = 250

/** Asks /livez until it is stopped. */
export function openPulse(url: string): Pulse {
  const rest = openRest(url)
  const faults: string[] = []
  let slowestMs = 0
  let stopped = false
  const beating = (async () => {
    while (!stopped) {
      const askedMs = performance.now()
      const answer = await rest.ask('GET', '/livez')
      if (answer?.status !== 200 && !stopped) faults.push(`/livez was answered ${answer?.status ?? 'not at all'}`)
      slowestMs = Math.max(slowestMs, performance.now() - askedMs)
      await new Promise<void>((resolve) => { setTimeout(resolve, everyMs) })
    }
  })()
  return {
    get slowestMs() { return slowestMs },
    faults,
    async stop() {
      stopped = true
      await beating
    },
  }
}
