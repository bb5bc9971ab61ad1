// Settings in a browser: the theme that stays, a key that is made, used and revoked, a setting of the site; and the pages on a phone.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { newPlace, startServer, tidyUp, type Server } from '../e2e/server.ts'
import { openBrowser, withoutBrowser, type Window } from './browser.ts'

const admin = 'a-key-for-the-pages-of-this-test'
const config = 'sites:\n  - id: main\n    name: Depot\n    fuseA: 63\nchargePoints:\n  - id: CP-01\n'

describe.skipIf(withoutBrowser())('settings', () => {
  let chromium: Awaited<ReturnType<typeof openBrowser>>
  beforeAll(async () => { chromium = await openBrowser() })
  afterAll(() => chromium.close())
  afterEach(tidyUp)

  async function enter(server: Server, path: string, look = {}): Promise<Window> {
    const window = await chromium.open(`${server.url}${path}`, look)
    await window.page.getByLabel('API key').fill(admin)
    await window.page.getByRole('button', { name: 'Enter' }).click()
    await window.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Charge points' }).waitFor()
    return window
  }
  async function expectClean(window: Window): Promise<void> {
    expect(await window.seriousFindings()).toEqual([])
    expect(window.strayRequests).toEqual([])
    expect(window.errors).toEqual([])
  }

  it('keep the theme, make a key and revoke it, and change what the site says', async () => {
    const server = await startServer({ place: await newPlace(), env: { KWOTA_API_KEY: admin }, config })
    const window = await enter(server, '/settings')
    const { page } = window
    await page.getByLabel('Dark').check()
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
    await page.reload()
    await page.getByRole('heading', { name: 'API keys' }).waitFor()
    expect(await page.getByLabel('Dark').isChecked()).toBe(true)
    expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('dark')
    await expectClean(window)

    await page.getByRole('button', { name: 'Make a key' }).click()
    await page.getByLabel(/^Name/).fill('wall display')
    await page.getByRole('checkbox', { name: 'Depot' }).check()
    await expectClean(window)
    await page.getByRole('button', { name: 'Make it' }).click()
    const secret = (await page.locator('dialog .once code').textContent()) ?? ''
    const asked = () => server.request('GET', '/api/v1/session', undefined, { authorization: `Bearer ${secret}` })
    expect((await asked()).body).toEqual({ name: 'wall display', scopes: ['read'], sites: ['main'] })
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('button', { name: 'Revoke wall display' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke it' }).click()
    await page.getByText('wall display opens nothing any more.').waitFor()
    expect((await asked()).status).toBe(401)

    await page.getByRole('button', { name: 'Add a webhook' }).click()
    await page.getByLabel('Address that is told').fill('https://example.com/kwota')
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
    expect(await page.locator('dialog .once code').textContent()).toMatch(/^whsec_/)
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('button', { name: 'Remove https://example.com/kwota' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove it' }).click()
    await page.getByText('None: what happens is told to these pages only.').waitFor()

    await page.getByRole('button', { name: 'Change heartbeatIntervalS' }).click()
    await page.getByRole('dialog').getByRole('spinbutton').fill('60')
    await server.request('PUT', '/api/v1/sites/main', { name: 'Depot', fuseA: 63, settings: { heartbeatIntervalS: 90 } }, { authorization: `Bearer ${admin}` })
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByText('Not saved: it has changed meanwhile, to 90.').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByRole('row', { name: /A sign of life every heartbeatIntervalS .* 60 s the site/ }).waitFor()
    const site = await server.request<{ settings?: object }>('GET', '/api/v1/sites/main', undefined, { authorization: `Bearer ${admin}` })
    expect(site.body.settings).toEqual({ heartbeatIntervalS: 60 })

    await page.getByRole('button', { name: 'Leave' }).click()
    await page.getByLabel('API key').waitFor()
    await expectClean(window)
    await window.close()
  }, 120_000)

  it('tell what was sent to a webhook and what was answered', async () => {
    const answers = [500, 204]
    const receiver = createServer((_, response) => { response.writeHead(answers.shift() ?? 204).end() })
    await new Promise<void>((listening) => { receiver.listen(0, '127.0.0.1', listening) })
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
    const server = await startServer({ place: await newPlace(), env: { KWOTA_API_KEY: admin }, config: `${config}webhooks: { allowPrivate: true }\n` })
    await server.request('POST', '/api/v1/webhooks', { url, types: ['alert.raised'] }, { authorization: `Bearer ${admin}` })
    const window = await enter(server, '/settings', { width: 360, height: 800 })
    const { page } = window
    await page.getByRole('button', { name: `Deliveries to ${url}` }).click()
    await page.getByText('Nothing was sent there yet.').waitFor()
    for (const words of [/given up.*500/, /delivered.*204/]) {
      await page.getByRole('button', { name: 'Send a test' }).click()
      await page.getByRole('row', { name: words }).waitFor()
    }
    expect(await page.getByRole('region', { name: 'Deliveries to' }).getByRole('row', { name: /^webhook\.test/ }).count()).toBe(2)
    await expectClean(window)
    await window.close()
    receiver.close()
  }, 120_000)

  it('and every page of charge points fits a phone, in the dark, without serious findings', async () => {
    const server = await startServer({ place: await newPlace(), env: { KWOTA_API_KEY: admin }, config })
    const window = await enter(server, '/settings', { width: 360, height: 800, colorScheme: 'dark' })
    const pages = ['/settings', '/sites/main/chargepoints', '/lobby', '/connect', '/messages', ...['overview', 'messages', 'configuration', 'profiles', 'commands&action=set-charging-profile', 'check', 'settings'].map((tab) => `/chargepoints/CP-01?tab=${tab}`)]
    for (const path of pages) {
      await window.page.goto(`${server.url}${path}`)
      await window.page.locator('main h1').waitFor()
      for (const busy of await window.page.locator('main [aria-busy]').all()) await busy.waitFor({ state: 'detached' })
      expect(await window.page.evaluate('document.documentElement.scrollWidth - innerWidth'), path).toBeLessThanOrEqual(0)
      expect(await window.seriousFindings(), path).toEqual([])
    }
    await expectClean(window)
    await window.close()
  }, 120_000)
})
