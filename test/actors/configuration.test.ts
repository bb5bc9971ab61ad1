// Configuration keys of a charge point: read before they are changed, changed once, never probed, and remembered over a restart.
import { describe, expect, test } from 'vitest'
import type { Settings } from '../../src/settings.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { openStand, type Stand, type StandOptions } from './family-stand.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import { Peer } from './site-stand.ts'

/** A charge point with keys: what it has, and how it answers a change (`Accepted` where nothing is said). */
class Keys {
  readonly values: Map<string, string>
  readonly answers: Record<string, string>
  readonly readonly: Set<string>
  constructor(values: Record<string, string>, answers: Record<string, string> = {}, readonly: readonly string[] = []) {
    this.values = new Map(Object.entries(values))
    this.answers = answers
    this.readonly = new Set(readonly)
  }

  /** As the script of a peer. */
  readonly script = (action: string, payload: object): Record<string, unknown> | 'hold' => {
    if (action === 'GetConfiguration') {
      const { key: asked } = payload as { key?: string[] }
      const names = asked ?? [...this.values.keys()]
      const find = (name: string) => [...this.values.keys()].find((one) => one.toLowerCase() === name.toLowerCase())
      return {
        configurationKey: names.flatMap((name) => (find(name) === undefined ? [] : [{ key: find(name), readonly: this.readonly.has(find(name)!), value: this.values.get(find(name)!) }])),
        unknownKey: names.filter((name) => find(name) === undefined),
      }
    }
    if (action !== 'ChangeConfiguration') return { status: 'Accepted' }
    const { key, value } = payload as { key: string; value: string }
    const answer = this.answers[key] ?? 'Accepted'
    if (answer === 'hold') return 'hold'
    if (answer === 'error') return { error: 'InternalError' }
    if (answer === 'Accepted') this.values.set([...this.values.keys()].find((one) => one.toLowerCase() === key.toLowerCase()) ?? key, value)
    return { status: answer }
  }
}

/** `Get A,B` and `Change A=1` since `from`. */
function said(peer: Peer, from = 0): string[] {
  return peer.calls.slice(from).flatMap(({ action, payload }) => {
    const { key, value } = payload as { key?: string | string[]; value?: string }
    return action === 'GetConfiguration' ? [`Get ${String(key ?? '')}`] : action === 'ChangeConfiguration' ? [`Change ${String(key)}=${value}`] : []
  })
}

let generation = 0

async function booted(stand: Stand, keys: Keys, firmwareVersion = '1.0'): Promise<Peer> {
  const peer = await connected(stand, keys)
  await stand.send('BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One', firmwareVersion }, peer)
  await stand.clock.advance(5_000)
  return peer
}

async function connected(stand: Stand, keys: Keys): Promise<Peer> {
  const peer = new Peer(stand.clock, 'CP1', ++generation)
  peer.script = keys.script
  stand.family.connected(peer)
  await stand.clock.advance(0)
  return peer
}

function cut(stand: Stand, peer: Peer): void {
  peer.cut()
  stand.family.disconnected(peer, 1006)
}

const open = (settings: Settings, rest: Partial<StandOptions> = {}) => openStand({ settings, ...rest })
const stored = (stand: Stand) => stand.scope.get('configuration:CP1') as { keys: Record<string, { value: string; key: string }>; refusals: Record<string, { status: string; count: number }>; rebooting: object; unknown: object }

