// Every page over the demo, narrow and wide, light and dark: it fits, axe finds nothing serious, nobody else is asked. With KWOTA_PICTURES=make, the pictures of the documentation.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildProduct } from '../e2e/build.ts'
import { until } from '../e2e/yard.ts'
import { openBrowser, withoutBrowser, type Look } from './browser.ts'

const folder = join(import.meta.dirname, '../../docs/pictures')
const making = process.env['KWOTA_PICTURES'] === 'make'
/** Of every page: where it is, what says that it stands, and the picture it gives. */
const pages: readonly { readonly path: string; readonly stands: string; readonly picture?: string }[] = [
  { path: '/sites/main', stands: '.chart canvas', picture: 'site' },
  { path: '/sites/main/chargepoints', stands: 'main table, main .cards' },
  { path: '/sites/main/circuits', stands: 'main .bar', picture: 'circuits' },
  { path: '/sites/main/limits', stands: 'main h2', picture: 'limits' },
  { path: '/sites/main/sessions', stands: 'main table' },
  { path: '/sites/main/activity', stands: 'main h2' },
  { path: '/chargepoints/CP-05', stands: 'main h2', picture: 'charge-point' },
  { path: '/lobby', stands: 'main h1' },
  { path: '/connect', stands: 'main svg', picture: 'connect' },
  { path: '/messages', stands: 'main table' },
  { path: '/inspect', stands: 'main svg', picture: 'inspect' },
  { path: '/docs', stands: 'main details' },
  { path: '/settings', stands: 'main h2' },
]
const looks: readonly Look[] = [{ width: 1280, colorScheme: 'light' }, { width: 1280, colorScheme: 'dark' }, { width: 360, height: 800, colorScheme: 'light' }, { width: 360, height: 800, colorScheme: 'dark' }]

describe.skipIf(withoutBrowser())('over the demo', () => {
  let demo: ChildProcess
  let url = ''
  let chromium: Awaited<ReturnType<typeof openBrowser>>
  beforeAll(async () => {
    const main = await buildProduct()
    demo = spawn(process.execPath, [main, 'demo', '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } })
    let said = ''
    for (const stream of [demo.stdout, demo.stderr]) stream?.on('data', (chunk: Buffer) => { said = (said + chunk.toString()).slice(-20_000) })
    await until('the demo to say its address', () => /page (http:\/\/\S+)\//.test(said), () => said)
    url = /page (http:\/\/\S+)\//.exec(said)?.[1] ?? ''
    chromium = await openBrowser()
    // Cars have come by then, and the grid asks for less.
    await until('charging cars', async () => (await (await fetch(`${url}/api/v1/sites/main/overview`)).json() as { counts: { charging: number } }).counts.charging >= 3)
    if (making) await wait(35_000)
  })
  afterAll(async () => {
    await chromium.close()
    const gone = once(demo, 'exit')
    demo.kill('SIGTERM')
    await gone
  })

  it.each(pages)('$path', async ({ path, stands, picture }) => {
    for (const look of looks) {
      const seen = `${path} ${look.width} ${look.colorScheme}`
      const { page, seriousFindings, strayRequests, errors, close } = await chromium.open(`${url}${path}`, look)
      await page.locator(stands).first().waitFor()
      expect(await seriousFindings(), seen).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), `${seen}: scrolls sideways`).toBeLessThanOrEqual(0)
      expect([...strayRequests, ...errors], seen).toEqual([])
      if (making && picture !== undefined) {
        await mkdir(folder, { recursive: true })
        await page.waitForTimeout(1_500)
        const suffix = `${look.width === 360 ? '-phone' : ''}${look.colorScheme === 'dark' ? '-dark' : ''}`
        if (suffix === '' || (picture === 'site' && suffix === '-phone-dark')) await page.screenshot({ path: join(folder, `${picture}${suffix}.png`) })
      }
      await close()
    }
  }, 120_000)
})
