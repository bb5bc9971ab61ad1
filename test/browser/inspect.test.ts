// Inspect in a real browser: a car starts and its connector is seen to change, and the past before it is found again.
import { describe, expect, it } from 'vitest'
import { Charger } from '../e2e/charger.ts'
import { RawStation } from '../e2e/raw-station.ts'
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

  it('shows a thousand actors live, and draws those in sight', async () => {
    const ids = Array.from({ length: 340 }, (_, i) => `P-${i}`)
    const server = await startServer({ place: await newPlace(), config: `sites:\n  - { id: main, fuseA: 6300 }\nchargePoints:\n${ids.map((id) => `  - { id: ${id}, connectors: [{ id: 1 }, { id: 2 }] }\n`).join('')}` })
    const stations = await inTens(ids, async (id) => {
      const station = await (await RawStation.connect(server.ocppUrl, id)).boot()
      for (const connectorId of [1, 2]) await station.call('StatusNotification', { connectorId, errorCode: 'NoError', status: 'Available' })
      return station
    })
    const { page, errors, close } = await depot.open(`${server.url}/inspect`)
    // Commands come and go beside them.
    await page.getByRole('heading', { name: /^Actors \(1,?0[2-9]\d\)$/ }).waitFor()
    const rows = page.getByRole('treeitem')
    expect(await rows.count()).toBeLessThan(60)
    await page.getByRole('searchbox', { name: 'Text' }).fill('P-339')
    await stations.at(-1)!.call('StatusNotification', { connectorId: 2, errorCode: 'NoError', status: 'Preparing' })
    await page.getByRole('treeitem', { name: /connector 2 preparing/i }).waitFor()
    await page.getByRole('list', { name: /^Timeline/ }).getByText(/P-339/).first().waitFor()
    expect(await page.getByText(/events left out/).count()).toBe(0)
    expect(errors).toEqual([])
    for (const { socket } of stations) socket.close()
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

/** So that no door is stormed. */
async function inTens<T, R>(items: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += 10) results.push(...await Promise.all(items.slice(from, from + 10).map(each)))
  return results
}