describe('after a boot', () => {
  test('nothing wanted, nothing sent', async () => {
    const stand = await open({})
    expect(said(await booted(stand, new Keys({ HeartbeatInterval: '300' })))).toEqual([])
  })

  test('reads exactly what is wanted, and changes only what means something else, one after the other', async () => {
    const keys = new Keys({ HeartbeatInterval: '0060', MeterValueSampleInterval: '900', ClockAlignedDataInterval: '0', MeterValuesSampledData: 'soc,Voltage', LocalPreAuthorize: 'True', 'Vendor.Mode': 'slow', Extra: '1' })
    const stand = await open({
      meterSampleIntervalS: 10, clockAlignedIntervalS: 300, measurands: ['Voltage', 'SoC'],
      configuration: { HeartbeatInterval: '60', LocalPreAuthorize: 'true', 'vendor.mode': 'fast' },
    })
    expect(said(await booted(stand, keys))).toEqual([
      'Get MeterValueSampleInterval,ClockAlignedDataInterval,MeterValuesSampledData,HeartbeatInterval,LocalPreAuthorize,vendor.mode',
      'Change MeterValueSampleInterval=10', 'Change ClockAlignedDataInterval=300', 'Change vendor.mode=fast',
    ])
    expect(stored(stand).keys['vendor.mode']).toMatchObject({ key: 'Vendor.Mode', value: 'fast' })
    expect(said(await booted(stand, keys))).toEqual(['Get MeterValueSampleInterval,ClockAlignedDataInterval,MeterValuesSampledData,HeartbeatInterval,LocalPreAuthorize,vendor.mode'])
  })

  test('as many keys at once as it takes', async () => {
    const keys = new Keys({ GetConfigurationMaxKeys: '2', A: '1', B: '1', C: '1' })
    const stand = await open({ configuration: { GetConfigurationMaxKeys: '2', A: '1', B: '1', C: '1' } })
    await booted(stand, keys)
    expect(said(await booted(stand, keys))).toEqual(['Get GetConfigurationMaxKeys,A', 'Get B,C'])
  })

  test('what it has not, what only it may change and what cannot be is not asked for', async () => {
    const stand = await open({ configuration: { Missing: '1', Fixed: '2', HeartbeatInterval: 'soon', AuthorizationKey: 'a1'.repeat(20), SecurityProfile: '2' } })
    expect(said(await booted(stand, new Keys({ Fixed: '1', HeartbeatInterval: '5' }, {}, ['Fixed'])))).toEqual(['Get Missing,Fixed,HeartbeatInterval'])
    expect(stand.logged).toContain('configuration keys are not what they are to be')
  })

  test.each(['Rejected', 'NotSupported'])('%s is not tried again until the value or the firmware is another', async (status) => {
    const settings = { configuration: { A: '2', B: '2' } }
    const stand = await open(settings)
    const keys = new Keys({ A: '1', B: '1' }, { A: status })
    expect(said(await booted(stand, keys))).toEqual(['Get A,B', 'Change A=2', 'Change B=2'])
    for (let boot = 0; boot < 3; boot++) expect(said(await booted(stand, keys))).toEqual(['Get A,B'])
    settings.configuration.A = '3'
    expect(said(await booted(stand, keys))).toEqual(['Get A,B', 'Change A=3'])
    expect(said(await booted(stand, keys))).toEqual(['Get A,B'])
    expect(said(await booted(stand, keys, '2.0'))).toEqual(['Get A,B', 'Change A=3'])
    expect(said(await booted(stand, keys, '2.0'))).toEqual(['Get A,B'])
  })

  test('RebootRequired is not sent again before the boot, and read after it', async () => {
    const settings: Settings = { configuration: { A: '2' } }
    const stand = await open(settings)
    const keys = new Keys({ A: '1', B: '1' }, { A: 'RebootRequired' })
    const peer = await booted(stand, keys)
    expect(said(peer)).toEqual(['Get A', 'Change A=2'])
    cut(stand, peer)
    expect(said(await connected(stand, keys))).toEqual([])
    expect(stored(stand).rebooting).toEqual({ a: { value: '2', atMs: expect.any(Number) } })
    keys.values.set('A', '2')
    expect(said(await booted(stand, keys))).toEqual(['Get A'])
    expect(stored(stand).rebooting).toEqual({})
  })

  test.each(['hold', 'error'])('a change that ends in nothing (%s) is left alone after three boots, until the firmware changes', async (how) => {
    const stand = await open({ configuration: { A: '2' }, callTimeoutS: 1 })
    const keys = new Keys({ A: '1' }, { A: how })
    const sent = []
    for (let boot = 0; boot < 5; boot++) sent.push(said(await booted(stand, keys)).length)
    expect(sent).toEqual([2, 2, 2, 1, 1])
    expect(stored(stand).refusals['a']).toMatchObject({ status: 'Failed', count: 3 })
    expect(said(await booted(stand, keys, '2.0'))).toEqual(['Get A', 'Change A=2'])
  })

  test('a charge point that does not say what it has is asked nothing more', async () => {
    const stand = await open({ configuration: { A: '2' }, callTimeoutS: 1 })
    const peer = await connected(stand, new Keys({}))
    peer.script = () => 'hold'
    await stand.send('BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' }, peer)
    await stand.clock.advance(20_000)
    expect(said(peer)).toEqual(['Get A'])
  })

  test('after one without an answer the rest waits for the next boot', async () => {
    const stand = await open({ configuration: { A: '2', B: '2' }, callTimeoutS: 1 })
    const keys = new Keys({ A: '1', B: '1' }, { A: 'hold' })
    expect(said(await booted(stand, keys))).toEqual(['Get A,B', 'Change A=2'])
  })

  test('a restart forgets neither what it has nor what it refused', async () => {
    const first = await open({ configuration: { A: '2', B: '2' } })
    const keys = new Keys({ A: '1', B: '1' }, { A: 'Rejected' })
    await booted(first, keys)
    await first.scope.flush()
    const stand = await first.restart()
    expect(stored(stand).keys['b']).toMatchObject({ value: '2' })
    expect(said(await booted(stand, keys))).toEqual(['Get A,B'])
  })

  test('what was stored and cannot be read is told, and begins anew', async () => {
    const stand = await open({ configuration: { A: '2' } })
    stand.scope.put('configuration:CP1', { v: 7 })
    expect(said(await booted(stand, new Keys({ A: '1' })))).toEqual(['Get A', 'Change A=2'])
    expect(stand.logged).toContain('what was known of the configuration keys cannot be read and begins anew')
  })
})

