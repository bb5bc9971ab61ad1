// A real Chromium for tests of the pages: what left the origin, what the console said, what axe finds.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { leftOut, onPath } from '../on-path.ts'

const require = createRequire(import.meta.url)
const chromiumPath = onPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')

/** For `describe.skipIf`: true, with the reason printed, where there is no Chromium; in CI that is an error instead. */
export function withoutBrowser(): boolean {
  return leftOut(chromiumPath === undefined, 'browser tests', 'no chromium on the PATH')
}

export interface Look {
  /** CSS pixels; left out: 1280. */
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
}

/** One page of a browser, and what it did that no page of ours may do. */
export interface Window {
  readonly page: Page
  /** Addresses outside the origin that were asked for. */
  readonly strayRequests: string[]
  /** Errors of the console and of scripts. */
  readonly errors: string[]
  /** What axe finds that is serious or critical, as `rule: element`. */
  seriousFindings(): Promise<string[]>
  close(): Promise<void>
}

/** A browser for a file of tests; `close` it. */
export async function openBrowser(): Promise<{ readonly browser: Browser; open(url: string, look?: Look): Promise<Window>; close(): Promise<void> }> {
  const browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  return {
    browser,
    async open(url, look = {}) {
      const context = await browser.newContext({ viewport: { width: look.width ?? 1280, height: look.height ?? 900 }, colorScheme: look.colorScheme ?? 'light', acceptDownloads: true })
      return watch(context, url)
    },
    close: () => browser.close(),
  }
}

async function watch(context: BrowserContext, url: string): Promise<Window> {
  const page = await context.newPage()
  const { origin, host } = new URL(url)
  const strayRequests: string[] = []
  const errors: string[] = []
  context.on('request', (request) => {
    const to = new URL(request.url())
    if (to.host !== host && to.protocol !== 'blob:') strayRequests.push(request.url())
  })
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== host) strayRequests.push(socket.url())
  })
  page.on('console', (message) => {
    // A refused request is said there as well; whether it was right to be refused, its test says.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(String(error)))
  await page.goto(url, { waitUntil: 'load' })
  return {
    page, strayRequests, errors,
    async seriousFindings() {
      const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8')
      await page.evaluate(axe)
      const found: unknown = await page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 160) + ' ' + failureSummary)))`)
      if (!Array.isArray(found)) throw new Error(`axe did not run at ${origin}`)
      return found.map(String)
    },
    close: () => context.close(),
  }
}
