// A page that stays open: it comes back from the background, says what is true of old data, and a screen reader is not talked to all the time.
import { setTimeout as wait } from 'node:timers/promises'
import type { Page, Route } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { until } from '../e2e/yard.ts'
import { withoutBrowser } from './browser.ts'
import { withDepot } from './depot.ts'

const overview = '**/api/v1/sites/main/overview'

/** As when another tab is looked at, or this one again. */
async function look(page: Page, at: boolean): Promise<void> {
  await page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${!at} }); document.dispatchEvent(new Event('visibilitychange'))`)
}

/** Every text that a live region came to say since then, with `sinceMs`, how long that is. */
async function listenTo(page: Page): Promise<() => Promise<{ readonly said: readonly string[]; readonly sinceMs: number }>> {
  await page.evaluate(`(() => {
    const regions = '[aria-live=polite], [aria-live=assertive], [role=alert], [role=status]'
    const begun = performance.now()
    const said = []
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const region = (target.nodeType === 1 ? target : target.parentElement)?.closest(regions)
        if (region && region.textContent !== '') said.push(region.textContent)
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true })
    window.heard = () => ({ said, sinceMs: performance.now() - begun })
  })()`)
  return () => page.evaluate('window.heard()')
}

describe.skipIf(withoutBrowser())('a page that stays open', () => {
  const depot = withDepot()
  const open = async () => {
    const window = await depot.open('/')
    await window.page.getByRole('heading', { name: 'Connectors' }).waitFor()
    return window
  }

  it('goes on reading when it is looked at again, however often it was away', async () => {
    const { page, close } = await open()
    let asked = 0
    page.on('request', (request) => { if (request.url().endsWith('/overview')) asked++ })
    for (let i = 0; i < 4; i++) {
      await look(page, false)
      // Longer than what was wanted before is waited with.
      await wait(2_500)
      await look(page, true)
      const before = asked
      await until('it reads again', () => asked >= before + 3)
    }
    expect(asked).toBeGreaterThan(0)
    await close()
  })

  it('says that kwota does not answer only where it did not, and its age where nobody is told each second', async () => {
    const { page, close } = await open()
    const held: Route[] = []
    let hold = true
    await page.route(overview, (route) => (hold ? void held.push(route) : route.continue()))
    await look(page, false)
    await wait(13_000)
    await look(page, true)
    await page.getByRole('alert').getByText('Not live: these data are old. They are being read again.').waitFor()
    expect(await page.getByText('does not answer').count()).toBe(0)
    hold = false
    await Promise.all(held.map((route) => route.continue()))
    await page.getByText('Not live').waitFor({ state: 'detached' })

    await page.route(overview, (route) => route.abort())
    await page.getByRole('alert').getByText('Not live: these data are old. kwota cannot be reached.').waitFor()
    const heard = await listenTo(page)
    const ages = new Set<string | null>()
    await until('the age goes on', async () => ages.add(await page.getByText(/^They are from \d+ s ago\.$/).textContent()).size > 3)
    expect((await heard()).said.filter((text) => text.includes('Not live') || text.includes('ago'))).toEqual([])
    await page.unroute(overview)
    await page.getByText('Not live').waitFor({ state: 'detached' })
    await close()
  })

  it('shows how far a limit has come in one line, and announces it at most every 5 s', async () => {
    const { page, close } = await open()
    let confirmed = 0
    await page.route('**/api/v1/sites/main/grid-limit', async (route) => {
      if (route.request().method() !== 'GET') return route.continue()
      const answer = await route.fetch()
      const view = await answer.json() as object
      const looked = await page.getByText('The limit is set.').count() > 0
      if (looked && confirmed < 12) confirmed++
      const waiting = confirmed === 12 ? [] : ['CP-1/1']
      return route.fulfill({ response: answer, json: { ...view, state: waiting.length === 0 ? 'enforced' : 'enforcing', propagation: { targets: 12, told: 12, confirmed, waiting } } })
    })
    const heard = await listenTo(page)
    for (const limitA of ['60', '59']) {
      await page.getByRole('button', { name: 'Change limit' }).click()
      await page.getByLabel('Limit', { exact: true }).fill(limitA)
      await page.getByRole('button', { name: `Set the limit to ${limitA}` }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    const line = page.locator('.notices p', { hasText: /^Told/ })
    await line.waitFor()
    await page.evaluate(`document.querySelector('.notices > p').id = 'first'`)
    const seen = new Set<string | null>()
    await until('all have confirmed', async () => {
      expect(await line.count()).toBe(1)
      const text = await line.textContent()
      seen.add(text)
      return text?.startsWith('Told 12/12, confirmed 12/12.')
    })
    expect(seen.size, 'it goes on before their eyes').toBeGreaterThan(3)
    expect(await line.getAttribute('id'), 'in place').toBe('first')
    const told = async () => { const { said, sinceMs } = await heard(); return { said: said.filter((text) => text.startsWith('Told')), sinceMs } }
    await until('the end is announced', async () => (await told()).said.at(-1)?.endsWith('The limit holds.'))
    const { said, sinceMs } = await told()
    expect(said.length).toBeLessThanOrEqual(1 + sinceMs / 5_000)
    expect(new Set(said).size).toBe(said.length)
    await line.waitFor({ state: 'detached' })
    await page.unroute('**/api/v1/sites/main/grid-limit')
    await depot.server.request('DELETE', '/api/v1/sites/main/grid-limit')
    await close()
  })
})
