// A real MQTT broker on loopback for tests, and a client that keeps what it hears.
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { Aedes } from 'aedes'
import { connect, type MqttClient } from 'mqtt'

export interface Broker {
  readonly url: string
  readonly port: number
  /** What stands retained, by topic. */
  retained(): Promise<ReadonlyMap<string, string>>
  /** Every message in its order, `topic payload`. */
  readonly heard: readonly { readonly topic: string; readonly payload: string }[]
  publish(topic: string, payload: string, retain?: boolean): Promise<void>
  /** Cuts every connection, without a word. */
  cut(): void
  close(): Promise<void>
}

/** `users` = who may enter; absent: everybody. */
export async function openBroker(port = 0, users?: Readonly<Record<string, string>>): Promise<Broker> {
  const aedes = await Aedes.createBroker(users === undefined ? {} : {
    authenticate: (_client, username, password, done) => done(null, username !== undefined && username !== null && users[username] === password?.toString()),
  })
  const heard: { topic: string; payload: string }[] = []
  aedes.on('publish', ({ topic, payload }) => { if (!topic.startsWith('$SYS')) heard.push({ topic, payload: payload.toString() }) })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    aedes.handle(socket)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const { port: own } = server.address() as AddressInfo
  const url = `mqtt://127.0.0.1:${own}`
  const inside = async <T>(act: (client: MqttClient) => Promise<T>): Promise<T> => {
    const [username = '', password = ''] = Object.entries(users ?? {})[0] ?? []
    const client = connect(url, users === undefined ? {} : { username, password })
    try {
      return await act(client)
    } finally {
      await client.endAsync()
    }
  }
  return {
    url, port: own, heard,
    retained: () => inside(async (client) => {
      const found = new Map<string, string>()
      client.on('message', (topic, payload, { retain }) => { if (retain && payload.length > 0) found.set(topic, payload.toString()) })
      await client.subscribeAsync('#')
      await wait(100)
      return found
    }),
    publish: (topic, payload, retain = false) => inside(async (client) => void await client.publishAsync(topic, payload, { qos: 1, retain })),
    cut: () => { for (const socket of sockets) socket.destroy() },
    close: () => new Promise((resolve) => {
      for (const socket of sockets) socket.destroy()
      server.close(() => aedes.close(() => resolve()))
    }),
  }
}
