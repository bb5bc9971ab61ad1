// Decisions and dry runs of limits over REST, on a whole living house.
import { describe, expect, test } from 'vitest'
import type { DecisionView } from '../../src/actors/decision-record.ts'
import { caller, openHouse } from '../actors/house-stand.ts'
import { askOf } from './asked-house.ts'

const main = { siteID: 'main' }
const one = { clientID: 'CP1', connectorID: '1' }

async function charging() {
  const stand = await openHouse({ sites: [{ fuseA: 64 }], chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] })
  const peers = [await stand.boot('CP1'), await stand.boot('CP2')]
  await stand.clock.advance(15_000)
  for (const peer of peers) await stand.start(peer)
  await stand.clock.advance(20_000)
  return { stand, peers, ask: askOf(stand) }
}

test('the request that set a limit is found again on its decision, and the allocation leads there', async () => {
  const { stand, ask } = await charging()
  const { json: { decisionId } } = await ask('setGridLimit', { params: main, json: { currentA: 20 } })
  const { json: decision } = await ask('getDecision', { params: { id: String(decisionId) } })
  expect(decision).toMatchObject({ trigger: { cause: 'site-limit-set', requestId: caller.requestId, by: caller.name }, inputs: { effective: { binding: 'grid-limit' } } })
  await stand.clock.advance(20_000)
  const { json: allocation } = await ask('getAllocation', { params: one })
  expect(allocation).toMatchObject({ decisionId, binding: 'grid-limit', boundBy: { circuitID: 'main', source: 'grid-limit' }, summary: '10 A: the grid limit of 20 A is shared equally by 2 cars.' })
})

test('the list goes on behind its cursor, also past what is in memory', async () => {
  const { stand, ask } = await charging()
  for (let round = 0; round < 230; round++) await stand.house.patchConnector('CP1', 1, { vehicleMaxA: round % 2 === 0 ? 10 : 20 }, caller)
  await stand.clock.advance(1_000)
  const seen: string[] = []
  for (let query: Record<string, string> = { limit: '100' }; ;) {
    const { json } = await ask('listDecisions', { query })
    seen.push(...(json['data'] as DecisionView[]).map(({ id }) => id))
    if (json['nextCursor'] === null) break
    query = { limit: '100', cursor: String(json['nextCursor']) }
  }
  const numbers = seen.map((id) => Number(id.split('_')[2]))
  expect(numbers).toEqual([...numbers].sort((a, b) => b - a))
  expect(new Set(numbers).size).toBe(numbers.length)
  expect([numbers[0]! > 230, numbers.at(-1)]).toEqual([true, 1])
})

describe('a dry run', () => {
  test('of a limit says who would get what, and the same PUT then does just that', async () => {
    const { stand, peers, ask } = await charging()
    const sent = () => peers.map((peer) => peer.calls.length)
    const before = [sent(), stand.events.length]
    const { json: preview, headers } = await ask('setGridLimit', { params: main, query: { dryRun: 'true' }, json: { currentA: 20 } })
    expect(headers?.['ETag']).toBeUndefined()
    expect(preview).toMatchObject({ dryRun: true, connectors: [{ clientID: 'CP1', beforeA: 32, afterA: 10 }, { clientID: 'CP2', beforeA: 32, afterA: 10 }], lowerings: [{ purpose: 'TxProfile', toA: 10 }, { purpose: 'TxProfile', toA: 10 }] })
    expect([sent(), stand.events.length]).toEqual(before)
    expect((await ask('getGridLimit', { params: main })).json).toMatchObject({ currentA: null })
    await ask('setGridLimit', { params: main, json: { currentA: 20 } })
    await stand.clock.advance(15_000)
    const { json: power } = await ask('getPower', { params: main })
    expect((power['connectors'] as { allocatedA: number }[]).map(({ allocatedA }) => allocatedA)).toEqual((preview['connectors'] as { afterA: number }[]).map(({ afterA }) => afterA))
    expect((await ask('clearGridLimit', { params: main, query: { dryRun: 'true' } })).json).toMatchObject({ counts: { changed: 2, raised: 2 } })
    expect((await ask('getGridLimit', { params: main })).json).toMatchObject({ currentA: 20 })
  })

  test('of a site with another circuit above its fallbacks is refused as in earnest', async () => {
    const { stand, ask } = await charging()
    const { voltage, fuseA } = stand.house.site('main').value
    await expect(ask('putSite', { params: main, query: { dryRun: 'true' }, json: { voltage, fuseA, baseLoad: { worstCaseA: 65 } } })).rejects.toMatchObject({ code: 'fallbacks-do-not-fit' })
    const { json } = await ask('putSite', { params: main, query: { dryRun: 'true' }, json: { voltage, fuseA: 30, policy: 'fifo' } })
    expect(json).toMatchObject({ effective: { before: { currentA: 64 }, after: { currentA: 30 } }, counts: { changed: 2 } })
    expect(stand.house.site('main').value).toMatchObject({ fuseA: 64, policy: 'equal' })
  })
})
