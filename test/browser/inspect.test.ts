// Inspect in a real browser: a car starts and its connector is seen to change, and the past before it is found again.
import { describe, expect, it } from 'vitest'
import { Charger } from '../e2e/charger.ts'
import { newPlace, startServer } from '../e2e/server.ts'
import { withoutBrowser } from './browser.ts'
import { withDepot } from './depot.ts'

describe.skipIf(withoutBrowser())('the inspect page', () => {
  const depot = withDepot()

  it('lights the state of a connector as a car starts, and the one before it when one goes back', async () => {
    const { page, errors, strayRequests, seriousFindings, close } = await depot.open('/inspect?actor=connector:CP-9:1')
    const slider = page.getByRole('slider', { name: /^Recorded since/ })
    await slider.waitFor()
    const comer = new Charger({ ocppUrl: depot.server.ocppUrl, id: 'CP-9', yard: depot.yard })
    await comer.connect()
    await comer.boot()
    await comer.charge()
    const chart = page.getByRole('img', { name: /^Machine connector, in charging/ })
    await chart.waitFor()
    await page.locator('.statechart .state.lit', { hasText: 'charging' }).waitFor()
    await page.getByRole('treeitem', { name: /^.?connector 1 charging/ }).nth(3).waitFor()
    await page.getByRole('list', { name: /^Timeline/ }).getByText(/STATUS_REPORTED/).first().waitFor()
    expect(await seriousFindings()).toEqual([])

    await slider.focus()
    await page.keyboard.press('Home')
    await chart.waitFor({ state: 'hidden' })
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/ago$/)
    await page.getByRole('button', { name: 'Live' }).click()
    await chart.waitFor()
    expect(errors).toEqual([])
    expect(strayRequests).toEqual([])
    await close()
  })

  it('fits a phone, without a serious finding', async () => {
    const { page, seriousFindings, close } = await depot.open('/inspect?actor=site:main', { width: 360, height: 800, colorScheme: 'dark' })
    await page.getByRole('img', { name: /^Machine site, in / }).waitFor()
    expect(await seriousFindings()).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    await close()
  })

  it('says which scope is missing, and how to get it', async () => {
    const server = await startServer({ place: await newPlace(), env: { KWOTA_API_KEY: 'the-first-key-of-this-test' }, config: 'sites:\n  - { id: main, fuseA: 63 }\n' })
    const response = await fetch(`${server.url}/api/v1/api-keys`, { method: 'POST', headers: { Authorization: 'Bearer the-first-key-of-this-test', 'Content-Type': 'application/json' }, body: JSON.stringify({ name: 'reader', scopes: ['read'] }) })
    const { secret } = (await response.json()) as { secret: string }
    const { page, close } = await depot.open(`${server.url}/inspect`)
    await page.getByLabel('API key').fill(secret)
    await page.getByRole('button', { name: 'Enter' }).click()
    await page.getByText(/needs a key with the scope inspect; this one has read\./).waitFor()
    expect(await page.locator('pre').textContent()).toContain('"scopes":["read","inspect"]')
    await close()
  })
})
