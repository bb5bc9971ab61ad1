// What is written down of the availability of connectors, and what is known of it afterwards: a restart leaves a gap, not a guess.
import { describe, expect, test } from 'vitest'
import { AvailabilityReader, availabilitySeries, type AvailabilityRow } from '../../src/actors/availability-rows.ts'
import { openHouse, type HouseStand } from './house-stand.ts'
import { Peer } from './site-stand.ts'

const minute = 60_000

function stretchesOf(rows: readonly (readonly [atMin: number, row: AvailabilityRow])[], untilMin: number | null = null): string[] {
  const told: string[] = []
  const reader = new AvailabilityReader((key, fromMs, untilMs, is) => void told.push(`${key} ${fromMs / minute}-${untilMs / minute} ${is ? 'up' : 'down'}`))
  for (const [atMin, value] of rows) reader.read({ atMs: atMin * minute, value })
  reader.end(untilMin === null ? null : untilMin * minute)
  return told
}

describe('what rows say', () => {
  test('a state holds until it changes, as long as somebody looks', () => {
    expect(stretchesOf([[0, { k: 'all', s: { 'A/1': 1, 'B/1': 0 } }], [5, { k: 'beat' }], [7, { k: 'change', s: { 'A/1': 0 } }], [10, { k: 'beat' }]])).toEqual(['A/1 0-7 up', 'B/1 0-10 down', 'A/1 7-10 down'])
  })

  test('a silence is not known, and after a start nothing that was said before holds', () => {
    expect(stretchesOf([[0, { k: 'all', s: { 'A/1': 1 } }], [5, { k: 'beat' }], [60, { k: 'beat' }]])).toEqual(['A/1 0-5 up'])
    expect(stretchesOf([[0, { k: 'all', s: { 'A/1': 1 } }], [3, { k: 'start' }], [4, { k: 'change', s: { 'A/1': 1 } }], [8, { k: 'beat' }]])).toEqual(['A/1 4-8 up'])
  })

  test('who is not in the whole list any more is gone, and now counts where somebody looks still', () => {
    expect(stretchesOf([[0, { k: 'all', s: { 'A/1': 1, 'B/1': 1 } }], [4, { k: 'all', s: { 'A/1': 1 } }]], 6)).toEqual(['B/1 0-4 up', 'A/1 0-6 up'])
    expect(stretchesOf([[0, { k: 'all', s: { 'A/1': 1 } }]], 30)).toEqual([])
  })

  test('what is none of ours says nothing', () => {
    expect(stretchesOf([[0, { k: 'all', s: { 'A/1': 1 } }], [2, JSON.parse('{"k":"all","s":{"A/1":7}}') as AvailabilityRow], [3, { k: 'beat' }]])).toEqual(['A/1 0-3 up'])
  })
})

async function written(stand: HouseStand): Promise<readonly AvailabilityRow[]> {
  await stand.directory.estate.availability.settle('main')
  return (await stand.store.range('main', availabilitySeries, 0, 1e15)).map(({ value }) => value as AvailabilityRow)
}

describe('the recorder', () => {
  test('writes who comes, who is out of order and who goes, and nothing twice', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] })
    const peer = await stand.boot('CP1')
    await stand.call(peer, 'StatusNotification', { connectorId: 1, status: 'Available', errorCode: 'NoError' })
    await stand.clock.advance(1_000)
    expect(await written(stand)).toEqual([{ k: 'start' }, { k: 'change', s: { 'CP1/1': 1 } }])
    await stand.clock.advance(130_000)
    expect((await written(stand)).at(-1)).toEqual({ k: 'all', s: { 'CP1/1': 1, 'CP2/1': 0 } })
    await stand.call(peer, 'StatusNotification', { connectorId: 1, status: 'Preparing', errorCode: 'NoError' })
    await stand.call(peer, 'StatusNotification', { connectorId: 1, status: 'Faulted', errorCode: 'GroundFailure' })
    await stand.clock.advance(1_000)
    expect((await written(stand)).at(-1)).toEqual({ k: 'change', s: { 'CP1/1': 0 } })
    await stand.clock.advance(600_000)
    expect((await written(stand)).slice(-2)).toEqual([{ k: 'beat' }, { k: 'beat' }])
    await stand.directory.stop()
  })

  test('a charge point that is out of order as a whole has no connector that works', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const peer = await stand.boot('CP1')
    await stand.call(peer, 'StatusNotification', { connectorId: 1, status: 'Available', errorCode: 'NoError' })
    for (const [status, is] of [['Unavailable', 0], ['Available', 1], ['Faulted', 0]] as const) {
      await stand.call(peer, 'StatusNotification', { connectorId: 0, status, errorCode: 'NoError' })
      await stand.clock.advance(1_000)
      expect((await written(stand)).at(-1)).toEqual({ k: 'change', s: { 'CP1/1': is } })
    }
    stand.directory.crash()
  })

  test('who boots some time after it has connected is available from then on, status or not', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    const admission = await stand.admit('CP1')
    const peer = new Peer(stand.clock, admission.admitted ? admission.clientID : '', 1)
    stand.desk.connected(peer)
    await stand.clock.advance(3_000)
    await stand.call(peer, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' })
    await stand.clock.advance(8_000)
    expect(await written(stand)).toEqual([{ k: 'start' }, { k: 'change', s: { 'CP1/1': 0 } }, { k: 'change', s: { 'CP1/1': 1 } }])
    stand.desk.disconnected(peer, 1000, '')
    await stand.clock.advance(1_000)
    expect((await written(stand)).at(-1)).toEqual({ k: 'change', s: { 'CP1/1': 0 } })
    stand.directory.crash()
  })

  test('after a restart it begins with what it does not know', async () => {
    const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
    await stand.boot('CP1')
    await stand.clock.advance(200_000)
    const again = await stand.restart()
    await again.clock.advance(1_000)
    expect((await written(again)).at(-1)).toEqual({ k: 'start' })
    await again.clock.advance(120_000)
    expect((await written(again)).at(-1)).toEqual({ k: 'all', s: { 'CP1/1': 0 } })
    again.directory.crash()
  })
})
