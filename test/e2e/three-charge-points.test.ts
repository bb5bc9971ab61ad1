// The promise end to end: three charge points we did not write, a grid limit over REST, and a witness who trusts nobody's ledger.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Charger } from './charger.ts'
import { newPlace, startServer, tidyUp, type Server } from './server.ts'
import { until, Yard } from './yard.ts'

const fuseA = 63
let server: Server
let yard: Yard
beforeEach(async () => {
  server = await startServer({ place: await newPlace(), config: `sites:\n  - { id: main, fuseA: ${fuseA} }\nengine: { meterSampleIntervalS: 1 }\n` })
  yard = new Yard(fuseA)
}, 120_000)
afterEach(async () => {
  await yard.leave()
  await tidyUp()
})

/** The view of REST beside what each client holds. */
async function agreement() {
  const { connectors, state, circuits } = await server.power()
  const seen = yard.chargers.map(({ id, permitA, drawA }) => {
    const row = connectors.find(({ clientID }) => clientID === id)
    return { id, permitA, drawA, allocatedA: row?.allocatedA, confirmedA: row?.confirmedA, reservedA: row?.reservedA, measuredA: row?.measuredA }
  })
  const site = circuits.find(({ parent }) => parent === null)
  return { state, seen, siteReservedA: site?.reservedA.L1, agrees: seen.every((one) => one.permitA === one.allocatedA && one.confirmedA === one.permitA && one.reservedA === one.permitA && one.measuredA === one.drawA) }
}

async function agreed(sharesA: readonly number[]): Promise<void> {
  await until(`${sharesA.join('/')} on both sides`, async () => {
    const { agrees, state, seen } = await agreement()
    return agrees && state === 'enforced' && seen.map(({ permitA }) => permitA).sort((a, b) => b - a).join() === sharesA.join()
  }, agreement)
}

test('boot, plug in, charge, a limit cut, a priority, and the limit lifted', async () => {
  await Promise.all(['CP-1', 'CP-2', 'CP-3'].map(async (id) => {
    const charger = new Charger({ ocppUrl: server.ocppUrl, id, yard })
    await charger.connect()
    await charger.boot()
    await until(`${id} to hold its fallback`, () => yard.told.some((told) => told.id === id && told.purpose === 'TxDefaultProfile' && told.afterA === 0))
    const purposes = yard.told.filter((told) => told.id === id).map(({ purpose }) => purpose)
    expect(purposes, 'commissioned before anything is granted').toEqual(['ChargePointMaxProfile', 'TxDefaultProfile'])
    await charger.charge()
  }))
  await agreed([21, 21, 21])

  const beforeCut = yard.told.length
  yard.setLimit(20, 10_000)
  const put = await server.request('PUT', '/api/v1/sites/main/grid-limit', { currentA: 20, reason: 'test' })
  expect(put).toMatchObject({ status: 200, body: { currentA: 20, effective: { currentA: 20, binding: 'grid-limit' }, propagation: { targets: 3 } } })
  await agreed([7, 7, 6])
  const cut = yard.told.slice(beforeCut)
  expect(new Set(cut.map(({ id }) => id)), 'each is told').toEqual(new Set(['CP-1', 'CP-2', 'CP-3']))
  expect(cut.filter(({ beforeA, afterA }) => afterA >= beforeA), 'and nobody is raised').toEqual([])

  const beforeSwap = yard.told.length
  const favourite = yard.chargers.find(({ permitA }) => permitA === 6)?.id
  expect((await server.request('PATCH', `/api/v1/chargepoints/${favourite}/connectors/1`, { priority: 1 })).status).toBe(200)
  await agreed([8, 6, 6])
  const swap = yard.told.slice(beforeSwap).map(({ id, beforeA, afterA }) => ({ id, up: afterA > beforeA }))
  expect(swap.map(({ up }) => up), 'lowerings arrive before the raising they make room for').toEqual([false, false, true])
  expect(swap.at(-1)?.id).toBe(favourite)

  const beforeLift = yard.told.length
  yard.setLimit(fuseA, 0)
  expect((await server.request('DELETE', '/api/v1/sites/main/grid-limit')).status).toBe(204)
  await agreed([32, 16, 15])
  expect(yard.lowerings(beforeLift)).toEqual([])
  expect((await server.gridLimit())).toMatchObject({ currentA: null, effective: { currentA: fuseA, binding: 'fuse' } })

  expect(yard.excesses, 'at no instant could they draw more than the limit').toEqual([])
  expect(yard.strictFailures, 'nothing we sent or answered offended the strict client').toEqual([])
  expect((await server.transactions()).map(({ clientID, status }) => `${clientID} ${status}`).sort()).toEqual(['CP-1 charging', 'CP-2 charging', 'CP-3 charging'])
}, 120_000)
