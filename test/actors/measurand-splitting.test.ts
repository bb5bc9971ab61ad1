// Charge points that refuse a list of measurands as a whole keep what they take of it, and are not asked again at every boot.
import { describe, expect, test } from 'vitest'
import type { Settings } from '../../src/settings.ts'
import { openStand, type Stand } from './family-stand.ts'
import { caller, openHouse } from './house-stand.ts'
import { Peer, type Script } from './site-stand.ts'

const energy = 'Energy.Active.Import.Register'
const four = [energy, 'Power.Active.Import', 'Voltage', 'SoC']
const key = 'MeterValuesSampledData'

interface Point { values: Record<string, string>; takes: (items: readonly string[]) => boolean; refusal?: string; firmware?: string }

const script = (point: Point): Script => (action, payload) => {
  const request = payload as { key?: string | string[]; value?: string }
  if (action === 'GetConfiguration') {
    const names = (request.key ?? Object.keys(point.values)) as string[]
    return { configurationKey: names.flatMap((name) => (point.values[name] === undefined ? [] : [{ key: name, readonly: false, value: point.values[name] }])), unknownKey: names.filter((name) => point.values[name] === undefined) }
  }
  if (action !== 'ChangeConfiguration') return { status: 'Accepted' }
  if (!point.takes(String(request.value).split(','))) return { status: point.refusal ?? 'Rejected' }
  point.values[String(request.key)] = String(request.value)
  return { status: 'Accepted' }
}

let generation = 0

/** The changes that a boot brought. */
async function booted(stand: Stand, point: Point, around = (own: Script): Script => own): Promise<string[]> {
  const peer = new Peer(stand.clock, 'CP1', ++generation)
  peer.script = around(script(point))
  stand.family.connected(peer)
  await stand.clock.advance(0)
  await stand.send('BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One', firmwareVersion: point.firmware ?? '1.0' }, peer)
  await stand.clock.advance(10_000)
  return peer.calls.flatMap(({ action, payload }) => (action === 'ChangeConfiguration' ? [String((payload as { value?: string }).value)] : []))
}

const open = (settings: Settings) => openStand({ settings })
const without = (...bad: string[]) => (items: readonly string[]) => !items.some((item) => bad.includes(item))

