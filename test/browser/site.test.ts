// The page of a site in a real browser: what it says, a limit that is tried, set and taken back, and that it never looks live when it is not.
import { describe, expect, it } from 'vitest'
import { until } from '../e2e/yard.ts'
import { withoutBrowser, type Look, type Window } from './browser.ts'
import { withDepot } from './depot.ts'

const looks: readonly Look[] = [{ width: 1280, colorScheme: 'light' }, { width: 1280, colorScheme: 'dark' }, { width: 360, height: 800, colorScheme: 'light' }, { width: 360, height: 800, colorScheme: 'dark' }]

describe.skipIf(withoutBrowser())('the page of a site', () => {
  const depot = withDepot()
  const open = async (look?: Look): Promise<Window> => {
    const window = await depot.open('/', look)
    await window.page.getByRole('heading', { name: 'Connectors' }).waitFor()
    return window
  }

  it('says how the site stands, what each connector gets and why', async () => {
    const { page, errors, close } = await open()
    await page.getByText(/of 63 A in use\. 3 cars charging\./).first().waitFor()
    const row = page.getByRole('row', { name: /CP-1\/1/ })
    await row.getByText(/21 of 21 A/).waitFor()
    await row.getByText('21 A: the fuse of 63 A is shared equally by 3 cars.').waitFor()
    await row.getByText('yes').waitFor()
    await page.getByRole('row', { name: /CP-9\/1/ }).getByText('never connected').first().waitFor()
    await page.getByRole('img', { name: /^L1: .* measured, .* free of 63 A; fuse 63 A; limit 63 A$/ }).waitFor()
    await page.locator('.chart canvas').waitFor()
    expect(errors).toEqual([])
    await close()
  })

  it.each(looks)('has no serious finding of axe, asks nobody else, and fits: %j', async (look) => {
    const { page, seriousFindings, strayRequests, errors, close } = await open(look)
    await page.locator('.chart canvas').waitFor()
    expect(await seriousFindings()).toEqual([])
    await page.getByRole('button', { name: 'Change limit' }).click()
    await page.getByText(/connectors change|No connector changes/).waitFor()
    expect(await seriousFindings()).toEqual([])
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('button', { name: 'Table' }).click()
    await page.getByRole('region', { name: 'The chart as a table' }).waitFor()
    expect(await seriousFindings()).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    expect(strayRequests).toEqual([])
    expect(errors).toEqual([])
    await close()
  })

  it('tries a limit, sets it and takes it back, by keyboard alone', async () => {
    const { page, close } = await open()
    await page.getByRole('button', { name: 'Change limit' }).focus()
    await page.keyboard.press('Enter')
    await page.getByLabel('Limit', { exact: true }).waitFor()
    await page.keyboard.type('30')
    const preview = page.getByRole('region', { name: 'Before and after' })
    await preview.getByRole('row', { name: /CP-1\/1 21 A ↓ 10 A 10 A: the grid limit of 30 A/ }).waitFor()
    expect(depot.chargers.map(({ permitA }) => permitA), 'nothing is sent before it is wanted').toEqual([21, 21, 21])
    await page.keyboard.press('Enter')
    await page.getByText('Told 3/3, confirmed 3/3').first().waitFor()
    await depot.eachPermitted(10)
    await page.getByText(/of 30 A in use/).first().waitFor()
    await page.getByRole('button', { name: 'Undo' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText(/of 63 A in use/).first().waitFor()
    await depot.eachPermitted(21)
    await close()
  })

  it('shows bars and chart in kilowatts to whom likes that, also later and elsewhere; limits stay in amps per phase', async () => {
    const { page, errors, close } = await open()
    const inKilowatts = page.getByRole('img', { name: /^L1: [\d.]+ kW measured, .* free of 14\.4 kW; fuse 14\.4 kW; limit 14\.4 kW$/ })
    await page.getByRole('group', { name: 'Power in' }).getByRole('button', { name: 'kW' }).click()
    await inKilowatts.waitFor()
    await page.getByText(/limit 43\.4 kW \(63 A per phase\)/).waitFor()
    await page.reload()
    await inKilowatts.waitFor()
    await page.getByText(/of 63 A in use\./).first().waitFor()
    await page.getByRole('link', { name: 'Circuits' }).click()
    await page.getByRole('heading', { name: 'Circuits', level: 1 }).waitFor()
    await page.getByRole('img', { name: /^L1: .*limit 14\.4 kW$/ }).first().waitFor()
    await page.getByRole('group', { name: 'Power in' }).getByRole('button', { name: 'A', exact: true }).click()
    await page.getByRole('img', { name: /^L1: .*limit 63 A$/ }).first().waitFor()
    expect(errors).toEqual([])
    await close()
  })

  it('has its chart read by keyboard, with decisions, which its table has too', async () => {
    const { page, close } = await open()
    await page.locator('.chart canvas').waitFor()
    await page.locator('.chart').focus()
    const readout = page.locator('.pointed')
    for (const key of ['Home', 'End', 'PageUp', 'ArrowLeft', 'ArrowRight']) {
      const before = await readout.textContent()
      await page.keyboard.press(key)
      await until(`${key} moves it`, async () => await readout.textContent() !== before)
      expect(await readout.textContent()).toMatch(/\d\d:\d\d: .*limit \S+/)
    }
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowUp')
    await readout.getByText(/limit 63 A \(the fuse\)\. .*(raised|lowered|→)/).waitFor()
    await page.getByRole('button', { name: 'Table' }).focus()
    await readout.getByText('or use the arrow keys').waitFor()
    await page.keyboard.press('Enter')
    const table = page.getByRole('region', { name: 'The chart as a table' })
    await table.getByRole('columnheader', { name: 'Limited by' }).waitFor()
    await table.getByRole('cell', { name: 'the fuse' }).first().waitFor()
    await table.getByRole('cell', { name: /raised|lowered|→/ }).first().waitFor()
    await close()
  })

  it('takes a limit back only while it is as it was left', async () => {
    const { page, close } = await open()
    await page.getByRole('button', { name: 'Change limit' }).click()
    await page.getByLabel('Limit', { exact: true }).fill('60')
    await page.getByRole('button', { name: /^Set the limit to/ }).click()
    await page.getByText('The limit is set.').waitFor()
    await depot.server.request('PUT', '/api/v1/sites/main/grid-limit', { currentA: 50 })
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText(/^Not undone\. The grid limit of main was changed by/).waitFor()
    expect((await depot.server.gridLimit()).currentA).toBe(50)
    await depot.server.request('DELETE', '/api/v1/sites/main/grid-limit')
    await depot.eachPermitted(21)
    await close()
  })

  it('refuses what cannot be in kwota\'s own words, and sends nothing', async () => {
    const { page, close } = await open()
    await page.getByRole('button', { name: 'Change limit' }).click()
    await page.getByLabel('Limit', { exact: true }).fill('99')
    await page.getByRole('alert').getByText(/above the fuse/i).waitFor()
    expect(await page.getByRole('button', { name: /^Set the limit to/ }).isDisabled()).toBe(true)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect((await depot.server.gridLimit()).currentA).toBeNull()
    await close()
  })

  it('curtails to 40 % for some minutes, and lifts it again', async () => {
    const { page, close } = await open()
    await page.getByRole('button', { name: 'Curtail' }).click()
    await page.getByRole('button', { name: 'to 40 %' }).click()
    await page.getByLabel('Minutes').fill('15')
    await page.getByLabel(/^Reason/).fill('grid operator called')
    await page.getByText(/63 A → 25(\.2)? A/).waitFor()
    await page.getByRole('button', { name: 'Curtail to 40 %' }).click()
    await page.getByText(/Limited by the curtailment until \d\d:\d\d\./).first().waitFor()
    const { body } = await depot.server.request<{ data: unknown[] }>('GET', '/api/v1/sites/main/curtailments')
    expect(body.data).toMatchObject([{ kind: 'curtailment', percent: 40, reason: 'grid operator called', state: 'active' }])
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText(/of 63 A in use/).first().waitFor()
    await depot.eachPermitted(21)
    await close()
  })

  it('puts a boosted car before the others', async () => {
    const { page, close } = await open()
    await page.getByRole('button', { name: 'Boost CP-2/1' }).click()
    await page.getByText('CP-2/1 comes before the others now.').waitFor()
    const priority = async (): Promise<unknown> => (await depot.server.request('GET', '/api/v1/chargepoints/CP-2/connectors/1')).body['priority']
    expect(await priority()).toBe(10)
    await page.getByRole('button', { name: 'Boost CP-2/1', pressed: true }).click()
    await page.getByText('CP-2/1 shares like the others again.').waitFor()
    expect(await priority()).toBe(0)
    await close()
  })

  it('greys out and says its age when kwota is gone: last, since it ends it', async () => {
    const { page, close } = await open()
    await depot.server.kill9()
    await page.getByRole('alert').getByText('Not live: these data are old. kwota cannot be reached.').waitFor()
    await page.getByText(/^They are from \d+ s ago\.$/).waitFor()
    expect(await page.locator('.stale').count()).toBe(1)
    await close()
  })
})