describe('a conversation that never becomes a loop', () => {
  test('whatever it answers, a boot costs one reading and each key one change at most, and none once it is known to be useless', async () => {
    const outcomes = ['Accepted', 'Rejected', 'NotSupported', 'RebootRequired', 'hold', 'error']
    for (const [at, outcome] of outcomes.entries()) {
      const stand = await open({ configuration: { A: '2', B: '2' }, callTimeoutS: 1 }, { clock: new VirtualClock() })
      // `RebootRequired` for ever: it never keeps what it took.
      const keys = new Keys({ A: '1', B: '1' }, { A: outcome, B: outcomes[(at + 1) % outcomes.length] ?? '' })
      let peer = await booted(stand, keys)
      for (let round = 0; round < 8; round++) {
        const list = said(peer)
        expect(list.filter((one) => one.startsWith('Get')).length, outcome).toBeLessThanOrEqual(1)
        for (const key of ['A', 'B']) expect(list.filter((one) => one.startsWith(`Change ${key}`)).length, outcome).toBeLessThanOrEqual(1)
        cut(stand, peer)
        const back = await connected(stand, keys)
        await stand.clock.advance(60_000)
        expect(said(back), outcome).toEqual([])
        peer = await booted(stand, keys)
      }
      const changes = said(peer).filter((one) => one.startsWith('Change'))
      expect(changes.length, outcome).toBeLessThanOrEqual(outcome === 'RebootRequired' || outcome === 'NotSupported' ? 1 : 0)
    }
  })
})

async function atHouse(point: object = {}, options: Partial<Parameters<typeof openHouse>[0]> = {}, keys = new Keys({ HeartbeatInterval: '300' })): Promise<{ stand: HouseStand; peer: Peer; keys: Keys; from: number }> {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1', ...point }], ...options })
  const peer = await stand.boot('CP1')
  peer.script = keys.script
  await stand.clock.advance(15_000)
  return { stand, peer, keys, from: peer.calls.length }
}

/** What a promise comes to while the clock runs on. */
async function within<T>(stand: HouseStand, promise: Promise<T>, ms = 5_000): Promise<T> {
  promise.catch(() => undefined)
  await stand.clock.advance(ms)
  return promise
}

const now = { queue: false }

