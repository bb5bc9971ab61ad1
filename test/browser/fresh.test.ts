// A fresh kwota in a browser: what has to be said and done first stands on top, and goes away once it is.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newPlace, startServer, tidyUp, type Server } from '../e2e/server.ts'
import { openBrowser, withoutBrowser } from './browser.ts'

describe.skipIf(withoutBrowser())('a fresh kwota', () => {
  let chromium: Awaited<ReturnType<typeof openBrowser>>
  let server: Server
  beforeAll(async () => {
    chromium = await openBrowser()
    server = await startServer({ place: await newPlace() })
  })
  afterAll(async () => {
    await chromium.close()
    await tidyUp()
  })

  it('asks how big the fuse is, and how to go on, before anything else; stated, it asks no more', async () => {
    const { page, seriousFindings, errors, strayRequests, close } = await chromium.open(`http://127.0.0.1:${server.port}/sites/main`)
    await page.getByRole('heading', { name: '63 A is assumed. How big is your fuse?' }).waitFor()
    const next = await page.getByRole('main').getByRole('link', { name: 'Connect a charger' }).first().boundingBox()
    expect(next?.y, 'the next step is in sight').toBeLessThan(600)
    expect(await page.getByText('All well').count()).toBe(0)
    expect(await seriousFindings()).toEqual([])
    await page.getByLabel('Fuse, A per phase').fill('40')
    await page.getByRole('button', { name: 'This is the fuse' }).click()
    await page.getByRole('img', { name: /^L1: .*; fuse 40 A; limit 40 A$/ }).waitFor()
    expect(await page.getByText('How big is your fuse?').count()).toBe(0)
    expect((await server.request('GET', '/api/v1/sites/main')).body).toMatchObject({ fuseA: 40 })
    expect([...errors, ...strayRequests]).toEqual([])
    await close()
  })
})
