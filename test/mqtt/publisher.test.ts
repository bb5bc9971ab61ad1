// MQTT over a real broker: what stands there is what holds, it comes back after every kind of absence, and nobody sets a limit who may not.
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { mqttDesk } from '../../src/actors/mqtt-desk.ts'
import { systemClock, type Clock } from '../../src/clock.ts'
import { startMqtt, type MqttConfig, type MqttOutput } from '../../src/mqtt/publisher.ts'
import { caller, openHouse, type HouseStand } from '../actors/house-stand.ts'
import { openBroker, type Broker } from './broker.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => { for (const close of closing.splice(0).reverse()) await close() })

const secretTag = 'SECRET-TAG-4711'
const defaults: Omit<MqttConfig, 'url'> = { prefix: 'kwota', discoveryPrefix: 'homeassistant', commands: false }

async function open(users?: Record<string, string>): Promise<Broker> {
  const broker = await openBroker(0, users)
  closing.push(() => broker.close())
  return broker
}

/** A depot on a clock that obeys; the output beside it on that of the machine. */
async function depot(): Promise<HouseStand> {
  const stand = await openHouse({ sites: [{ fuseA: 63 }], chargePoints: [{ id: 'CP1' }, { id: 'Bay/2 +#' }] })
  closing.push(async () => stand.directory.crash())
  return stand
}

async function output({ house, directory: { estate } }: HouseStand, config: Partial<MqttConfig> & { readonly url: string }, clock: Clock = systemClock): Promise<{ readonly mqtt: MqttOutput; readonly logged: object[] }> {
  const logged: object[] = []
  const log = (fields: object, message: string): void => void logged.push({ ...fields, message })
  let requests = 0
  const mqtt = await startMqtt({ ...defaults, ...config }, { house, clock, log: { debug: log, info: log, warn: log, error: log }, version: '1.2.3', newId: () => `r${++requests}`, reconnectMs: 100, ...mqttDesk(estate) })
  closing.push(() => mqtt.stop())
  return { mqtt, logged }
}

async function until<T>(look: () => Promise<T | undefined | false> | T | undefined | false, turn: () => Promise<unknown> = () => Promise.resolve()): Promise<T> {
  for (let turns = 0; turns < 300; turns++) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    await turn()
    await wait(50)
  }
  throw new Error('it did not come')
}

const state = async (broker: Broker, topic: string) => {
  const text = (await broker.retained()).get(topic)
  return text === undefined ? undefined : JSON.parse(text) as Record<string, unknown>
}