describe('asked for by a person', () => {
  test('each key is answered for itself; what it took is known and wanted from then on', async () => {
    const keys = new Keys({ HeartbeatInterval: '300', B: '1', C: '1' }, { B: 'Rejected', C: 'RebootRequired', D: 'NotSupported', E: 'error' })
    const { stand, peer, from } = await atHouse({}, {}, keys)
    const wanted = { heartbeatinterval: '60', B: '2', C: '2', D: '2', E: '2' }
    const answer = await within(stand, stand.house.configuration.put('cp1', wanted, now, caller))
    expect(answer).toMatchObject({ queued: false, keys: { heartbeatinterval: 'Accepted', B: 'Rejected', C: 'RebootRequired', D: 'NotSupported', E: 'Failed' }, reasons: { E: 'as scripted' } })
    expect(Object.keys(answer.commands)).toEqual(Object.keys(wanted))
    expect(said(peer, from)).toEqual(['Change HeartbeatInterval=60', 'Change B=2', 'Change C=2', 'Change D=2', 'Change E=2'])
    expect(stand.house.commands.get(answer.commands['B'] ?? '')).toMatchObject({ createdBy: 'tester', status: 'rejected' })
    const view = await stand.house.configuration.get('CP1', {}, caller)
    expect(view.keys.map(({ key, value, desired, status }) => [key, value, desired, status])).toEqual([['C', null, '2', 'RebootRequired'], ['HeartbeatInterval', '60', '60', 'Accepted']])
    expect(view.unknownKeys).toEqual(['D'])
  })

  test('a value that cannot be keeps every key from being sent', async () => {
    const { stand, peer, from } = await atHouse()
    const put = stand.house.configuration.put('CP1', { HeartbeatInterval: '60', NumberOfConnectors: '2', LocalPreAuthorize: 'yes' }, now, caller)
    await expect(put).rejects.toMatchObject({ kind: 'invalid', errors: [{ pointer: '/keys/NumberOfConnectors', message: 'can only be read' }, { pointer: '/keys/LocalPreAuthorize', message: 'true or false' }] })
    expect(said(peer, from)).toEqual([])
  })

  test('after one without an answer the rest is not sent', async () => {
    const { stand, peer, from } = await atHouse({ settings: { callTimeoutS: 1 } }, {}, new Keys({}, { A: 'hold' }))
    expect(await within(stand, stand.house.configuration.put('CP1', { A: '1', B: '1' }, now, caller))).toMatchObject({
      keys: { A: 'TimedOut', B: 'Failed' }, reasons: { B: 'not sent: A before it was not answered' }, commands: { A: expect.any(String) },
    })
    expect(said(peer, from)).toEqual(['Change A=1'])
  })

  test('under the spelling of the charge point, once that is known', async () => {
    const { stand, peer, from } = await atHouse()
    await within(stand, stand.house.configuration.get('CP1', { refresh: true }, caller))
    expect(await within(stand, stand.house.configuration.put('CP1', { heartbeatINTERVAL: '60' }, now, caller))).toMatchObject({ keys: { heartbeatINTERVAL: 'Accepted' } })
    expect(said(peer, from)).toEqual(['Get ', 'Change HeartbeatInterval=60'])
  })

  test('asked anew, it says what it has, in requests of as many keys as it takes', async () => {
    const { stand, peer, from } = await atHouse({}, {}, new Keys({ GetConfigurationMaxKeys: '2', A: '1', B: '2', AuthorizationKey: 'secret' }, {}, ['B']))
    expect(await within(stand, stand.house.configuration.get('CP1', { refresh: true }, caller))).toMatchObject({
      clientID: 'CP1', refreshedAt: expect.any(String), unknownKeys: [],
      keys: [{ key: 'A', value: '1', readonly: false, at: expect.any(String), standard: null }, { key: 'AuthorizationKey', value: null }, { key: 'B', readonly: true }, { key: 'GetConfigurationMaxKeys', standard: { type: 'int', access: 'R' } }],
    })
    expect(await within(stand, stand.house.configuration.get('CP1', { refresh: true, keys: ['a', 'B', 'X'] }, caller))).toMatchObject({ keys: [{ key: 'A' }, { key: 'B' }], unknownKeys: ['X'] })
    expect(said(peer, from)).toEqual(['Get ', 'Get a,B', 'Get X'])
    expect(JSON.stringify([...await stand.store.read('main')])).not.toContain('secret')
  })

  test('no answer to that is a conflict that names the cause; offline too', async () => {
    const { stand, peer } = await atHouse({ settings: { callTimeoutS: 1 } })
    peer.script = () => 'hold'
    await expect(within(stand, stand.house.configuration.get('CP1', { refresh: true }, caller))).rejects.toMatchObject({ kind: 'conflict', code: 'no-answer' })
    peer.cut()
    stand.desk.disconnected(peer, 1006, '')
    await expect(stand.house.configuration.get('CP1', { refresh: true }, caller)).rejects.toMatchObject({ code: 'charge-point-offline' })
    await expect(stand.house.configuration.put('CP1', { A: '1' }, now, caller)).rejects.toMatchObject({ code: 'charge-point-offline' })
  })

  test('raw commands are kept like any other', async () => {
    const { stand } = await atHouse()
    await within(stand, stand.house.commands.issue('CP1', 'GetConfiguration', { key: ['HeartbeatInterval'] }, {}, caller))
    await within(stand, stand.house.commands.issue('CP1', 'ChangeConfiguration', { key: 'Vendor', value: 'x' }, {}, caller))
    expect((await stand.house.configuration.get('CP1', {}, caller)).keys).toMatchObject([{ key: 'HeartbeatInterval', value: '300' }, { key: 'Vendor', value: 'x' }])
  })

  test('a deleted charge point leaves nothing of it behind', async () => {
    const { stand } = await atHouse()
    await within(stand, stand.house.configuration.put('CP1', { A: '1' }, now, caller))
    await stand.house.deleteChargePoint('CP1', caller)
    expect(JSON.stringify(await stand.store.read('main').then((map) => [...map.keys()]))).not.toContain('configuration:CP1')
  })
})

