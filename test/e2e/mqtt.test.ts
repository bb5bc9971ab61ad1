// The product from outside: named in the environment, the broker is told what holds; killed, the broker says that kwota is gone.
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { openBroker, type Broker } from '../mqtt/broker.ts'
import { newPlace, runServer, startServer, tidyUp } from './server.ts'

let broker: Broker | undefined
afterEach(async () => {
  await tidyUp()
  await broker?.close()
})

async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    if (turns > 400) throw new Error('it did not come')
    await wait(50)
  }
}

test('the broker of KWOTA_MQTT_URL shows the limit, and by its will that kwota was killed', async () => {
  broker = await openBroker(0, { kwota: 'pass%word' })
  const { heard } = broker
  const of = (topic: string) => heard.filter((one) => one.topic === topic).map(({ payload }) => payload)
  const env = { KWOTA_MQTT_URL: broker.url.replace('//', `//kwota:${encodeURIComponent('pass%word')}@`) }
  const place = await newPlace()
  const server = await startServer({ place, env, config: 'mqtt: { commands: true, prefix: depot }\n' })
  await until(() => of('depot/status').at(-1) === 'online' && of('depot/site/main').length > 0)
  expect((await server.request('PUT', '/api/v1/sites/main/grid-limit', { currentA: 32 })).status).toBe(200)
  await until(() => of('depot/site/main').some((text) => (JSON.parse(text) as { gridLimitA: number | null }).gridLimitA === 32))
  await broker.publish('depot/site/main/limit/set', '16')
  await until(() => of('depot/site/main').some((text) => (JSON.parse(text) as { gridLimitA: number | null }).gridLimitA === 16))
  expect(server.output()).not.toContain('pass%')
  await server.kill9()
  await until(() => of('depot/status').at(-1) === 'offline')
  const again = await startServer({ place, env, config: 'mqtt: { prefix: depot }\n' })
  await until(() => of('depot/status').at(-1) === 'online')
  expect(await again.stop()).toBe(0)
  expect(of('depot/status').at(-1)).toBe('offline')
}, 180_000)

test('a broker that is not named, or named wrongly, is told before anything starts', async () => {
  for (const [env, config, says] of [[{}, 'mqtt: { commands: true }\n', 'no broker is named'], [{ KWOTA_MQTT_URL: 'http://broker' }, '', 'KWOTA_MQTT_URL'], [{}, 'mqtt: { url: "mqtt://b", prefix: "a/#" }\n', '/mqtt/prefix']] as const) {
    const { code, output } = await runServer({ place: await newPlace(), env, config })
    expect({ code, says: output.includes(says) }, output).toEqual({ code: 2, says: true })
  }
}, 120_000)
