// How long the event loop of a server stood still, as it says itself at each scrape, and whether it says that it lives.
import { openRest } from './rest.ts'

export interface LagWatch {
  /** The longest so far, ms. */
  readonly longestMs: number
  readonly faults: readonly string[]
  stop(): Promise<void>
}

const everyMs = 500

/** From now on; what was before counts no more. */
export function openLagWatch(url: string, apiKey: string | null = null): LagWatch {
  const rest = openRest(url, apiKey)
  const faults: string[] = []
  let longestMs = 0
  let isFirst = true
  let stopped = false
  /** A scrape says what was since the last one. */
  async function scrape(): Promise<void> {
    const alive = await rest.ask('GET', '/livez')
    if (!stopped && alive?.status !== 200) faults.push(`/livez was answered ${alive?.status ?? 'not at all'}`)
    const text = await fetch(`${url}/metrics`, { headers: apiKey === null ? {} : { authorization: `Bearer ${apiKey}` } }).then((response) => response.text()).catch(() => '')
    const seconds = Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(text)?.[1] ?? 0)
    if (!isFirst && Number.isFinite(seconds)) longestMs = Math.max(longestMs, seconds * 1000)
    isFirst = false
  }
  const loop = (async () => {
    while (!stopped) {
      await scrape()
      await new Promise<void>((resolve) => { setTimeout(resolve, everyMs) })
    }
    await scrape()
  })()
  return {
    get longestMs() { return longestMs },
    faults,
    async stop() {
      stopped = true
      await loop
    },
  }
}
