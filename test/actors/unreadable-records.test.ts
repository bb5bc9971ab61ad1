// Every record of a lively house, damaged one at a time in every way: kwota starts, counts no less than may be drawn, allows no more than before, and tells.
import { beforeAll, describe, expect, test } from 'vitest'
import { perPhase } from '../../src/power/site.ts'
import { createMemoryStore, type MemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import { accept, pointOf } from './site-stand.ts'

const ways: readonly (readonly [name: string, damage: (text: string) => string])[] = [
  ['no JSON', () => '\u0001\u0002 not json'],
  ['cut off', text => text.slice(0, Math.max(1, Math.floor(text.length / 2)))],
  ['empty', () => ''],
  ['null', () => 'null'],
  ['an empty object', () => '{}'],
  ['another type', text => (text.startsWith('{') ? '"text"' : '{"a":1}')],
]

/** Nothing comes from the file: all of it has to be read. */
const noFile = { sites: [], chargePoints: [] }
const failsafeA = 8
const circuits = [{ id: 'garage', limitA: 40 }, { id: 'yard', limitA: 40 }]
/** What any object is enough for; and of a number a part is one. */
const modest = ['request', 'erasure', 'family', 'statuses']
const numbers = ['start', 'rollups', 'turned']

interface Lively { readonly texts: ReadonlyMap<string, ReadonlyMap<string, string>>; readonly owners: ReadonlyMap<string, string>; readonly wallMs: number; readonly drawnA: ReadonlyMap<string, number>; readonly limitA: number }

async function makeLively(): Promise<Lively> {
  const stand = await openHouse({
    sites: [{ id: 'main', fuseA: 63, failsafeA, circuits, demandWindow: { targetW: 40_000 } }], idTags: [{ id: 'BAD', status: 'Blocked', concurrent: false }],
    tariffs: [{ id: 'day', currency: 'EUR', name: '', perKWhMinor: 40, perMinuteMinor: 0, perSessionMinor: 0, idlePerMinuteMinor: 0, idleGraceS: 0 }], chargePoints: [{ id: 'CP1', circuit: 'garage' }, { id: 'CP2', circuit: 'yard' }, { id: 'CP3', circuit: 'garage' }], messageLog: { keepDays: 1, keepMiB: 10 },
  })
  const { house, clock } = stand
  const peers = [await stand.boot('CP1'), await stand.boot('CP2'), await stand.boot('CP3')]
  const beat = (id: string) => {
    stand.desk.frame?.(peers[0]!, 'in', `[2,"${id}","Heartbeat",{}]`)
    stand.desk.frame?.(peers[0]!, 'out', `[3,"${id}",{}]`)
  }
  beat('1')
  await clock.advance(15_000)
  for (const peer of peers.slice(0, 2)) {
    await stand.start(peer)
    await stand.call(peer, 'StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError', timestamp: new Date(clock.wall()).toISOString() })
  }
  await stand.call(peers[2]!, 'StopTransaction', { transactionId: 4_711, meterStop: 5, timestamp: new Date(clock.wall()).toISOString(), idTag: 'TAG' })
  const done = [
    house.setGridLimit('main', { currentA: 50, ttlS: 3_600 }, caller),
    house.limits.createCurtailment('main', { currentA: 45, expiresAt: new Date(clock.wall() + 3_600_000).toISOString() }, caller),
    house.reservations.create({ clientID: 'CP3', connectorId: 1, idTag: 'ANNA', expiryDate: new Date(clock.wall() + 3_600_000).toISOString() }, 0, caller),
    house.patchConnector('CP1', 1, { priority: 2, energyNeededWh: 20_000 }, caller),
  ]
  await clock.advance(30_000)
  await Promise.all(done)
  peers[2]!.script = action => (action === 'UnlockConnector' ? 'hold' : accept(action, {}))
  peers[2]!.cut()
  stand.desk.disconnected(peers[2]!, 1006, 'gone')
  house.commands.issue('CP3', 'UnlockConnector', { connectorId: 1 }, { expiresAt: new Date(clock.wall() + 86_400_000).toISOString() }, caller).catch(() => undefined)
  await clock.advance(60_000)
  beat('2')
  await clock.advance(5_000)
  const drawnA = new Map(['CP1', 'CP2', 'CP3'].map(id => [id, house.allocation(id, 1).reservedA]))
  const limitA = house.limits.stack('main', undefined).effective.currentA
  stand.directory.crash()
  return {
    texts: new Map(['main', 'kwota'].map(scope => [scope, stand.store.texts(scope)])), owners: await stand.store.restart().claims('chargepoint'),
    wallMs: clock.wall(), drawnA, limitA,
  }
}

/** A store that holds all of it, one record damaged. */
async function storeWith(lively: Lively, scope: string, key: string, text: string): Promise<MemoryStore> {
  const store = createMemoryStore()
  for (const [name, texts] of lively.texts) {
    await store.own(name)
    for (const [other, whole] of texts) store.damage(name, other, name === scope && other === key ? text : whole)
  }
  for (const [id, owner] of lively.owners) await store.claim('chargepoint', id, owner)
  return store
}

