// The frame of the pages in a real browser: it opens, asks for a key where one is needed, and never leaves its origin.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { newPlace, startServer, tidyUp } from '../e2e/server.ts'
import { openBrowser, withoutBrowser } from './browser.ts'

const key = 'a-key-for-the-pages-of-this-test'

describe.skipIf(withoutBrowser())('the pages', () => {
  let chromium: Awaited<ReturnType<typeof openBrowser>>
  beforeAll(async () => { chromium = await openBrowser() })
  afterAll(() => chromium.close())
  afterEach(tidyUp)

  it('ask for a key, take it, keep it out of the page, and let go of it', async () => {
    const server = await startServer({ place: await newPlace(), env: { KWOTA_API_KEY: key }, config: 'sites:\n  - id: main\n    name: Depot\n    fuseA: 63\n  - id: north\n    fuseA: 32\n' })
    const window = await chromium.open(`${server.url}/`)
    const { page } = window
    await page.getByLabel('API key').fill('not-the-key')
    await page.getByRole('button', { name: 'Enter' }).click()
    await page.getByRole('alert').waitFor()
    expect(await window.seriousFindings()).toEqual([])
    await page.getByLabel('API key').fill(key)
    await page.getByRole('button', { name: 'Enter' }).click()
    await page.getByRole('heading', { name: 'Sites' }).waitFor()
    expect(await page.getByRole('link', { name: 'Depot' }).getAttribute('href')).toBe('/sites/main')
    expect(await page.evaluate('[document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join()')).not.toContain(key)
    expect(await window.seriousFindings()).toEqual([])
    expect(window.strayRequests).toEqual([])
    expect(window.errors).toEqual([])
    await window.close()
  })
})