describe('while it is away', () => {
  async function away(point: object = {}) {
    const { stand, peer, keys } = await atHouse(point)
    peer.cut()
    stand.desk.disconnected(peer, 1006, '')
    const back = async () => {
      const admitted = await stand.admit('CP1')
      if (!admitted.admitted) throw new Error('not admitted')
      const fresh = new Peer(stand.clock, 'CP1', 100 + ++generation)
      fresh.script = keys.script
      stand.desk.connected(fresh)
      await stand.clock.advance(10_000)
      return fresh
    }
    return { stand, keys, back }
  }

  test('a value waits, also over a restart, and is brought when it comes back without a boot', async () => {
    const { stand: before, keys } = await away()
    expect(await before.house.configuration.put('CP1', { HeartbeatInterval: '60' }, { queue: true }, caller)).toMatchObject({ queued: true, keys: { HeartbeatInterval: 'Queued' } })
    const stand = await before.restart()
    expect((await stand.house.configuration.get('CP1', {}, caller)).keys).toMatchObject([{ key: 'HeartbeatInterval', value: null, desired: '60', status: 'Queued' }])
    const peer = new Peer(stand.clock, 'CP1', 100 + ++generation)
    peer.script = keys.script
    await stand.admit('CP1')
    stand.desk.connected(peer)
    await stand.clock.advance(10_000)
    expect(said(peer)).toEqual(['Get HeartbeatInterval', 'Change HeartbeatInterval=60'])
  })

  test('what nobody could bring in time is dropped; what was brought stays', async () => {
    const { stand, back, keys } = await away()
    const expiresAt = new Date(stand.clock.wall() + 60_000).toISOString()
    await stand.house.configuration.put('CP1', { HeartbeatInterval: '60' }, { queue: true, expiresAt }, caller)
    const peer = await back()
    expect(said(peer)).toEqual(['Get HeartbeatInterval', 'Change HeartbeatInterval=60'])
    peer.cut()
    stand.desk.disconnected(peer, 1006, '')
    await stand.house.configuration.put('CP1', { B: '1' }, { queue: true, expiresAt }, caller)
    expect((await stand.house.configuration.get('CP1', {}, caller)).keys).toContainEqual(expect.objectContaining({ key: 'B', desired: '1', status: 'Queued' }))
    await stand.clock.advance(120_000)
    expect((await stand.house.configuration.get('CP1', {}, caller)).keys.map(({ key }) => key)).not.toContain('B')
    keys.values.set('HeartbeatInterval', '300')
    const later = await back()
    await stand.call(later, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' })
    await stand.clock.advance(10_000)
    expect(said(later)).toEqual(['Get HeartbeatInterval', 'Change HeartbeatInterval=60'])
  })

  test('a password never waits', async () => {
    const { stand } = await away()
    await expect(stand.house.configuration.put('CP1', { AuthorizationKey: 'a1'.repeat(20) }, { queue: true }, caller)).rejects.toMatchObject({ kind: 'conflict', code: 'charge-point-offline' })
    await expect(stand.house.configuration.put('CP1', { A: '1' }, { queue: true, expiresAt: '2020-01-01T00:00:00Z' }, caller)).rejects.toMatchObject({ kind: 'invalid', code: 'expires-at' })
  })
})

describe('back to what the settings say', () => {
  test('what was asked for by name is forgotten, the settings are brought again, the rest is left alone and listed', async () => {
    const keys = new Keys({ HeartbeatInterval: '300', B: '1' }, { R: 'Rejected' })
    const { stand, peer } = await atHouse({ settings: { configuration: { HeartbeatInterval: '300', R: '1' } } }, {}, keys)
    keys.values.set('R', '0')
    await within(stand, stand.house.configuration.put('CP1', { HeartbeatInterval: '60', B: '2' }, now, caller))
    const from = peer.calls.length
    expect(await within(stand, stand.house.configuration.reset('CP1', caller))).toMatchObject({ keys: { HeartbeatInterval: 'Accepted', R: 'Rejected' }, leftAlone: ['B'] })
    expect(said(peer, from)).toEqual(['Get HeartbeatInterval,R', 'Change HeartbeatInterval=300', 'Change R=1'])
    expect((await stand.house.configuration.get('CP1', {}, caller)).keys.find(({ key }) => key === 'B')).not.toHaveProperty('desired')
  })
})

describe('settings', () => {
  test('say what holds and who says it; a change disconnects nobody and is brought once', async () => {
    const { stand, peer, from } = await atHouse({ connectors: [{ id: 1 }, { id: 2 }] }, { sites: [{ id: 'main', settings: { heartbeatIntervalS: 100, configuration: { A: '1', B: '1' } } }] })
    await stand.house.settings.put('CP1', { meterSampleIntervalS: 7, configuration: { B: '2' } }, { 2: { transactionLimits: { energyWh: 9 } } }, caller)
    expect(stand.house.settings.get('CP1')).toMatchObject({
      version: 2, changedBy: 'tester',
      value: {
        settings: { meterSampleIntervalS: 7, configuration: { B: '2' } }, connectors: { 2: { transactionLimits: { energyWh: 9 } } },
        effective: {
          heartbeatIntervalS: { value: 100, source: 'site' }, meterSampleIntervalS: { value: 7, source: 'chargePoint' }, callTimeoutS: { value: 30, source: 'default' },
          configuration: { value: { A: '1', B: '2' }, source: 'chargePoint' },
        },
        effectiveConnectors: { 1: { transactionLimits: { value: {}, source: 'default' } }, 2: { transactionLimits: { value: { energyWh: 9 }, source: 'connector' } } },
      },
    })
    await stand.house.settings.put('CP1', { meterSampleIntervalS: 8, configuration: { B: '2' } }, {}, caller)
    await stand.clock.advance(10_000)
    expect(peer.closedBy).toBeNull()
    expect(said(peer, from)).toEqual(['Get MeterValueSampleInterval,A,B'])
    expect(stand.house.settings.get('CP1').value.connectors).toEqual({})
  })

  test('a change of the site reaches those who are there', async () => {
    const { stand, peer, from } = await atHouse()
    await stand.house.putSite({ ...stand.house.site('main').value, settings: { configuration: { HeartbeatInterval: '60' } } }, caller)
    await stand.clock.advance(10_000)
    expect(said(peer, from)).toEqual(['Get HeartbeatInterval', 'Change HeartbeatInterval=60'])
  })

  test('a wrong key or a connector that is not there changes nothing', async () => {
    const { stand } = await atHouse()
    await expect(stand.house.settings.put('CP1', { configuration: { 'Number~Of/X': 'x', NumberOfConnectors: '1', SecurityProfile: '2' } }, { 3: {} }, caller)).rejects.toMatchObject({
      kind: 'invalid', errors: [{ pointer: '/configuration/NumberOfConnectors' }, { pointer: '/configuration/SecurityProfile' }, { pointer: '/connectors/3' }],
    })
    expect(stand.house.settings.get('CP1')).toMatchObject({ version: 1, value: { settings: {} } })
  })

  test('how it may connect is handed to the door', async () => {
    const { stand } = await atHouse()
    expect(await stand.admit('CP1')).toMatchObject({ strict: false, withoutSubprotocol: false, messagesPerSecond: 20 })
    await stand.house.settings.put('CP1', { strict: true, withoutSubprotocol: true, messagesPerSecond: 0 }, {}, caller)
    expect(await stand.admit('CP1')).toMatchObject({ strict: true, withoutSubprotocol: true, messagesPerSecond: 0 })
  })
})
