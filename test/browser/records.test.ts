// The pages of limits, sessions, circuits and what happened, in a real browser: a curtailment made in the calendar binds, a session shows its curve, an alert is seen.
import { describe, expect, it } from 'vitest'
import { until } from '../e2e/yard.ts'
import { withoutBrowser, type Look, type Window } from './browser.ts'
import { withDepot } from './depot.ts'

const looks: readonly Look[] = [{ width: 1280, colorScheme: 'light' }, { width: 360, height: 800, colorScheme: 'dark' }]

describe.skipIf(withoutBrowser())('the records of a site', () => {
  const depot = withDepot()
  const open = async (path: string, heading: string, look?: Look): Promise<Window> => {
    const window = await depot.open(path, look)
    await window.page.getByRole('heading', { name: heading, level: 1 }).waitFor()
    return window
  }
  const firstSession = async (): Promise<number> => (await depot.server.request<{ data: { id: number; clientID: string }[] }>('GET', '/api/v1/transactions?clientID=CP-1')).body.data[0]?.id ?? 0

  it('make a curtailment from the calendar, tried first, that binds; and lift and undo it', async () => {
    const { page, errors, seriousFindings, close } = await open('/sites/main/limits', 'Limits')
    await page.getByText('63 A per phase').first().waitFor()
    await page.getByRole('button', { name: 'New curtailment' }).click()
    await page.getByLabel('What remains').fill('30')
    await page.getByLabel('Unit').selectOption('A')
    await page.getByLabel(/^Reason/).fill('transformer')
    await page.getByRole('region', { name: 'Before and after' }).getByRole('row', { name: /CP-1\/1 21 A ↓ 10 A/ }).waitFor()
    expect(await seriousFindings()).toEqual([])
    expect(depot.chargers.map(({ permitA }) => permitA), 'nothing is sent before it is wanted').toEqual([21, 21, 21])
    await page.getByRole('button', { name: 'Curtail', exact: true }).click()
    await depot.eachPermitted(10)
    await page.getByRole('row', { name: /^curtailment cur_\w+ .*binds: the lowest of all 30 A/ }).waitFor()
    const block = page.getByRole('button', { name: /^curtailment: 30 A per phase .*transformer$/ })
    await block.first().focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Lift it …' }).click()
    await page.getByRole('region', { name: 'Before and after' }).getByRole('row', { name: /CP-1\/1 10 A ↑ 21 A/ }).waitFor()
    await page.getByRole('button', { name: 'Lift it now' }).click()
    await page.getByText('The curtailment is lifted.').waitFor()
    await page.getByRole('status').getByRole('button', { name: 'Undo' }).last().click()
    await page.getByText('Undone.').waitFor()
    await depot.eachPermitted(10)
    const { body } = await depot.server.request<{ data: { id: string }[] }>('GET', '/api/v1/sites/main/curtailments?state=active')
    expect(body.data).toMatchObject([{ reason: 'transformer', currentA: 30 }])
    for (const { id } of body.data) await depot.server.request('DELETE', `/api/v1/sites/main/curtailments/${id}`)
    await depot.eachPermitted(21)
    expect(errors).toEqual([])
    await close()
  })

  it('put a weekly block into the calendar, and take it out again', async () => {
    const { page, errors, close } = await open('/sites/main/limits', 'Limits')
    await page.getByRole('button', { name: 'New weekly block' }).click()
    await page.getByLabel('Limit', { exact: true }).fill('40')
    await page.getByLabel('Its name').fill('Evening')
    await page.getByText(/connectors change:|No connector changes\./).waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    const blocks = page.getByRole('button', { name: /^weekly block: 40 A per phase 17:00–20:00, Evening$/ })
    await blocks.nth(4).waitFor()
    expect(await blocks.count()).toBe(5)
    const { body } = await depot.server.request<{ data: unknown[] }>('GET', '/api/v1/sites/main/limit-schedules')
    expect(body.data).toMatchObject([{ name: 'Evening', weekly: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '17:00', to: '20:00', currentA: 40 }] }])
    await blocks.first().click()
    await page.getByRole('button', { name: 'Take it out …' }).click()
    await page.getByRole('button', { name: 'Take it out', exact: true }).click()
    await until('no schedule is left', async () => (await depot.server.request<{ data: unknown[] }>('GET', '/api/v1/sites/main/limit-schedules')).body.data.length === 0)
    expect(errors).toEqual([])
    await close()
  })

  it('change only what was read: another change is told, nothing that was typed is lost, and the way back undoes nobody else', async () => {
    const { server } = depot
    const made = await server.request<{ id: string }>('POST', '/api/v1/sites/main/curtailments', { currentA: 60, reason: 'peak', expiresAt: new Date(Date.now() + 7_200_000).toISOString() })
    const schedule = { name: 'Nights', weekly: [{ days: ['mon'], from: '01:00', to: '03:00', currentA: 50 }] }
    await server.request('PUT', '/api/v1/sites/main/limit-schedules/nights', schedule)
    const kept = async () => (await server.request<{ weekly: { from: string; currentA: number }[] }>('GET', '/api/v1/sites/main/limit-schedules/nights')).body.weekly.map(({ from, currentA }) => `${from} ${currentA}`)
    const { page, errors, seriousFindings, close } = await open('/sites/main/limits', 'Limits')
    const stale = page.getByText('Not saved: it has changed meanwhile.')

    await page.getByRole('button', { name: /^curtailment: 60 A .*peak$/ }).first().click()
    await page.getByLabel(/^Reason/).fill('transformer')
    await page.getByText(/connectors change|No connector changes/).waitFor()
    await server.request('PATCH', `/api/v1/sites/main/curtailments/${made.body.id}`, { currentA: 55 })
    await page.getByRole('button', { name: 'Save' }).click()
    await stale.waitFor()
    expect(await seriousFindings()).toEqual([])
    await page.getByRole('button', { name: 'Read it again' }).click()
    await stale.waitFor({ state: 'detached' })
    expect(await page.getByLabel('What remains').inputValue()).toBe('55')
    expect(await page.getByLabel(/^Reason/).inputValue()).toBe('transformer')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The curtailment is changed.').waitFor()
    expect((await server.request('GET', `/api/v1/sites/main/curtailments/${made.body.id}`)).body).toMatchObject({ currentA: 55, reason: 'transformer' })
    await server.request('DELETE', `/api/v1/sites/main/curtailments/${made.body.id}`)

    await page.getByRole('button', { name: /^weekly block: 50 A .*Nights$/ }).click()
    await page.getByLabel('Limit', { exact: true }).fill('45')
    await page.getByText(/connectors change|No connector changes/).waitFor()
    await server.request('PUT', '/api/v1/sites/main/limit-schedules/nights', { ...schedule, weekly: [{ days: ['sun'], from: '04:00', to: '05:00', currentA: 40 }, ...schedule.weekly] })
    await page.getByRole('button', { name: 'Save' }).click()
    await stale.waitFor()
    await page.getByRole('button', { name: 'Read it again' }).click()
    await stale.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('It stands in the calendar.').waitFor()
    expect(await kept()).toEqual(['04:00 40', '01:00 45'])

    await server.request('PUT', '/api/v1/sites/main/limit-schedules/nights', { ...schedule, name: 'Mine now' })
    await page.getByRole('status').getByRole('button', { name: 'Undo' }).last().click()
    await page.getByText(/^Not undone\. The limit schedule nights of main was changed by/).waitFor()
    expect(await kept()).toEqual(['01:00 50'])
    await server.request('DELETE', '/api/v1/sites/main/limit-schedules/nights')
    expect(errors).toEqual([])
    await close()
  })

  it('show a session from the list with its curve, what limited it and what it costs', async () => {
    const { page, errors, close } = await open('/sites/main/sessions', 'Sessions')
    const row = page.getByRole('row', { name: /^CP-1\/1 .* charging .* the fuse for/ })
    await row.getByRole('link').click()
    await page.getByRole('heading', { name: /^CP-1\/1, session \d+$/ }).waitFor()
    const curve = page.getByRole('img', { name: /^Charging curve of CP-1\/1/ })
    await curve.focus()
    await page.keyboard.press('ArrowLeft')
    await page.getByText(/measured .* kW · allotted .* kW/).waitFor()
    await page.getByRole('region', { name: 'What limited it' }).getByRole('row', { name: /the fuse/ }).waitFor()
    await page.getByRole('region', { name: 'Cost, line by line' }).waitFor()
    await page.getByRole('button', { name: 'Change its limits' }).click()
    await page.getByLabel('Energy, kWh').fill('25')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('25 kWh (set on it)').waitFor()
    expect(errors).toEqual([])
    await close()
  })

  it('tell of alerts, of which one is seen by somebody, and of decisions', async () => {
    await depot.server.request('PUT', '/api/v1/sites/main/grid-limit', { currentA: 60, reason: 'for the activity' })
    const { page, errors, close } = await open('/sites/main/activity', 'Activity')
    const row = page.getByRole('row', { name: /The grid limit of 60 A .*was set/ })
    await row.getByRole('button', { name: /^Acknowledge: The grid limit of 60 A/ }).click()
    await row.getByText(/^local, /).waitFor()
    await page.getByLabel('Set off by').selectOption('site-limit-set')
    await page.getByText(/The grid limit was changed: 3 connectors lowered\./).first().click()
    await page.getByRole('region', { name: 'Changes' }).getByRole('row', { name: /CP-1\/1 21 A, the fuse .* 20 A, the grid limit/ }).waitFor()
    await depot.server.request('DELETE', '/api/v1/sites/main/grid-limit')
    await page.getByRole('list', { name: 'Newest events' }).getByText(/The grid limit was changed/).waitFor()
    expect(errors).toEqual([])
    await close()
  })

  it('show the circuits with what sets their limits', async () => {
    const { page, errors, close } = await open('/sites/main/circuits', 'Circuits')
    await page.getByRole('heading', { name: 'Circuit row' }).waitFor()
    await page.getByRole('region', { name: 'Connectors on row' }).getByRole('row', { name: /CP-2\/1/ }).waitFor()
    await page.getByRole('heading', { name: 'Circuit row' }).click()
    await page.getByRole('region', { name: 'Connectors on row' }).waitFor({ state: 'hidden' })
    expect(errors).toEqual([])
    await close()
  })

  it.each(looks)('have no serious finding of axe, ask nobody else, and fit: %j', async (look) => {
    for (const [path, heading] of [['/sites/main/limits', 'Limits'], ['/sites/main/sessions', 'Sessions'], [`/sessions/${await firstSession()}`, 'CP-1/1'], ['/sites/main/circuits', 'Circuits'], ['/sites/main/activity', 'Activity']] as const) {
      const { page, seriousFindings, strayRequests, errors, close } = await open(path, heading, look)
      await page.waitForLoadState('networkidle', { timeout: 3_000 }).catch(() => undefined)
      expect(await seriousFindings(), path).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), path).toBe(true)
      expect(strayRequests).toEqual([])
      expect(errors).toEqual([])
      await close()
    }
  })
})
