// Answers that come late, or not: nothing that was typed is lost, nothing goes where it was not meant to, and an older answer never stands in a newer one's place.
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { until } from '../e2e/yard.ts'
import { withoutBrowser } from './browser.ts'
import { withDepot } from './depot.ts'

/** Holds the requests of a page that match until they are let go. */
async function holding(page: Page, address: RegExp, method = 'GET'): Promise<{ readonly count: () => number; readonly letGo: () => void }> {
  let held: (() => void)[] | null = []
  await page.route(address, async (route) => {
    if (held !== null && route.request().method() === method) await new Promise<void>((resolve) => held?.push(resolve))
    await route.continue()
  })
  return {
    count: () => held?.length ?? 0,
    letGo() {
      const waiting = held ?? []
      held = null
      for (const go of waiting) go()
    },
  }
}

describe.skipIf(withoutBrowser())('an answer that comes late', () => {
  const depot = withDepot()
  const limits = '/api/v1/sites/main/limit-schedules'
  const open = async (path: string, heading: string) => {
    const window = await depot.open(path)
    await window.page.getByRole('heading', { name: heading, level: 1 }).waitFor()
    return window
  }

  it('leaves what was typed into a curtailment, and the second in which it ends', async () => {
    const expiresAt = new Date(Math.floor(Date.now() / 60_000) * 60_000 + 7_234_567).toISOString()
    const { body: { id } } = await depot.server.request<{ id: string }>('POST', '/api/v1/sites/main/curtailments', { currentA: 60, reason: 'peak', expiresAt })
    const { page, errors, close } = await open('/sites/main/limits', 'Limits')
    const reading = await holding(page, new RegExp(`/curtailments/${id}$`))
    await page.getByRole('button', { name: /^curtailment: 60 A per phase .*peak$/ }).first().focus()
    await page.keyboard.press('Enter')
    await until('it is read', () => reading.count() > 0)
    await page.getByLabel(/^Reason/).fill('transformer')
    reading.letGo()
    await page.getByRole('button', { name: 'Save' }).and(page.locator(':enabled')).click()
    await page.getByText('The curtailment is changed.').waitFor()
    expect((await depot.server.request('GET', `/api/v1/sites/main/curtailments/${id}`)).body).toMatchObject({ reason: 'transformer', expiresAt })
    await depot.server.request('DELETE', `/api/v1/sites/main/curtailments/${id}`)
    expect(errors).toEqual([])
    await close()
  })

  it('puts a block only into the schedule that is chosen', async () => {
    const weekly = [{ days: ['mon'], from: '01:00', to: '03:00', currentA: 50 }]
    for (const id of ['first', 'second']) await depot.server.request('PUT', `${limits}/${id}`, { name: id, weekly })
    const { page, errors, close } = await open('/sites/main/limits', 'Limits')
    await page.getByRole('button', { name: /^weekly block: .*second$/ }).waitFor()
    await page.getByRole('button', { name: 'New weekly block' }).click()
    await page.getByLabel('Limit', { exact: true }).fill('40')
    const save = page.getByRole('button', { name: 'Save' })
    await page.getByLabel('In the schedule').selectOption('first')
    await save.and(page.locator(':enabled')).waitFor()
    const reading = await holding(page, /limit-schedules\/second$/)
    await page.getByLabel('In the schedule').selectOption('second')
    await until('the other is read', () => reading.count() > 0)
    expect(await save.isDisabled()).toBe(true)
    await page.getByLabel('In the schedule').selectOption('first')
    await save.and(page.locator(':enabled')).waitFor()
    const late = page.waitForResponse((response) => response.url().endsWith('/second'))
    reading.letGo()
    await late
    await save.and(page.locator(':enabled')).click()
    await page.getByText('It stands in the calendar.').waitFor()
    const { body } = await depot.server.request<{ data: { id: string; weekly: unknown[] }[] }>('GET', limits)
    expect(body.data.map(({ id, weekly: blocks }) => [id, blocks.length])).toEqual([['first', 2], ['second', 1]])
    for (const id of ['first', 'second']) await depot.server.request('DELETE', `${limits}/${id}`)
    expect(errors).toEqual([])
    await close()
  })

  it('is no empty calendar where the schedules cannot be read', async () => {
    const { page, errors, close } = await open('/sites/main', 'Depot')
    await page.route('**/limit-schedules?*', (route) => route.abort())
    await page.getByRole('link', { name: 'Limits' }).click()
    await page.getByRole('region', { name: /^Calendar/ }).getByRole('alert').getByText('kwota cannot be reached.').waitFor()
    expect(errors).toEqual([])
    await close()
  })

  it('leaves what was typed while the settings of a charge point were saved', async () => {
    const { page, errors, close } = await open('/chargepoints/CP-9?tab=settings', 'CP-9')
    const saving = await holding(page, /\/chargepoints\/CP-9$/, 'PUT')
    await page.getByLabel(/^Fallback without kwota/).fill('0')
    await page.getByLabel('Most, A per phase').fill('25')
    await page.getByRole('button', { name: 'Save' }).click()
    await until('it is sent', () => saving.count() > 0)
    await page.getByLabel('Most, A per phase').fill('20')
    saving.letGo()
    await page.getByText('CP-9 is kept as you said').waitFor()
    expect(await page.getByLabel('Most, A per phase').inputValue()).toBe('20')
    await page.getByRole('button', { name: 'Save' }).and(page.locator(':enabled')).click()
    await until('that is kept too', async () => (await depot.server.request<{ connectors: { maxA: number }[] }>('GET', '/api/v1/chargepoints/CP-9')).body.connectors[0]?.maxA === 20)
    expect(errors).toEqual([])
    await close()
  })

  it('shows the new password also to somebody who has closed the question', async () => {
    const { page, errors, close } = await open('/chargepoints/CP-9?tab=settings', 'CP-9')
    const drawing = await holding(page, /\/chargepoints\/CP-9$/, 'PUT')
    await page.getByRole('button', { name: 'New password' }).click()
    await page.getByRole('button', { name: 'Make it and show it' }).click()
    await until('it is asked for', () => drawing.count() > 0)
    await page.keyboard.press('Escape')
    drawing.letGo()
    await page.getByRole('dialog', { name: 'The new password of CP-9' }).waitFor()
    expect(await page.locator('dialog .once code').textContent()).toMatch(/^\S{16,}$/)
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByText('It has one.').waitFor()
    expect(errors).toEqual([])
    await close()
  })

  it('does not take the place of what was asked for later', async () => {
    const { page, errors, close } = await open('/chargepoints/CP-1?tab=profiles', 'CP-1')
    const section = page.getByRole('region', { name: 'What it will be allowed' })
    await section.getByRole('img').waitFor()
    const reading = await holding(page, /composite-schedule\?durationS=14400/)
    await section.getByLabel('For').selectOption('4 hours')
    await until('it is asked for', () => reading.count() > 0)
    await section.getByLabel('For').selectOption('24 hours')
    const label = async (): Promise<string> => (await section.locator('svg').textContent()) ?? ''
    await until('the day is drawn', async () => (await page.evaluate('performance.getEntriesByType("resource").filter(({ name, responseEnd }) => responseEnd > 0 && name.includes("durationS=86400")).length')) === 1)
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
    const drawn = await label()
    const late = page.waitForResponse((response) => response.url().includes('durationS=14400'))
    reading.letGo()
    await (await late).finished()
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
    expect(await label()).toBe(drawn)
    expect(errors).toEqual([])
    await close()
  })

  it('is waited for where the stream of events was refused once', async () => {
    const { page, errors, close } = await open('/sites/main/circuits', 'Circuits')
    let asked = 0
    await page.route('**/api/v1/events', (route) => (asked++ === 0 ? route.fulfill({ status: 503, body: '' }) : route.continue()))
    await page.reload()
    await until('it is asked for again', () => asked > 1)
    expect(errors).toEqual([])
    await close()
  })

  it('draws nothing as 0 that was not measured, in kilowatts neither', async () => {
    const { page, errors, close } = await open('/sites/main', 'Depot')
    await page.route('**/sites/main/overview', async (route) => {
      const response = await route.fetch()
      const overview = (await response.json()) as { connectors: Record<string, unknown>[] }
      await route.fulfill({ response, json: { ...overview, connectors: overview.connectors.map((one) => ({ ...one, measuredA: null, allocatedW: 11_000 })) } })
    })
    await page.getByRole('group', { name: 'Power in' }).getByRole('button', { name: 'kW' }).click()
    await page.getByRole('row', { name: /CP-1\/1/ }).getByText('– of 11 kW').waitFor()
    expect(errors).toEqual([])
    await close()
  })

  it('leaves a site as it stands, which draws its chart once what draws has come', async () => {
    const { page, errors, close } = await depot.open('/lobby')
    const drawing = '**/assets/chart-canvas-*.js'
    await page.route(drawing, (route) => route.abort())
    await page.getByRole('link', { name: 'Site', exact: true }).click()
    await page.getByText('The picture could not be loaded').waitFor()
    await page.getByRole('img', { name: /^L1: / }).waitFor()
    await page.getByRole('button', { name: 'Table' }).click()
    await page.getByRole('region', { name: 'The chart as a table' }).waitFor()
    await page.getByRole('button', { name: 'Table' }).click()
    await page.unroute(drawing)
    await page.getByText(/Point at the chart, or use the arrow keys/).waitFor()
    expect(errors).toEqual([])
    await close()
  })
})