/** What is wrong after such a start; null = nothing. */
function judge(stand: HouseStand, lively: Lively, key: string): string | null {
  const { house, directory: { estate } } = stand
  const site = estate.sites.get('main')
  if (site === undefined) return key === 'config' ? null : 'the site is gone'
  for (const [id, drawnA] of lively.drawnA) {
    if (estate.point(id) === undefined) return `${id} is gone`
    const countedA = house.allocation(id, 1).reservedA
    if (countedA < drawnA) return `${id} may draw ${drawnA} A and counts with ${countedA} A`
  }
  for (const { id, limitA } of circuits) {
    const standIns = [...estate.points.values()].filter(({ record }) => record.standIn === true)
    const missing = standIns.flatMap(({ record }) => record.config.connectors).reduce((sum, { maxA }) => sum + maxA, 0)
    const left = perPhase(site.room.config.circuits.find(one => one.id === id)!.limitA!).L1
    if (left > limitA - missing) return `${id} is taken for ${left} A although ${missing} A may hang there`
  }
  const { currentA } = house.limits.stack('main', undefined).effective
  if ((key === 'grid-limit' || key.startsWith('curtailment:')) && currentA !== failsafeA) return `${currentA} A are allowed, not the failsafe of ${failsafeA} A`
  return currentA > lively.limitA ? `${currentA} A are allowed, ${lively.limitA} A were` : null
}

test('of a charge point whose entry is gone nobody is let in until it is sent once more', { timeout: 30_000 }, async () => {
  const lively = await makeLively()
  const clock = new VirtualClock(lively.wallMs)
  const stand = await openHouse({ ...noFile, store: await storeWith(lively, 'main', 'chargepoint:CP1', ''), clock })
  expect(await stand.admit('CP1')).toMatchObject({ admitted: false })
  const config = pointOf({ id: 'CP1', circuit: 'garage' })
  const done = stand.house.putChargePoint(config, undefined, caller)
  await clock.advance(1_000)
  await done
  expect(stand.directory.estate.sites.get('main')!.room.config.circuits).toMatchObject(circuits)
  expect(await stand.admit('CP1')).toMatchObject({ admitted: false })
  const open = stand.house.putChargePoint(config, null, caller)
  await clock.advance(1_000)
  await open
  expect(await stand.admit('CP1')).toMatchObject({ admitted: true })
  const again = await stand.restart()
  expect(again.directory.estate.point('CP1')?.record).toMatchObject({ config })
  expect(again.directory.estate.point('CP1')?.record.standIn).toBeUndefined()
  again.directory.crash()
})

describe('a record that cannot be read', () => {
  let lively: Lively
  beforeAll(async () => { lively = await makeLively() })

  test('a lively house has records of every kind that moves power', () => {
    const kinds = new Set([...lively.texts.get('main')!.keys(), ...lively.texts.get('kwota')!.keys()].map(key => key.split(':')[0]))
    expect([...kinds]).toEqual(expect.arrayContaining([
      'config', 'chargepoint', 'family', 'row', 'car', 'need', 'learnt', 'grid-limit', 'curtailment', 'demand-window', 'engine-now', 'tx', 'start', 'orphan', 'command', 'request', 'reservation', 'statuses', 'rollups', 'idtag', 'tariff', 'message-log', 'decision-log',
    ]))
    expect([lively.drawnA.get('CP1'), lively.drawnA.get('CP2')].every(amps => amps !== undefined && amps > 0)).toBe(true)
  })

  test('unharmed, nothing is set aside', async () => {
    const stand = await openHouse({ ...noFile, store: await storeWith(lively, '', '', ''), clock: new VirtualClock(lively.wallMs) })
    expect(stand.house.alerts().filter(({ code }) => code === 'quarantined')).toEqual([])
    expect(judge(stand, lively, '')).toBeNull()
    stand.directory.crash()
  })

  test.each(ways)('%s: kwota starts, counts no less, allows no more, and says so', { timeout: 60_000 }, async (way, damage) => {
    const wrong: string[] = []
    for (const [scope, texts] of lively.texts) {
      for (const [key, text] of texts) {
        const bad = damage(text)
        const clock = new VirtualClock(lively.wallMs)
        const stand = await openHouse({ ...noFile, store: await storeWith(lively, scope, key, bad), clock })
        const told = stand.house.alerts().some(({ code, message, clientID }) => (code === 'quarantined' || code === 'record-begun-anew') && (message.includes(key) || key === `family:${String(clientID)}`))
        const [kind = ''] = key.split(':')
        if (!told && !(modest.includes(kind) && way === 'an empty object') && !(numbers.includes(kind) && way === 'cut off')) wrong.push(`${key}: nobody is told`)
        const first = judge(stand, lively, key)
        if (first !== null) wrong.push(`${key}: ${first}`)
        await clock.advance(1_000)
        // Kill -9 and once more: what stands in for it is a record like any other.
        const again = await stand.restart()
        const second = judge(again, lively, key)
        if (second !== null) wrong.push(`${key}, after another start: ${second}`)
        again.directory.crash()
      }
    }
    expect(wrong).toEqual([])
  })
})
