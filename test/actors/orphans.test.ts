// What could not be matched: kept once, told while it is open, given to its transaction or dismissed; durable, with a trail.
import { describe, expect, test } from 'vitest'
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import { openStand } from './family-stand.ts'

const iso = (stand: HouseStand, ms = 0): string => new Date(stand.clock.wall() + ms).toISOString()

async function withOrphan(meterStop = 5_000, transactionId = 4_711) {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] })
  const peer = await stand.boot('CP1')
  const id = await stand.start(peer, 'TagA')
  await stand.clock.advance(3_600_000)
  await stand.call(peer, 'StopTransaction', { transactionId, meterStop, timestamp: iso(stand), idTag: 'TagA' })
  const [orphan] = stand.house.orphans.list({})
  return { stand, peer, id, orphan: orphan! }
}

describe('kept', () => {
  test('a stop of a transaction nobody knows, with its cause and what it may belong to; the alert stands while it is open', async () => {
    const { stand, id, orphan } = await withOrphan()
    expect(orphan).toMatchObject({
      kind: 'stop', siteID: 'main', clientID: 'CP1', transactionId: 4_711, cause: 'unknown-transaction', count: 1, state: 'open',
      request: { transactionId: 4_711, meterStop: 5_000 }, candidates: [{ transactionId: id, connectorId: 1, idTag: 'TagA' }],
    })
    expect(stand.house.orphans.get(orphan.id)).toEqual(orphan)
    expect(stand.house.alerts().find(({ code }) => code === 'orphaned-stop')).toMatchObject({ clientID: 'CP1', resolvedAt: null, message: expect.stringContaining('4711') })
    const again = await stand.restart()
    expect(again.house.orphans.list({ state: 'open', clientID: 'cp1' }).map((one) => one.id)).toEqual([orphan.id])
    expect(again.house.alerts().find(({ code }) => code === 'orphaned-stop')?.resolvedAt).toBeNull()
  })

  test('one that does not fit in meter is no candidate; a stop with no number says so; one of another charge point too', async () => {
    const { stand, orphan } = await withOrphan(-5, -1)
    expect(orphan).toMatchObject({ cause: 'no-transaction-id', candidates: [] })
    const other = await stand.boot('CP2')
    const theirs = stand.house.records.held()[0]!.id
    await stand.call(other, 'StopTransaction', { transactionId: theirs, meterStop: 1, timestamp: iso(stand) })
    expect(stand.house.orphans.list({ clientID: 'CP2' })).toMatchObject([{ cause: 'of-another-charge-point', transactionId: theirs, candidates: [] }])
    expect(stand.house.orphans.list({ siteID: 'nowhere' })).toEqual([])
  })

  test('readings that name a transaction nobody knows: one for all of them, counted, with the first and the newest; they end nothing', async () => {
    const { stand, peer, id } = await withOrphan()
    const say = (energyWh: number) => stand.call(peer, 'MeterValues', { connectorId: 1, transactionId: 4_712, meterValue: [{ timestamp: iso(stand), sampledValue: [{ value: String(energyWh) }] }] })
    await say(1)
    await say(2)
    await stand.clock.advance(61_000)
    await say(3)
    const [orphan] = stand.house.orphans.list({ kind: 'readings' })
    expect(orphan).toMatchObject({ kind: 'readings', connectorId: 1, transactionId: 4_712, count: 3, candidates: [], request: { meterValue: [{ sampledValue: [{ value: '1' }] }] }, lastRequest: { meterValue: [{ sampledValue: [{ value: '3' }] }] } })
    await expect(stand.house.orphans.assign(orphan!.id, { transactionId: id, reason: 'x' }, caller)).rejects.toMatchObject({ kind: 'conflict', code: 'orphan-not-a-stop' })
    expect(await stand.house.orphans.dismiss(orphan!.id, { reason: 'noise' }, caller)).toMatchObject({ state: 'dismissed' })
  })

  test('readings are told as well: one alert of a charge point, with how many, also after a restart, until all were dismissed', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await stand.boot('CP1')
    const say = (one: HouseStand, by: typeof peer, transactionId: number) => one.call(by, 'MeterValues', { connectorId: 1, transactionId, meterValue: [{ timestamp: iso(one), sampledValue: [{ value: '1' }] }] })
    const told = (one: HouseStand) => one.house.alerts().filter(({ code }) => code === 'orphaned-readings').map(({ clientID, severity, message, resolvedAt }) => [clientID, severity, message, resolvedAt === null])
    await say(stand, peer, 0)
    expect(told(stand)).toEqual([])
    await say(stand, peer, 71)
    await say(stand, peer, 71)
    expect(told(stand)).toEqual([['CP1', 'warning', expect.stringContaining('readings of transaction 71 on connector 1'), true]])
    await stand.clock.advance(1_000)
    await say(stand, peer, 72)
    const both = [['CP1', 'warning', expect.stringMatching(/of 2 transactions .* the last of 72/), true]]
    expect(told(stand)).toEqual(both)
    await stand.clock.advance(5_000)
    const again = await stand.restart()
    expect(told(again)).toEqual(both)
    for (const { id } of again.house.orphans.list({ kind: 'readings' })) await again.house.orphans.dismiss(id, { reason: 'noise' }, caller)
    expect(told(again)).toMatchObject([['CP1', 'warning', expect.anything(), false]])
    await say(again, await again.boot('CP1'), 71)
    expect(told(again)).toMatchObject([['CP1', 'warning', expect.anything(), false]])
  })

  test('a start at a connector that cannot be: it has its number, and is over at once', async () => {
    const { stand, peer } = await withOrphan()
    const { transactionId } = await stand.call(peer, 'StartTransaction', { connectorId: 70_000, idTag: 'TagA', meterStart: 0, timestamp: iso(stand) }) as { transactionId: number }
    expect(stand.house.orphans.list({ kind: 'start' })).toMatchObject([{ connectorId: 70_000, transactionId, cause: 'impossible-connector' }])
    expect(await stand.house.records.record(transactionId)).toMatchObject({ status: 'unconfirmed', trail: [{ what: 'unconfirmed', reason: 'there is no connector 70000' }] })
  })

  test('what an older version kept is read, and is the same when it comes again', async () => {
    const stand = await openStand()
    await stand.boot()
    const request = { transactionId: 77, meterStop: 5, timestamp: stand.iso() }
    await stand.send('StopTransaction', request)
    const [[key, value]] = stand.scope.entries('orphan:') as [[string, { id: string }]]
    stand.scope.put(key, { v: 1, clientID: 'CP1', receivedAtMs: 1, request })
    await stand.send('StopTransaction', request)
    expect([stand.scope.entries('orphan:').length, value.id]).toEqual([1, expect.stringMatching(/^orp_[0-9a-f]{20}$/)])
  })
})

