// Changing a limit on the page of a site: nothing is sent that was not shown, the way back never leaves more than stood before, and times are kwota's.
import { afterEach, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { until } from '../e2e/yard.ts'
import { withoutBrowser } from './browser.ts'
import { withDepot } from './depot.ts'

const limitPath = '/api/v1/sites/main/grid-limit'
/** Runs before the scripts of a page: its clock is off. */
const clockOff = (ms: number): string => `{ const Right = Date; globalThis.Date = class extends Right {
  constructor(...given) { if (given.length === 0) super(Right.now() + ${ms}); else super(...given) }
  static now() { return Right.now() + ${ms} } } }`

describe.skipIf(withoutBrowser())('a limit changed on the page of a site', () => {
  const depot = withDepot()
  const open = async () => {
    const window = await depot.open('/sites/main')
    await window.page.getByRole('heading', { name: 'Connectors' }).waitFor()
    return window
  }
  const dialog = async (page: Page) => {
    await page.getByRole('button', { name: 'Change limit' }).click()
    await page.getByLabel('Limit', { exact: true }).waitFor()
  }
  const submit = (page: Page) => page.getByRole('button', { name: /^Set the limit to/ })
  const undo = (page: Page) => page.getByRole('status').getByRole('button', { name: 'Undo' })
  /** What changes something, in the order in which it was asked: `PUT /sites/main/grid-limit`. */
  const sent = (page: Page, withDryRuns = false): string[] => {
    const list: string[] = []
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url())
      if (request.method() !== 'GET' && pathname.startsWith('/api/v1/sites/') && (withDryRuns || !search.includes('dryRun'))) list.push(`${request.method()} ${pathname.slice('/api/v1'.length)}${search}`)
    })
    return list
  }
  afterEach(async () => {
    await depot.server.request('PUT', limitPath, { currentA: 63 })
    await depot.server.request('DELETE', limitPath)
    const { body } = await depot.server.request<{ data: { id: string; state: string }[] }>('GET', '/api/v1/sites/main/curtailments?limit=200')
    for (const { id, state } of body.data) if (state !== 'ended' && state !== 'cancelled') await depot.server.request('DELETE', `/api/v1/sites/main/curtailments/${id}`)
  })

  it('is undone with the end that the limit before had', async () => {
    const { page, errors, close } = await open()
    await depot.server.request('PUT', limitPath, { currentA: 50, ttlS: 120, reason: 'energy manager' })
    const { expiresAt = '' } = await depot.server.gridLimit()
    await dialog(page)
    await page.getByLabel('Limit', { exact: true }).fill('40')
    await submit(page).click()
    await page.getByText('The limit is set.').waitFor()
    expect(await depot.server.gridLimit()).not.toHaveProperty('expiresAt')
    await undo(page).click()
    await page.getByText('Undone.').waitFor()
    const after = await depot.server.gridLimit()
    expect(after).toMatchObject({ currentA: 50, reason: 'energy manager' })
    expect(Date.parse(after.expiresAt ?? '')).toBeLessThanOrEqual(Date.parse(expiresAt))
    expect(Date.parse(after.expiresAt ?? '')).toBeGreaterThan(Date.parse(expiresAt) - 60_000)
    expect(errors).toEqual([])
    await close()
  })

  it('has no way back to a limit that had lapsed: the failsafe is no limit to return to', async () => {
    const { page, errors, close } = await open()
    await depot.server.request('PUT', limitPath, { currentA: 60, ttlS: 1 })
    await until('the failsafe', async () => (await depot.server.gridLimit()).effective.binding === 'failsafe')
    expect((await depot.server.request('DELETE', limitPath)).body).toMatchObject({ code: 'failsafe-holds' })
    await dialog(page)
    await page.getByRole('button', { name: 'Lift it …' }).click()
    await page.getByRole('alert').getByText(/The grid limit was not renewed in time/).waitFor()
    expect(await page.getByRole('button', { name: 'Lift it now' }).isDisabled()).toBe(true)
    await page.getByLabel('Limit', { exact: true }).fill('20')
    await submit(page).click()
    await page.getByText('The limit is set. No undo: the limit before had lapsed, and the failsafe held.').waitFor()
    expect(await undo(page).count()).toBe(0)
    expect((await depot.server.gridLimit()).effective).toMatchObject({ currentA: 20, binding: 'grid-limit' })
    expect(errors).toEqual([])
    await close()
  })

  it('is sent only as it was shown: not before its dry run, and not beside that of another', async () => {
    const { page, errors, close } = await open()
    const changes = sent(page)
    let hold = true
    const held: (() => void)[] = []
    await page.route('**/grid-limit?dryRun=true', async (route) => {
      if (hold) await new Promise<void>((resolve) => held.push(resolve))
      await route.continue()
    })
    await dialog(page)
    await page.keyboard.type('41')
    await page.keyboard.press('Enter')
    await until('the dry run is asked for', () => held.length > 0)
    expect(await submit(page).isDisabled()).toBe(true)
    hold = false
    for (const go of held.splice(0)) go()
    await page.getByText('63 A → 41 A').waitFor()
    expect(changes).toEqual([])

    hold = true
    await page.getByLabel('Limit', { exact: true }).fill('5')
    expect(await page.getByText('63 A → 41 A').count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Set the limit to 5 A' }).isDisabled()).toBe(true)
    await page.keyboard.press('Enter')
    await until('its own dry run is asked for', () => held.length > 0)
    hold = false
    for (const go of held.splice(0)) go()
    await page.getByText('63 A → 5 A').waitFor()
    expect(changes).toEqual([])
    await page.keyboard.press('Enter')
    await page.getByText('The limit is set.').waitFor()
    expect(changes).toEqual(['PUT /sites/main/grid-limit'])
    expect((await depot.server.gridLimit()).currentA).toBe(5)
    expect(errors).toEqual([])
    await close()
  })

  it('is lifted in two steps, with a dry run of its own, and undone by nobody who did not lift it', async () => {
    await depot.server.request('PUT', limitPath, { currentA: 30 })
    const { page, errors, seriousFindings, close } = await open()
    const asked = sent(page, true)
    await dialog(page)
    await page.getByText('No connector changes.').waitFor()
    await page.getByRole('button', { name: 'Lift it …' }).click()
    await page.getByText('30 A → 63 A').waitFor()
    expect(asked.filter((one) => !one.startsWith('PUT'))).toEqual(['DELETE /sites/main/grid-limit?dryRun=true'])
    expect(await seriousFindings()).toEqual([])
    await page.getByRole('button', { name: 'Lift it now' }).click()
    await page.getByText('The limit is lifted.').waitFor()
    expect((await depot.server.gridLimit()).currentA).toBeNull()
    await undo(page).click()
    await page.getByText('Undone.').waitFor()
    expect((await depot.server.gridLimit()).currentA).toBe(30)

    await dialog(page)
    await page.getByRole('button', { name: 'Lift it …' }).click()
    await page.getByRole('button', { name: 'Lift it now' }).click()
    await page.getByText('The limit is lifted.').waitFor()
    await depot.server.request('PUT', limitPath, { currentA: 25 })
    await undo(page).click()
    await page.getByText(/^Not undone\. The grid limit of main was changed by/).waitFor()
    expect((await depot.server.gridLimit()).currentA).toBe(25)
    expect(errors).toEqual([])
    await close()
  })

  it('of the calendar waits for its dry run as well', async () => {
    const { page, errors, close } = await depot.open('/sites/main/limits')
    const changes = sent(page)
    const held: (() => void)[] = []
    await page.route('**/curtailments?dryRun=true', async (route) => {
      await new Promise<void>((resolve) => held.push(resolve))
      await route.continue()
    })
    await page.getByRole('button', { name: 'New curtailment …' }).click()
    const button = page.getByRole('button', { name: 'Curtail', exact: true })
    await page.getByLabel('What remains').press('Enter')
    await until('the dry run is asked for', () => held.length > 0)
    expect(await button.isDisabled()).toBe(true)
    for (const go of held.splice(0)) go()
    await page.getByText(/connectors change|No connector changes/).waitFor()
    expect(changes).toEqual([])
    await button.click()
    await page.getByText('The curtailment stands.').waitFor()
    expect(changes).toEqual(['POST /sites/main/curtailments'])
    expect(errors).toEqual([])
    await close()
  })

  it.each([['behind', -2_400_000], ['ahead of', 2_400_000]] as const)('goes by the clock of kwota, and says so, where that of the browser is 40 min %s it', async (way, ms) => {
    const { page, errors, seriousFindings, close } = await depot.open('/livez')
    await page.addInitScript(clockOff(ms))
    const windows: number[] = []
    page.on('request', (request) => {
      const from = new URL(request.url()).searchParams.get('from')
      if (request.url().includes('/chart?') && from !== null) windows.push((Date.parse(from) - Date.now()) / 60_000)
    })
    await page.goto(`${depot.server.url}/sites/main`)
    await page.getByText(`The clock of this browser is 40 min ${way} kwota's.`).waitFor()
    await page.locator('.chart canvas').waitFor()
    for (const backMin of windows) expect(Math.abs(backMin + 120)).toBeLessThan(5)
    expect(await page.getByText('Not live').count()).toBe(0)
    expect(await seriousFindings()).toEqual([])
    await page.getByRole('button', { name: 'Curtail' }).click()
    await page.getByRole('button', { name: 'to 40 %' }).click()
    await page.getByRole('button', { name: 'Curtail to 40 %' }).click()
    await page.getByText('The curtailment holds.').waitFor()
    const made = async () => (await depot.server.request<{ data: { expiresAt: string }[] }>('GET', '/api/v1/sites/main/curtailments')).body.data[0]?.expiresAt ?? ''
    const aheadMin = (at: string): number => (Date.parse(at) - Date.now()) / 60_000
    expect(Math.abs(aheadMin(await made()) - 30)).toBeLessThan(5)

    await page.getByRole('link', { name: 'Limits' }).click()
    await page.getByRole('button', { name: 'New curtailment …' }).click()
    await page.getByText(/connectors change|No connector changes/).waitFor()
    await page.getByRole('button', { name: 'Curtail', exact: true }).click()
    await page.getByText('The curtailment stands.').waitFor()
    expect(Math.abs(aheadMin(await made()) - 60)).toBeLessThan(5)
    expect(errors).toEqual([])
    await close()
  })
})
