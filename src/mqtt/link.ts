// One connection to an MQTT broker that comes back by itself; what cannot be said now is not kept.
import type { MqttClient } from 'mqtt'

export interface LinkOptions {
  /** mqtt, mqtts, ws or wss; a user and password in it are used. */
  readonly url: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** The broker says so when we are gone. */
  readonly will: { readonly topic: string; readonly payload: string }
  /** Topic filters to listen to. */
  readonly filters: readonly string[]
  readonly reconnectMs: number
  /** With every connection: nothing that was said before is to be relied on. */
  readonly connected: () => void
  /** The connection is over, or could not be made. */
  readonly failed: (reason: string) => void
  readonly heard: (topic: string, payload: Buffer, retained: boolean) => void
}

export interface Link {
  readonly isConnected: () => boolean
  /** Retained; false when it was not taken: not connected, or too much is under way. */
  say(topic: string, payload: string): boolean
  /** Says its last word and ends; resolves in any case, at the latest when `late` does. */
  end(topic: string, payload: string, late: Promise<void>): Promise<void>
}

/** Handed to the socket and not written yet. */
const mostUnderWay = 500
/** Of a command; more is none. */
export const longestHeardBytes = 64

/** The package is loaded here and nowhere else: who has no broker pays nothing. */
export async function openLink(options: LinkOptions): Promise<Link> {
  const { connect } = await import('mqtt')
  const { url, username, password, will, filters, reconnectMs } = options
  const client: MqttClient = connect(url, {
    ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }),
    will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true }, clean: true, keepalive: 30, connectTimeout: 10_000, reconnectPeriod: reconnectMs, reconnectOnConnackError: true, queueQoSZero: false, resubscribe: false,
  })
  let underWay = 0
  let connection = 0
  client.on('connect', () => {
    underWay = 0
    connection++
    if (filters.length > 0) client.subscribe([...filters], { qos: 0 }, (error) => { if (error !== null && error !== undefined) options.failed(`it takes no subscription (${error.message})`) })
    options.connected()
  })
  client.on('error', (error) => options.failed(reasonOf(error)))
  client.on('close', () => options.failed('the connection is over'))
  client.on('message', (topic, payload, { retain }) => options.heard(topic, payload, retain))
  return {
    isConnected: () => client.connected,
    say(topic, payload) {
      if (!client.connected || underWay >= mostUnderWay) return false
      const mine = connection
      underWay++
      client.publish(topic, payload, { qos: 0, retain: true }, () => { if (mine === connection) underWay-- })
      return true
    },
    async end(topic, payload, late) {
      if (client.connected) await Promise.race([client.publishAsync(topic, payload, { qos: 1, retain: true }).then(() => undefined, () => undefined), late])
      await Promise.race([client.endAsync(true).catch(() => undefined), late])
    },
  }
}

function reasonOf(error: Error & { readonly code?: unknown }): string {
  return error.message === '' ? String(error.code ?? 'unknown reason') : error.message
}