describe('assigned', () => {
  test('at a time that cannot be: it ended when its stop came', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await stand.boot('CP1')
    const id = await stand.start(peer, 'TagA')
    await stand.clock.advance(3_600_000)
    const receivedAt = iso(stand)
    await stand.call(peer, 'StopTransaction', { transactionId: 4_711, meterStop: 5_000, timestamp: '2099-01-01T00:00:00Z' })
    await stand.clock.advance(60_000)
    await stand.house.orphans.assign(stand.house.orphans.list({})[0]!.id, { transactionId: id, reason: 'x' }, caller)
    expect(await stand.house.records.get(id)).toMatchObject({ status: 'stopped', stoppedAt: receivedAt })
  })

  test('ends the running transaction with its meter and time, once, with a trail on both, durable', async () => {
    const { stand, id, orphan } = await withOrphan(5_000)
    const closed = await stand.house.orphans.assign(orphan.id, { transactionId: id, reason: 'the display said so' }, caller)
    expect(closed).toMatchObject({ state: 'assigned', assignedTo: id, closedBy: 'tester', closedRequestId: 'r1', reason: 'the display said so', candidates: [] })
    expect(await stand.house.records.get(id)).toMatchObject({ status: 'stopped', meterStopWh: 5_000, energyWh: 5_000, stopReason: 'Local' })
    expect((await stand.house.records.record(id)).trail).toMatchObject([{ what: 'stop-assigned', by: 'tester', requestId: 'r1', reason: 'the display said so', after: { orphan: orphan.id } }])
    expect(stand.house.alerts().find(({ code }) => code === 'orphaned-stop')?.resolvedAt).not.toBeNull()
    expect(stand.house.connector('CP1', 1).transactionId).toBeNull()
    await expect(stand.house.orphans.assign(orphan.id, { transactionId: id, reason: 'again' }, caller)).rejects.toMatchObject({ kind: 'conflict', code: 'orphan-closed' })
    const again = await stand.restart()
    expect([(await again.house.records.get(id)).status, again.house.orphans.get(orphan.id).state]).toEqual(['stopped', 'assigned'])
  })

  test('the readings that came with the stop are counted', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await stand.boot('CP1')
    const id = await stand.start(peer, 'TagA')
    await stand.clock.advance(3_600_000)
    const at = (minutes: number) => iso(stand, -minutes * 60_000)
    const transactionData = [50, 40, 20].map((minutes) => ({ timestamp: at(minutes), sampledValue: [{ value: '4000' }] }))
    await stand.call(peer, 'StopTransaction', { transactionId: 4_711, meterStop: 4_000, timestamp: at(0), transactionData })
    await stand.house.orphans.assign(stand.house.orphans.list({})[0]!.id, { transactionId: id, reason: 'x' }, caller)
    expect(await stand.house.records.record(id)).toMatchObject({ energyMWh: 4_000_000, idleMs: 50 * 60_000, peakW: 24_000 })
  })

  test('not to another charge point, not to one with a stop of its own, not where there is none; nothing changes then', async () => {
    const { stand, peer, id, orphan } = await withOrphan()
    const theirs = await stand.start(await stand.boot('CP2'), 'TagB')
    const given = { reason: 'x' }
    await expect(stand.house.orphans.assign(orphan.id, { ...given, transactionId: theirs }, caller)).rejects.toMatchObject({ code: 'other-charge-point' })
    await expect(stand.house.orphans.assign(orphan.id, { ...given, transactionId: 999_999_999 }, caller)).rejects.toMatchObject({ code: 'unknown-transaction' })
    await expect(stand.house.orphans.assign('orp_1', { ...given, transactionId: id }, caller)).rejects.toMatchObject({ code: 'unknown-orphan' })
    await stand.call(peer, 'StopTransaction', { transactionId: id, meterStop: 900, timestamp: iso(stand) })
    await expect(stand.house.orphans.assign(orphan.id, { ...given, transactionId: id }, caller)).rejects.toMatchObject({ code: 'transaction-stopped' })
    expect([stand.house.orphans.get(orphan.id).state, (await stand.house.records.get(id)).meterStopWh]).toEqual(['open', 900])
  })

  test('not where the meter would have gone down, not where it ended long before it began; both say what to do, and nothing changes', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await stand.boot('CP1')
    const early = iso(stand)
    await stand.clock.advance(3_600_000)
    const { transactionId: id } = await stand.call(peer, 'StartTransaction', { connectorId: 1, idTag: 'TagA', meterStart: 700, timestamp: iso(stand) }) as { transactionId: number }
    await stand.clock.advance(600_000)
    for (const [code, stop] of [['meter-below-start', { meterStop: 699, timestamp: iso(stand) }], ['stop-before-start', { meterStop: 900, timestamp: early }]] as const) {
      await stand.call(peer, 'StopTransaction', { transactionId: 4_711, ...stop })
      const orphan = stand.house.orphans.list({ state: 'open' })[0]!
      expect(orphan.candidates).toEqual([])
      const hint = expect.stringMatching(new RegExp(`orphans/${orphan.id}.*dismiss.*/api/v1/transactions/${id}/close`)) as string
      await expect(stand.house.orphans.assign(orphan.id, { transactionId: id, reason: 'x' }, caller)).rejects.toMatchObject({ kind: 'conflict', code, hint })
      expect([stand.house.orphans.get(orphan.id).state, (await stand.house.records.get(id)).stoppedAt]).toEqual(['open', null])
      await stand.house.orphans.dismiss(orphan.id, { reason: 'x' }, caller)
    }
  })

  test('while the store is down nothing is changed', async () => {
    const { stand, id, orphan } = await withOrphan()
    stand.trouble.store = true
    await expect(stand.house.orphans.assign(orphan.id, { transactionId: id, reason: 'x' }, caller)).rejects.toMatchObject({ kind: 'store-down' })
    await expect(stand.house.orphans.dismiss(orphan.id, { reason: 'x' }, caller)).rejects.toMatchObject({ kind: 'store-down' })
    stand.trouble.store = false
    await stand.clock.advance(2_000)
    expect([stand.house.orphans.get(orphan.id).state, (await stand.house.records.get(id)).stoppedAt]).toEqual(['open', null])
  })
})

test('dismissed: it stays, with who and why, and the alert is over', async () => {
  const { stand, orphan } = await withOrphan()
  expect(await stand.house.orphans.dismiss(orphan.id, { reason: 'a test' }, caller)).toMatchObject({ state: 'dismissed', reason: 'a test', closedBy: 'tester' })
  await expect(stand.house.orphans.dismiss(orphan.id, { reason: 'a test' }, caller)).rejects.toMatchObject({ code: 'orphan-closed' })
  expect(stand.house.alerts().find(({ code }) => code === 'orphaned-stop')?.resolvedAt).not.toBeNull()
  expect((await stand.restart()).house.orphans.list({ state: 'dismissed', kind: 'stop' })).toHaveLength(1)
})
