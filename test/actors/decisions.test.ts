// Decisions: what is recorded of each run of the engine, how it is found again, and what each connector stands by.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decisionCauses } from '../../src/actors/decision-reader.ts'
import { caller, openHouse, type HouseOptions } from './house-stand.ts'
import { pointOf } from './site-stand.ts'

const ask = { limit: 500 }

async function two(options: HouseOptions = {}) {
  const stand = await openHouse({ sites: [{ fuseA: 64 }], chargePoints: [{ id: 'CP1' }, { id: 'CP2' }], ...options })
  const peers = [await stand.boot('CP1'), await stand.boot('CP2')]
  await stand.clock.advance(15_000)
  for (const peer of peers) await stand.start(peer)
  await stand.clock.advance(20_000)
  return { ...stand, peers, list: async (query: object = {}) => (await stand.house.decisions.list({ ...ask, ...query })).data }
}

describe('a record', () => {
  test('says what set it off, what it was made of, and who has what now', async () => {
    const { house, list, events, clock } = await two()
    await house.setGridLimit('main', { currentA: 20 }, { name: 'ems', requestId: 'req-7' })
    const [made] = await list({ trigger: 'site-limit-set' })
    expect(made).toEqual({
      id: expect.stringMatching(/^dec_1_\d+$/) as string, at: new Date(clock.wall()).toISOString(), siteID: 'main',
      trigger: { cause: 'site-limit-set', requestId: 'req-7', by: 'ems' },
      inputs: {
        effective: { currentA: 20, powerW: 13_800, binding: 'grid-limit' }, baseLoad: { status: 'never', countedA: { L1: 0, L2: 0, L3: 0 } },
        tight: ['L1', 'L2', 'L3'].filter((on) => made!.inputs.tight.some((one) => one.on === on)).map((on) => ({ id: 'grid-limit', circuitID: 'main', on, capacity: 20, left: 0 })),
      },
      state: 'enforcing', deficitA: 0,
      changes: ['CP1', 'CP2'].map((clientID) => ({
        clientID, connectorId: 1, before: { allocatedA: 32, binding: 'hardware', boundBy: null, queuePlace: null },
        after: { allocatedA: 10, binding: 'grid-limit', boundBy: { circuitID: 'main', on: expect.any(String) as string, source: 'grid-limit' }, queuePlace: null },
      })),
      lowerings: ['CP1', 'CP2'].map((clientID) => ({ clientID, connectorId: 1, toA: 10, cutA: 22 })), raisings: [],
      nextReviewAt: expect.any(String) as string,
    })
    expect(made!.inputs.tight).not.toEqual([])
    expect(await house.decisions.get(made!.id)).toEqual(made)
    expect(house.gridLimit('main').value.decisionId).toBe(made!.id)
    expect(events.find(({ type, data }) => type === 'decision.made' && data['decisionId'] === made!.id)?.data).toMatchObject({ cause: 'site-limit-set', requestId: 'req-7', lowerings: 2 })
    expect(events.filter(({ type, data }) => type === 'allocation.changed' && data['decisionId'] === made!.id).map(({ data }) => data)).toEqual([1, 2].map(() => ({ allocatedA: 10, beforeA: 32, binding: 'grid-limit', cause: 'site-limit-set', decisionId: made!.id })))
  })

  test('is made of what somebody asked for even where it changed nothing, and of nothing else that changed nothing', async () => {
    const { house, list, clock } = await two()
    const before = await list()
    await clock.advance(60_000)
    expect(await list()).toEqual(before)
    await house.setGridLimit('main', { currentA: 64 }, { name: 'ems', requestId: 'req-8' })
    const [made] = await list()
    expect(made).toMatchObject({ trigger: { requestId: 'req-8' }, changes: [], lowerings: [], raisings: [], state: 'enforced' })
  })

  test.each(['patch of a connector', 'put of a site', 'put of a charge point'])('%s leaves its request on the decision', async (what) => {
    const { house, list } = await two()
    const by = { name: 'someone', requestId: 'req-9' }
    if (what.startsWith('patch')) await house.patchConnector('CP1', 1, { vehicleMaxA: 16 }, by)
    else if (what.endsWith('site')) await house.putSite({ ...house.site('main').value, fuseA: 40 }, by)
    else await house.putChargePoint(pointOf({ id: 'CP3' }), undefined, by)
    const changed = what.startsWith('patch') ? ['CP1'] : what.endsWith('site') ? ['CP1', 'CP2'] : ['CP3']
    const made = (await list()).find(({ trigger }) => trigger.requestId === 'req-9')
    expect(made?.trigger.by).toBe('someone')
    expect(made?.changes.map(({ clientID }) => clientID)).toEqual(changed)
  })
})