describe('what stands at the broker', () => {
  test('is the state of the site, its charge points and connectors, without id tags', async () => {
    const broker = await open()
    const stand = await depot()
    const peer = await stand.boot('CP1')
    await stand.clock.advance(15_000)
    await stand.start(peer, secretTag)
    await stand.clock.advance(15_000)
    await output(stand, { url: broker.url })
    const site = await until(() => state(broker, 'kwota/site/main'))
    expect(site).toMatchObject({ limitA: 63, limitedBy: 'fuse', gridLimitA: null, online: 1, chargePoints: 2, charging: expect.any(Number), reservedA: { L1: expect.any(Number) }, measuredA: null, alerts: { critical: 0 } })
    expect(await state(broker, 'kwota/chargepoint/CP1')).toMatchObject({ siteID: 'main', connection: 'online' })
    expect(await state(broker, 'kwota/chargepoint/Bay%2F2%20%2B%23')).toMatchObject({ connection: 'never' })
    expect(await state(broker, 'kwota/connector/CP1/1')).toMatchObject({ siteID: 'main', status: expect.any(String), allocatedA: 32, limitedBy: expect.any(String), why: expect.stringMatching(/\S/), energyWh: 0 })
    expect((await broker.retained()).get('kwota/status')).toBe('online')
    expect(JSON.stringify(broker.heard)).not.toContain(secretTag)
    expect(broker.heard.filter(({ topic }) => /[+#]/.test(topic))).toEqual([])
  })

  test('is said again only when it has changed', async () => {
    const broker = await open()
    const stand = await depot()
    await output(stand, { url: broker.url })
    await until(() => broker.heard.some(({ topic }) => topic === 'kwota/site/main'))
    const limits = () => broker.heard.filter(({ topic }) => topic === 'kwota/site/main').map(({ payload }) => (JSON.parse(payload) as { limitA: number }).limitA)
    // Three turns of nothing, then many changes in one.
    await wait(3_200)
    expect(limits()).toEqual([63])
    for (let currentA = 60; currentA >= 20; currentA--) {
      const set = stand.house.setGridLimit('main', { currentA }, caller)
      await stand.clock.advance(10)
      await set
    }
    await until(() => limits().at(-1) === 20)
    // 41 changes, and far fewer messages, however slow this machine is.
    expect(limits().length).toBeLessThan(20)
  })

  test('is taken away with what is no more', async () => {
    const broker = await open()
    const stand = await depot()
    await output(stand, { url: broker.url })
    const ofBay = async () => [...(await broker.retained()).keys()].filter((topic) => topic.includes('bay_2') || topic.includes('Bay%2F2'))
    await until(async () => (await ofBay()).length > 5)
    const removed = stand.house.deleteChargePoint('Bay/2 +#', caller)
    await stand.clock.advance(100)
    await removed
    await until(async () => (await ofBay()).length === 0)
    expect(await state(broker, 'kwota/chargepoint/CP1')).toBeDefined()
  })
})

describe('Home Assistant', () => {
  const found = async (broker: Broker) => [...await broker.retained()].filter(([topic]) => topic.startsWith('homeassistant/')).map(([topic, text]) => ({ topic, config: JSON.parse(text) as Record<string, unknown> }))

  test('finds every entity with what it asks for, and its state where it is told to look', async () => {
    const broker = await open()
    const stand = await depot()
    await output(stand, { url: broker.url })
    const entities = await until(async () => { const all = await found(broker); return all.length >= 19 && all })
    const states = await broker.retained()
    for (const { topic, config } of entities) {
      const [, component = '', id = ''] = /^homeassistant\/(sensor|binary_sensor|number)\/(kwota_[a-zA-Z0-9_-]+)\/config$/.exec(topic) ?? []
      expect(config).toMatchObject({ unique_id: id, name: expect.any(String), state_topic: expect.any(String), availability: [{ topic: 'kwota/status', payload_available: 'online', payload_not_available: 'offline' }], device: { identifiers: [expect.any(String)], name: expect.any(String) }, origin: { name: 'kwota' } })
      expect(states.has(String(config['state_topic'])), topic).toBe(true)
      if (component === 'binary_sensor') expect(config).toMatchObject({ payload_on: 'ON', payload_off: 'OFF' })
      if (config['device_class'] === 'current') expect(config['unit_of_measurement']).toBe('A')
      if (config['device_class'] === 'energy') expect(config).toMatchObject({ unit_of_measurement: 'Wh', state_class: 'total_increasing' })
      if (config['device_class'] === 'enum') expect(config).not.toHaveProperty('state_class')
      for (const [, field = ''] of String(config['value_template']).matchAll(/value_json\.(\w+)/g)) expect(JSON.parse(states.get(String(config['state_topic'])) ?? '{}')).toHaveProperty(field)
    }
    const ids = entities.map(({ config }) => config['unique_id'])
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(expect.arrayContaining(['kwota_main_limit', 'kwota_main_current_l1', 'kwota_main_alerts', 'kwota_main_state']))
    expect(ids.filter((id) => /grid_limit/.test(String(id)))).toEqual([])
    expect(entities.find(({ config }) => config['device_class'] === 'problem')?.topic).toBe('homeassistant/binary_sensor/kwota_main_alerts/config')
  })

  test('may set the limit only where the file says so; what it was offered goes when it may no more', async () => {
    const broker = await open()
    const stand = await depot()
    const { mqtt } = await output(stand, { url: broker.url, commands: true })
    const config = await until(() => state(broker, 'homeassistant/number/kwota_main_grid_limit/config'))
    expect(config).toMatchObject({ command_topic: 'kwota/site/main/limit/set', min: 0, max: 63, step: 1, unit_of_measurement: 'A' })
    await mqtt.stop()
    await output(stand, { url: broker.url })
    await until(async () => (await state(broker, 'homeassistant/number/kwota_main_grid_limit/config')) === undefined)
  })

  test('is told nothing where nobody wants it', async () => {
    const broker = await open()
    await output(await depot(), { url: broker.url, discoveryPrefix: null, prefix: 'home/kwota' })
    await until(() => broker.heard.some(({ topic }) => topic === 'home/kwota/site/main'))
    expect(broker.heard.filter(({ topic }) => !topic.startsWith('home/kwota/'))).toEqual([])
  })
})

describe('commands', () => {
  const limitOf = ({ house }: HouseStand) => house.gridLimit('main').value.currentA
  const send = (broker: Broker, payload: string, siteID = 'main', retain = false) => broker.publish(`kwota/site/${siteID}/limit/set`, payload, retain)

  test('set and lift the grid limit, and are in the audit log', async () => {
    const broker = await open()
    const stand = await depot()
    await output(stand, { url: broker.url, commands: true })
    await until(() => broker.heard.some(({ topic }) => topic === 'kwota/site/main'))
    await send(broker, '25')
    await until(() => limitOf(stand) === 25, () => stand.clock.advance(10))
    await until(async () => (await state(broker, 'kwota/site/main'))?.['gridLimitA'] === 25)
    await send(broker, 'none')
    await until(() => limitOf(stand) === null, () => stand.clock.advance(10))
    const entries = () => stand.directory.estate.global.entries('audit:').map(([, value]) => value as { actor: string; action: string; after: unknown }).filter(({ actor }) => actor === 'mqtt')
    await until(() => entries().length === 2, () => stand.clock.advance(10))
    expect(entries().map(({ action, after }) => ({ action, after }))).toEqual([{ action: 'set-grid-limit', after: { currentA: 25 } }, { action: 'set-grid-limit', after: { currentA: null } }])
  })

  test('what is no limit, above the fuse, retained or for a site that is not there changes nothing', async () => {
    const broker = await open()
    const stand = await depot()
    await send(broker, '7', 'main', true)
    const { logged } = await output(stand, { url: broker.url, commands: true })
    await until(() => broker.heard.some(({ topic }) => topic === 'kwota/site/main'))
    const wrong = ['', '-1', '1e1', '0x10', 'NaN', 'twenty', '{"currentA":5}', '9'.repeat(100), '64']
    for (const payload of wrong) await send(broker, payload)
    await send(broker, '10', 'nowhere')
    await until(() => logged.filter((line) => /over MQTT was/.test(JSON.stringify(line))).length >= wrong.length + 1, () => stand.clock.advance(10))
    expect(limitOf(stand)).toBeNull()
  })

  test('are not heard unless the file says so', async () => {
    const broker = await open()
    const stand = await depot()
    await output(stand, { url: broker.url })
    await until(() => broker.heard.some(({ topic }) => topic === 'kwota/site/main'))
    await send(broker, '25')
    await wait(500)
    await stand.clock.advance(1_000)
    expect(limitOf(stand)).toBeNull()
  })
})

describe('a broker that goes', () => {
  test('cut off: the will says offline, and what changed meanwhile stands there when it is back', async () => {
    const broker = await openBroker()
    const stand = await depot()
    const { logged } = await output(stand, { url: broker.url })
    await until(async () => (await broker.retained()).get('kwota/status') === 'online')
    broker.cut()
    await until(() => broker.heard.filter(({ topic }) => topic === 'kwota/status').map(({ payload }) => payload).join(' ').startsWith('online offline'))
    await until(() => broker.heard.filter(({ topic }) => topic === 'kwota/status').at(-1)?.payload === 'online')
    await broker.close()
    const set = stand.house.setGridLimit('main', { currentA: 16 }, caller)
    await stand.clock.advance(100)
    await set
    const again = await openBroker(broker.port)
    closing.push(() => again.close())
    const site = await until(() => state(again, 'kwota/site/main'))
    expect(site['limitA']).toBe(16)
    // What has not changed as well: the broker may have forgotten it.
    await until(() => state(again, 'kwota/chargepoint/CP1'))
    expect(again.heard.filter(({ topic }) => topic === 'kwota/site/main').length).toBe(1)
    expect(logged).toContainEqual(expect.objectContaining({ message: 'the MQTT broker is away' }))
  })

  test('never there, or not for us: kwota goes on, and a stop does not hang', async () => {
    const broker = await open({ kwota: 'right' })
    const stand = await depot()
    const wrong = await output(stand, { url: broker.url, username: 'kwota', password: 'wrong' })
    const dead = await output(stand, { url: 'mqtt://127.0.0.1:1' })
    await until(() => [wrong, dead].every(({ logged }) => logged.some((line) => JSON.stringify(line).includes('the MQTT broker is away'))))
    expect(JSON.stringify([wrong.logged, dead.logged])).not.toMatch(/right|wrong/)
    await Promise.all([wrong.mqtt.stop(), dead.mqtt.stop()])
    expect(stand.house.power('main').state).toBe('enforced')
    await output(stand, { url: broker.url.replace('//', '//kwota:right@') })
    await until(() => broker.heard.some(({ topic }) => topic === 'kwota/site/main'))
  })

  test('away for a minute, people are told; back, no more', async () => {
    const stand = await depot()
    const dead = await openBroker()
    await dead.close()
    const { logged } = await output(stand, { url: dead.url }, stand.clock)
    await until(() => logged.length > 0)
    const open = () => stand.house.alerts().filter(({ code, resolvedAt }) => code === 'mqtt-unreachable' && resolvedAt === null).map(({ severity }) => severity)
    await stand.clock.advance(59_000)
    expect(open()).toEqual([])
    await stand.clock.advance(3_000)
    expect(open()).toEqual(['warning'])
    const back = await openBroker(dead.port)
    // Behind the output, whose last word waits for it.
    closing.unshift(() => back.close())
    await until(() => open().length === 0)
  })

  test('an orderly stop says offline', async () => {
    const broker = await open()
    const { mqtt } = await output(await depot(), { url: broker.url })
    await until(async () => (await broker.retained()).get('kwota/status') === 'online')
    await mqtt.stop()
    expect((await broker.retained()).get('kwota/status')).toBe('offline')
  })
})
