// A Chromium of this machine, for figures of the pages: an empty cache each time, long tasks counted within, its heap and its work asked for from outside.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type CDPSession, type Page } from 'playwright-core'

/** Since it was asked last. */
export interface Jank {
  /** Tasks over 50 ms. */
  readonly longTasks: number
  readonly longTasksMs: number
  readonly longestTaskMs: number
  /** All that its main thread did. */
  readonly busyMs: number
}

/** After a full collection. `ownKiB` = objects, arrays, texts and functions; the heap also holds compiled code, and what the browser itself keeps of requests and of its timings up to bounds of its own. */
export interface PageHeap { readonly ownKiB: number; readonly heapKiB: number; readonly nodes: number; readonly listeners: number }

export interface Opened {
  readonly page: Page
  jank(): Promise<Jank>
  heap(): Promise<PageHeap>
  close(): Promise<void>
}

export interface Chromium {
  /** `whole`: an expression, true when everything is there that people came for. Resolves when that has been painted; its time counts from the beginning of the navigation. */
  open(url: string, whole: string): Promise<Opened & { readonly firstPaintMs: number; readonly wholeMs: number; readonly files: readonly { readonly path: string; readonly bytes: number }[] }>
  close(): Promise<void>
}

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const wholeWithinMs = 60_000
/** Not often: to be asked costs the page time. */
const lookEveryMs = 250

/** Null where none is on the PATH. */
export function chromiumPath(): string | null {
  return (process.env['PATH'] ?? '').split(delimiter).flatMap((dir) => names.map((name) => join(dir, name))).find(isExecutable) ?? null
}

export async function launchChromium(): Promise<Chromium> {
  const executablePath = chromiumPath()
  if (executablePath === null) throw new Error(`no Chromium on the PATH: one of ${names.join(', ')} must be installed`)
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  return {
    async open(url, whole) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
      const page = await context.newPage()
      await page.addInitScript({ content: watching(whole) })
      await page.goto(url, { waitUntil: 'commit' })
      const endMs = performance.now() + wholeWithinMs
      while (await page.evaluate<number>('kwotaBench.wholeMs') === 0) {
        if (performance.now() > endMs) throw new Error(`${url} is not whole after ${wholeWithinMs / 1_000} s: ${whole}`)
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
      }
      const { firstPaintMs, wholeMs } = await page.evaluate<{ firstPaintMs: number; wholeMs: number }>('({ wholeMs: kwotaBench.wholeMs, firstPaintMs: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0 })')
      const files = await page.evaluate<{ path: string; bytes: number }[]>('[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].filter(({ name }) => !name.includes("/api/")).map(({ name, encodedBodySize }) => ({ path: new URL(name).pathname, bytes: encodedBodySize }))')
      const cdp = await context.newCDPSession(page)
      await cdp.send('Performance.enable')
      let toldBusyMs = 0
      const metric = async () => {
        const { metrics } = await cdp.send('Performance.getMetrics')
        return (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? 0
      }
      return {
        page, firstPaintMs, wholeMs, files,
        async jank() {
          const counted = await page.evaluate<Omit<Jank, 'busyMs'>>('kwotaBench.jank()')
          const allBusyMs = (await metric())('TaskDuration') * 1_000
          const busyMs = allBusyMs - toldBusyMs
          toldBusyMs = allBusyMs
          return { ...counted, busyMs }
        },
        async heap() {
          // Twice: what the first finds ended, the second gives back.
          for (let turn = 0; turn < 2; turn++) await cdp.send('HeapProfiler.collectGarbage')
          const of = await metric()
          return { ownKiB: await ownKiB(cdp), heapKiB: of('JSHeapUsedSize') / 1024, nodes: of('Nodes'), listeners: of('JSEventListeners') }
        },
        close: () => context.close(),
      }
    },
    close: () => browser.close(),
  }
}

const ownKinds = new Set(['object', 'array', 'string', 'concatenated string', 'sliced string', 'closure', 'number', 'regexp', 'symbol', 'bigint'])

interface Snapshot { readonly snapshot: { readonly meta: { readonly node_fields: readonly string[]; readonly node_types: readonly [readonly string[]] } }; readonly nodes: readonly number[] }

async function ownKiB(cdp: CDPSession): Promise<number> {
  const chunks: string[] = []
  const take = ({ chunk }: { chunk: string }): void => void chunks.push(chunk)
  cdp.on('HeapProfiler.addHeapSnapshotChunk', take)
  await cdp.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
  cdp.off('HeapProfiler.addHeapSnapshotChunk', take)
  const { snapshot: { meta }, nodes } = JSON.parse(chunks.join('')) as Snapshot
  const [kind, size] = ['type', 'self_size'].map((name) => meta.node_fields.indexOf(name)) as [number, number]
  let bytes = 0
  for (let at = 0; at < nodes.length; at += meta.node_fields.length) if (ownKinds.has(meta.node_types[0][nodes[at + kind]!] ?? '')) bytes += nodes[at + size]!
  return bytes / 1024
}

/** Numbers only, so that watching does not grow by itself; no frame is asked for beyond those that bring the page. A message is taken up after the frame in which it was sent has been painted. */
function watching(whole: string): string {
  return `const kwotaBench = globalThis.kwotaBench = (() => {
    const none = () => ({ longTasks: 0, longTasksMs: 0, longestTaskMs: 0 })
    const self = { wholeMs: 0, jank() { const told = counts; counts = none(); return told } }
    let counts = none()
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        counts.longTasks++
        counts.longTasksMs += duration
        counts.longestTaskMs = Math.max(counts.longestTaskMs, duration)
      }
    }).observe({ type: 'longtask', buffered: true })
    const painted = new MessageChannel()
    painted.port1.onmessage = () => { self.wholeMs = performance.now() }
    const frame = () => {
      if (${whole}) painted.port2.postMessage(null)
      else requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
    return self
  })()`
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