describe('a list that is refused', () => {
  test('is brought without what the charge point does not know, once', async () => {
    const stand = await open({ measurands: four })
    const point: Point = { values: { [key]: energy }, takes: without('SoC') }
    const first = await booted(stand, point)
    expect(first[0]).toBe(four.join())
    expect(first.length).toBeLessThanOrEqual(5)
    expect(point.values[key]).toBe(`${energy},Power.Active.Import,Voltage`)
    for (let boot = 0; boot < 2; boot++) expect(await booted(stand, point)).toEqual([])
  })

  test('is brought back in part when the charge point has lost it, without another search', async () => {
    const stand = await open({ measurands: four })
    const point: Point = { values: { [key]: energy }, takes: without('SoC') }
    await booted(stand, point)
    point.values[key] = energy
    expect(await booted(stand, point)).toEqual([`${energy},Power.Active.Import,Voltage`])
  })

  test('is learnt anew with another firmware, and with another list', async () => {
    const settings: Settings = { measurands: four }
    const stand = await open(settings)
    const point: Point = { values: { [key]: energy }, takes: without('SoC') }
    await booted(stand, point)
    point.firmware = '2.0'
    point.takes = () => true
    expect(await booted(stand, point)).toEqual([four.join()])
    point.takes = without('SoC')
    settings.measurands = ['SoC', 'Voltage']
    expect((await booted(stand, point))[0]).toBe('SoC,Voltage')
    expect(point.values[key]).toBe('Voltage')
  })

  test('is remembered over a restart', async () => {
    const first = await open({ measurands: four })
    const point: Point = { values: { [key]: energy }, takes: without('SoC'), refusal: 'NotSupported' }
    await booted(first, point)
    await first.scope.flush()
    expect(await booted(await first.restart(), point)).toEqual([])
  })

  test('is cut to what the charge point says it has room for', async () => {
    const stand = await open({ measurands: four })
    const point: Point = { values: { [key]: energy, [`${key}MaxLength`]: '2' }, takes: (items) => items.length <= 2 }
    expect(await booted(stand, point)).toEqual([four.join(), `${energy},Power.Active.Import`])
    expect(await booted(stand, point)).toEqual([])
  })

  test('of which it takes nothing is left alone after few questions', async () => {
    const stand = await open({ measurands: four })
    const point: Point = { values: { [key]: energy }, takes: () => false }
    expect((await booted(stand, point)).length).toBeLessThan(8)
    for (let boot = 0; boot < 2; boot++) expect(await booted(stand, point)).toEqual([])
  })

  test('phases it does not know here are left out of the name', async () => {
    const stand = await open({ stopMeasurands: [energy, 'Current.Import.L1', 'Current.Import.L2', 'Current.Import.L3'] })
    const point: Point = { values: { StopTxnSampledData: '' }, takes: (items) => !items.some((item) => /\.L\d$/.test(item)) }
    await booted(stand, point)
    expect(point.values['StopTxnSampledData']).toBe(`${energy},Current.Import`)
  })

  test('a key that it does not have is not asked about in parts', async () => {
    const stand = await open({ measurands: four })
    expect(await booted(stand, { values: {}, takes: () => false })).toEqual([])
  })

  test.each<[string, (own: Script) => Script]>([
    ['is not listed', (own) => (action, payload) => (action === 'GetConfiguration' ? { configurationKey: [], unknownKey: [] } : own(action, payload))],
    ['cannot be read', (own) => (action, payload) => (action === 'GetConfiguration' ? { error: 'NotImplemented' } : own(action, payload))],
  ])('under a key that %s is asked about in parts all the same: a refusal says that it is there', async (_, around) => {
    const stand = await open({ measurands: four })
    const point: Point = { values: { [key]: energy }, takes: without('SoC') }
    const first = await booted(stand, point, around)
    expect(first[0]).toBe(four.join())
    expect(first.length).toBeLessThanOrEqual(5)
    expect(point.values[key]).toBe(`${energy},Power.Active.Import,Voltage`)
    for (let boot = 0; boot < 2; boot++) expect(await booted(stand, point, around)).toEqual([])
  })

  test('under a key that is not listed, and not supported, is not', async () => {
    const stand = await open({ measurands: four })
    const point: Point = { values: {}, takes: () => false, refusal: 'NotSupported' }
    expect(await booted(stand, point, (own) => (action, payload) => (action === 'GetConfiguration' ? { configurationKey: [] } : own(action, payload)))).toEqual([four.join()])
  })

  test('other keys are not split', async () => {
    const stand = await open({ configuration: { 'Vendor.List': 'a,b,c' } })
    expect(await booted(stand, { values: { 'Vendor.List': 'a' }, takes: () => false })).toEqual(['a,b,c'])
  })

  test('an answer that stays out ends it, and it is tried again after the next boot', async () => {
    const stand = await open({ measurands: four, callTimeoutS: 1 })
    const point: Point = { values: { [key]: energy }, takes: without('SoC') }
    const peer = new Peer(stand.clock, 'CP1', ++generation)
    const scripted = script(point)
    let changes = 0
    peer.script = (action, payload) => (action === 'ChangeConfiguration' && ++changes > 1 ? 'hold' : scripted(action, payload))
    stand.family.connected(peer)
    await stand.clock.advance(0)
    await stand.send('BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One', firmwareVersion: '1.0' }, peer)
    await stand.clock.advance(60_000)
    expect(changes).toBe(2)
    await booted(stand, point)
    expect(point.values[key]).toBe(`${energy},Power.Active.Import,Voltage`)
  })
})

test('what is missing is shown beside the key', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const peer = await stand.boot('CP1')
  peer.script = script({ values: { [key]: energy }, takes: without('SoC') })
  await stand.clock.advance(15_000)
  await stand.house.settings.put('CP1', { measurands: four }, {}, caller)
  await stand.clock.advance(15_000)
  const { keys } = await stand.house.configuration.get('CP1', {}, caller)
  expect(keys.find((one) => one.key === key)).toMatchObject({ value: `${energy},Power.Active.Import,Voltage`, desired: four.join(), status: 'Accepted', reason: 'it takes the rest of this list; refused: SoC' })
})