test('a curtailment leaves its request on the decision too', async () => {
  const { house, list, clock } = await two()
  const expiresAt = new Date(clock.wall() + 3_600_000).toISOString()
  await house.limits.createCurtailment('main', { kind: 'curtailment', currentA: 20, expiresAt }, { name: 'dso', requestId: 'req-10' })
  expect((await list()).find(({ trigger }) => trigger.requestId === 'req-10')).toMatchObject({ trigger: { by: 'dso' }, changes: [{ after: { allocatedA: 10 } }, { after: { allocatedA: 10 } }] })
})

describe('I8: every connector', () => {
  test('has a binding, a next review, and the decision that gave it what it has, with it in it', async () => {
    const { house, clock } = await two()
    await house.setGridLimit('main', { currentA: 20 }, caller)
    await clock.advance(20_000)
    await house.patchConnector('CP1', 1, { vehicleMaxA: 8 }, caller)
    await clock.advance(60_000)
    for (const clientID of ['CP1', 'CP2']) {
      const { binding, boundBy, nextReviewAt, decisionId, allocatedA } = house.allocation(clientID, 1)
      expect(Date.parse(nextReviewAt!)).toBeGreaterThanOrEqual(clock.wall())
      const decision = await house.decisions.get(decisionId!)
      expect(decision.changes.find((one) => one.clientID === clientID)?.after).toMatchObject({ allocatedA, binding, boundBy })
    }
  })

  test('stands by the decision that changed it, not by later ones about others; also when that one is no longer among the newest', async () => {
    const { house, clock } = await two()
    const before = house.allocation('CP2', 1).decisionId!
    for (let round = 0; round < 210; round++) await house.patchConnector('CP1', 1, { vehicleMaxA: round % 2 === 0 ? 10 : 20 }, caller)
    await clock.advance(1_000)
    expect(house.allocation('CP2', 1).decisionId).toBe(before)
    expect(house.allocation('CP1', 1).decisionId).not.toBe(before)
    expect((await house.decisions.get(before)).changes.map(({ clientID }) => clientID)).toContain('CP2')
  })

  test('in the queue has its place in the record', async () => {
    const { house, list } = await two()
    await house.setGridLimit('main', { currentA: 7 }, caller)
    const [made] = await list({ trigger: 'site-limit-set' })
    expect(made?.changes.map(({ after }) => [after?.allocatedA, after?.binding, after?.queuePlace])).toEqual([[7, 'grid-limit', null], [0, 'queue', 1]])
  })
})

describe('I8 in whatever happens', () => {
  test.each([1, 2, 3])('seed %d: each connector says what bound it, and the decision it stands by says the same', async (seed) => {
    let state = seed * 2_654_435_761
    const random = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    const ids = ['CP1', 'CP2', 'CP3', 'CP4']
    const stand = await openHouse({ sites: [{ fuseA: 60, limitW: 40_000, circuits: [{ id: 'garage', limitA: 32 }] }], chargePoints: ids.map((id, index) => ({ id, ...(index < 2 ? { circuit: 'garage' } : {}), fallbackA: index === 3 ? 6 : 0 })) })
    const { house, clock } = stand
    const peers = []
    for (const id of ids) peers.push(await stand.boot(id))
    await clock.advance(15_000)
    for (let round = 0; round < 25; round++) {
      const id = ids[random(4)]!
      const what = random(6)
      if (what === 0) await stand.start(peers[ids.indexOf(id)]!).catch(() => undefined)
      else if (what === 1) await house.setGridLimit('main', { currentA: random(60) }, caller)
      else if (what === 2) await house.clearGridLimit('main', caller)
      else if (what === 3) await house.patchConnector(id, 1, { vehicleMaxA: 6 + random(26), priority: random(2) }, caller)
      else if (what === 4) await house.limits.createCurtailment('main', { kind: 'curtailment', currentA: 5 + random(40), expiresAt: new Date(clock.wall() + 20_000).toISOString() }, caller)
      else house.pushBaseLoad('main', { currentA: { L1: random(20), L2: random(20), L3: random(20) } })
      await clock.advance(random(20_000))
      for (const clientID of ids) {
        const { allocatedA, binding, boundBy, queue, nextReviewAt, decisionId, summary } = house.allocation(clientID, 1)
        const decision = await house.decisions.get(decisionId!)
        expect(decision.changes.find((one) => one.clientID === clientID)?.after, `${decisionId} ${clientID} ${summary}`).toEqual({ allocatedA, binding, boundBy, queuePlace: queue?.place ?? null })
        expect(Date.parse(nextReviewAt!)).toBeGreaterThanOrEqual(clock.wall())
      }
    }
  })
})

