// A charge point changed on its page: its wiring beside another's change, a password that is shown and one that is told, and that it goes.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { newPlace, startServer, tidyUp } from '../e2e/server.ts'
import { until } from '../e2e/yard.ts'
import { openBrowser, withoutBrowser, type Window } from './browser.ts'
import { comes } from './charger.ts'

const admin = 'a-key-for-the-pages-of-this-test'
const reader = 'a-key-that-may-only-read-things'
const config = 'sites:\n  - id: main\n    name: Depot\n    fuseA: 63\n    circuits: [{ id: row-a, limitA: 40 }, { id: row-b, limitA: 40 }]\nchargePoints:\n  - { id: CP-01, circuit: row-a }\n'
const bearer = { authorization: `Bearer ${admin}` }

interface Point { readonly circuit?: string; readonly fallbackA: number; readonly hasPassword: boolean; readonly connection: { readonly state: string }; readonly connectors: readonly { readonly id: number; readonly maxA: number; readonly phases?: readonly string[] }[] }

describe.skipIf(withoutBrowser())('the settings of a charge point', () => {
  let chromium: Awaited<ReturnType<typeof openBrowser>>
  beforeAll(async () => { chromium = await openBrowser() })
  afterAll(() => chromium.close())
  afterEach(tidyUp)

  async function started() {
    const server = await startServer({ place: await newPlace(), env: { KWOTA_API_KEY: admin }, config })
    const point = async () => (await server.request<Point>('GET', '/api/v1/chargepoints/CP-01', undefined, bearer)).body
    async function open(key: string): Promise<Window> {
      const window = await chromium.open(`${server.url}/chargepoints/CP-01?tab=settings`)
      await window.page.getByLabel('API key').fill(key)
      await window.page.getByRole('button', { name: 'Enter' }).click()
      await window.page.getByRole('heading', { name: 'How it is wired' }).waitFor()
      return window
    }
    return { server, point, open }
  }

  it('are changed, and what another has changed meanwhile is neither overwritten nor lost', async () => {
    const { server, point, open } = await started()
    const { page, seriousFindings, errors, close } = await open(admin)
    await page.getByLabel(/^Circuit/).selectOption('row-b')
    await page.getByLabel('Wired to').selectOption('L2 only')
    await page.getByRole('button', { name: 'Add connector 2' }).click()
    await page.getByLabel('Most, A per phase').nth(1).fill('20')
    expect(await seriousFindings()).toEqual([])

    await server.request('PUT', '/api/v1/chargepoints/CP-01', { circuit: 'row-a', connectors: [{ id: 1, maxA: 16 }] }, bearer)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Not saved: it has changed meanwhile.').waitFor()
    expect((await point()).circuit).toBe('row-a')
    await page.getByRole('button', { name: 'Read it again' }).click()
    await page.getByText('Not saved: it has changed meanwhile.').waitFor({ state: 'detached' })
    expect(await page.getByLabel(/^Circuit/).inputValue()).toBe('row-b')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('CP-01 is kept as you said').waitFor()
    const { circuit, connectors } = await point()
    expect(circuit).toBe('row-b')
    expect(connectors.map(({ id, maxA, phases }) => ({ id, maxA, phases }))).toEqual([{ id: 1, maxA: 16, phases: ['L2'] }, { id: 2, maxA: 20, phases: ['L2'] }])
    expect(errors).toEqual([])
    await close()
  }, 120_000)

  it('hold a password that is shown once, and one that the charge point is told', async () => {
    const { server, point, open } = await started()
    const { page, seriousFindings, errors, close } = await open(admin)
    await page.getByRole('button', { name: 'New password' }).click()
    expect(await page.getByRole('radio', { name: /tells the charge point/ }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Make it and show it' }).click()
    const password = (await page.locator('dialog .once code').textContent()) ?? ''
    expect(await seriousFindings()).toEqual([])
    await page.getByRole('button', { name: 'Done' }).click()
    expect((await point()).hasPassword).toBe(true)
    const one = comes({ ocppUrl: server.ocppUrl, id: 'CP-01', password })
    await until('it is here with that password', async () => (await point()).connection.state === 'online')

    await page.reload()
    await page.getByRole('button', { name: 'New password' }).click()
    await page.getByRole('button', { name: 'Make it and tell it' }).click()
    await page.getByText('Accepted').waitFor()
    expect(errors).toEqual([])
    await page.getByRole('button', { name: 'Close', exact: true }).last().click()

    // Where only this machine reaches kwota, one that comes again is let in again.
    await one.close()
    await page.getByRole('button', { name: 'Delete CP-01' }).click()
    expect(await seriousFindings()).toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click()
    await page.getByText('No charge point is known here yet.').waitFor()
    expect((await server.request('GET', '/api/v1/chargepoints/CP-01', undefined, bearer)).status).toBe(404)
    await close()
  }, 120_000)

  it('are looked at and not changed by a key that may only read', async () => {
    const { server, open } = await started()
    const made = await server.request<{ secret: string }>('POST', '/api/v1/api-keys', { name: reader, scopes: ['read'] }, bearer)
    const { page, close } = await open(made.body.secret)
    await page.getByText('it lacks the scope config:write').waitFor()
    expect(await page.getByLabel(/^Circuit/).isDisabled()).toBe(true)
    for (const name of ['Save', 'New password', 'Delete']) expect(await page.getByRole('button', { name }).count(), name).toBe(0)
    await close()
  }, 120_000)
})
