// From a charger that nobody knows to one that is online and does what it is told, in a browser; and what is said to one that cannot come in.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newPlace, startServer, tidyUp, type Server } from '../e2e/server.ts'
import { openBrowser, withoutBrowser, type Window } from './browser.ts'
import { comes, type Comer } from './charger.ts'

const key = 'a-key-for-the-pages-of-this-test'
const config = 'sites:\n  - id: main\n    name: Depot\n    fuseA: 63\n    circuits:\n      - id: row-a\n        limitA: 40\n'

describe.skipIf(withoutBrowser())('a charger', () => {
  let chromium: Awaited<ReturnType<typeof openBrowser>>
  let server: Server
  let window: Window
  const chargers: Comer[] = []
  const come = (...args: Parameters<typeof comes>): Comer => {
    const charger = comes(...args)
    chargers.push(charger)
    return charger
  }
  beforeAll(async () => { chromium = await openBrowser() })
  afterAll(() => chromium.close())
  beforeEach(async () => {
    server = await startServer({ place: await newPlace(), args: ['--host', '0.0.0.0'], env: { KWOTA_API_KEY: key }, config })
  })
  afterEach(async () => {
    await Promise.all(chargers.splice(0).map((charger) => charger.close()))
    await window.close()
    await tidyUp()
  })

  async function enter(path: string): Promise<void> {
    window = await chromium.open(`http://127.0.0.1:${server.port}${path}`)
    await window.page.getByLabel('API key').fill(key)
    await window.page.getByRole('button', { name: 'Enter' }).click()
    await window.page.getByRole('heading', { level: 1 }).and(window.page.locator(':not(:text("API key"))')).waitFor()
  }
  async function expectClean(): Promise<void> {
    expect(await window.seriousFindings()).toEqual([])
    expect(window.strayRequests).toEqual([])
    expect(window.errors).toEqual([])
  }

  it('knocks, is accepted, comes online, answers a command, and its messages are found', async () => {
    await enter('/connect?id=CP-07')
    const { page } = window
    await page.getByText(`/ocpp/CP-07`).first().waitFor()
    expect(await page.getByText('listens on this machine only').count()).toBe(0)
    await page.getByText('Nobody yet.').waitFor()
    await expectClean()

    const charger = come({ ocppUrl: `ws://127.0.0.1:${server.port}/ocpp`, id: 'CP-07' })
    await page.getByRole('heading', { name: 'CP-07 knocked and waits' }).waitFor()
    await page.getByRole('button', { name: 'Accept CP-07' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Circuit').selectOption('row-a')
    await dialog.getByLabel(/None: it/).check()
    await expectClean()
    await dialog.getByRole('button', { name: 'Accept' }).click()
    await page.getByText('CP-07 is online').first().waitFor()
    await page.getByRole('link', { name: 'See it' }).click()

    await page.getByRole('heading', { level: 1, name: 'CP-07' }).waitFor()
    await page.getByText('Elsewhere Independent').waitFor()
    await page.getByText('leaves enough').first().waitFor()
    await expectClean()

    await page.getByRole('link', { name: 'Commands' }).click()
    await page.getByRole('combobox', { name: /^Command/ }).selectOption('trigger-message')
    await page.getByLabel('Requested message').selectOption('StatusNotification')
    await page.getByLabel(/^Connector id/).fill('1')
    await page.getByRole('button', { name: 'Send TriggerMessage' }).click()
    await page.getByRole('status').getByText('Accepted').first().waitFor()
    expect(charger.triggered).toContain('StatusNotification')
    await expectClean()

    await page.getByRole('link', { name: 'Configuration' }).click()
    await page.getByRole('button', { name: 'Read all keys now' }).click()
    await page.getByRole('button', { name: 'Change HeartbeatInterval' }).click()
    await page.getByRole('dialog').getByLabel('New value').fill('120')
    await page.getByRole('dialog').getByRole('button', { name: 'Send it' }).click()
    await page.getByRole('dialog').getByText('Accepted').waitFor()
    await expectClean()
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()

    await page.getByRole('link', { name: 'Profiles' }).click()
    await page.getByRole('rowheader', { name: 'TxDefaultProfile' }).first().waitFor()
    await page.getByRole('img', { name: 'Limit over time' }).waitFor()
    await expectClean()

    await page.getByRole('link', { name: 'Check', exact: true }).click()
    await page.getByLabel(/Test a limit too/).uncheck()
    await page.getByRole('button', { name: 'Check it' }).click()
    await page.getByText('It introduces itself').waitFor()
    await expectClean()

    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Messages' }).click()
    await page.getByLabel('Action').fill('TriggerMessage')
    for (let read = 0; read < 2; read += 1) await page.waitForResponse((response) => response.url().includes('/api/v1/messages?'))
    expect(await page.getByLabel('Action').inputValue(), 'what is typed stays while the page is live').toBe('TriggerMessage')
    await page.getByLabel('Action').press('Tab')
    await page.getByLabel('Text').fill('statusnotification')
    await page.getByLabel('Text').press('Enter')
    await page.getByRole('row', { name: /TriggerMessage/ }).first().waitFor()
    expect(new URL(page.url()).search).toBe('?action=TriggerMessage&text=statusnotification')
    expect(await page.getByRole('row', { name: /BootNotification/ }).count()).toBe(0)
    await page.getByRole('button', { name: /JSON of TriggerMessage/ }).first().click()
    await page.getByText('"requestedMessage": "StatusNotification"').waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save as CSV' }).click()
    expect((await download).suggestedFilename()).toBe('messages.csv')
    await expectClean()
  }, 180_000)

  it('is added with a password that is shown once, and comes in with it', async () => {
    await enter('/sites/main/chargepoints')
    const { page } = window
    await page.getByText('No charge point is known here yet.').waitFor()
    await page.getByRole('button', { name: 'Add a charge point' }).click()
    await page.getByLabel(/^Its name/).fill('CP-01')
    await expectClean()
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByText('shown now and never again').waitFor()
    const password = (await page.locator('dialog .once code').textContent()) ?? ''
    await expectClean()
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByText('never connected').waitFor()
    come({ ocppUrl: `ws://127.0.0.1:${server.port}/ocpp`, id: 'CP-01', password })
    await page.getByRole('row', { name: /CP-01.*online.*free/ }).waitFor()
    await page.getByRole('searchbox').fill('nothing like it')
    await page.getByText('0 found').waitFor()
    await page.getByRole('searchbox').fill('independent')
    await page.getByRole('link', { name: 'CP-01' }).waitFor()
    expect(await page.content()).not.toContain(password)
    await expectClean()
  })

  it('that speaks another version is turned away, and the lobby says what to change', async () => {
    come({ ocppUrl: `ws://127.0.0.1:${server.port}/ocpp`, id: 'CP-20', protocols: ['ocpp2.0.1'] })
    await enter('/lobby')
    await window.page.getByRole('heading', { name: 'CP-20 was turned away' }).waitFor()
    await window.page.getByText('It speaks another version of OCPP. In the charge point: choose OCPP version 1.6 JSON').waitFor()
    expect(await window.page.getByRole('button', { name: /Accept/ }).count()).toBe(0)
    await expectClean()
  })
})