describe('found again', () => {
  test('by charge point, connector, time and cause; page by page, newest first', async () => {
    const { house, list, clock } = await two()
    const fromMs = clock.wall()
    for (const currentA of [30, 20, 10]) {
      await clock.advance(1_000)
      await house.setGridLimit('main', { currentA }, caller)
    }
    const all = await list({ from: new Date(fromMs).toISOString(), trigger: 'site-limit-set' })
    expect(all.map(({ inputs }) => inputs.effective.currentA)).toEqual([10, 20, 30])
    expect(await list({ to: new Date(fromMs).toISOString(), trigger: 'site-limit-set' })).toEqual([])
    expect(await list({ clientID: 'cp1', connectorId: 2 })).toEqual([])
    expect((await list({ clientID: 'cp1', connectorId: 1 })).length).toBeGreaterThan(3)
    const paged: string[] = []
    for (let after: string | undefined; ;) {
      const { data, next } = await house.decisions.list({ limit: 2, after })
      paged.push(...data.map(({ id }) => id))
      if (next === null) break
      after = next
    }
    expect(paged).toEqual((await list()).map(({ id }) => id))
    expect(new Set(paged).size).toBe(paged.length)
  })

  test('after kill -9: what was answered is still there, and ids go on in another epoch', async () => {
    const stand = await two()
    await stand.house.setGridLimit('main', { currentA: 20 }, { name: 'ems', requestId: 'req-1' })
    const { decisionId } = stand.house.gridLimit('main').value
    const before = await stand.house.decisions.get(decisionId!)
    const again = await stand.restart()
    await again.clock.advance(6_000)
    expect(await again.house.decisions.get(decisionId!)).toEqual(before)
    const { data } = await again.house.decisions.list({ limit: 500, trigger: 'site-limit-set' })
    expect(data).toEqual([before])
    const started = (await again.house.decisions.list({ limit: 500 })).data.map(({ id }) => id)
    expect(started[0]).toMatch(/^dec_2_/)
    expect(new Set(started).size).toBe(started.length)
  })

  test('of two sites each is told from the other', async () => {
    const { house } = await openHouse({ sites: [{ id: 'main' }, { id: 'annex' }] })
    await house.setGridLimit('annex', { currentA: 10 }, caller)
    const { data } = await house.decisions.list({ limit: 10, siteID: 'annex' })
    expect(data.map(({ siteID, id }) => [siteID, /^dec_1_\d+_annex$/.test(id)])).toEqual(data.map(() => ['annex', true]))
    expect(await house.decisions.get(data[0]!.id)).toMatchObject({ siteID: 'annex' })
    await expect(house.decisions.get('dec_1_99')).rejects.toMatchObject({ kind: 'not-found', code: 'unknown-decision' })
  })

  test('while the store cannot be written: at hand all the same, and stored once it can', async () => {
    const { house, trouble, clock, store, list } = await two()
    trouble.store = true
    await house.patchConnector('CP1', 1, { vehicleMaxA: 9 }, caller).catch(() => undefined)
    await clock.advance(2_000)
    const { decisionId } = house.allocation('CP1', 1)
    expect(await house.decisions.get(decisionId!)).toMatchObject({ id: decisionId })
    await expect(list({ siteID: 'main' })).rejects.toMatchObject({ code: 'store-down' })
    trouble.store = false
    await clock.advance(5_000)
    expect((await store.range('main', 'decisions', 0, 9e15)).map(({ value }) => (value as { id: string }).id)).toContain(decisionId)
  })
})

test('every cause that a review is asked for with can be asked for', () => {
  const folder = join(import.meta.dirname, '../../src/actors')
  const text = readdirSync(folder).filter((name) => name.endsWith('.ts')).map((name) => readFileSync(join(folder, name), 'utf8')).join('\n')
  const asked = [...text.matchAll(/(?:type: 'REVIEW', cause: |reviewSoon\(|\breview\(|\.impose\(\w+, )'([a-z-]+)'/g)].map(([, cause]) => cause ?? '')
  expect(new Set(asked)).toEqual(new Set(['start', 'sample', 'curtailment', 'charging-profiles', 'quirks-learnt']))
  expect(decisionCauses).toEqual(expect.arrayContaining(asked))
})
