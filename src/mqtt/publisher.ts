// The MQTT output: once a second what has changed is said to the broker, retained; and commands for limits are heard where the file allows it.
import type { House } from '../actors/house.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { discoveryOf } from './discovery.ts'
import { LimitCommands } from './limit-commands.ts'
import { openLink, type Link } from './link.ts'
import { siteOfCommand, statesOf, statusTopic, type SiteReading } from './topics.ts'

export interface MqttConfig {
  readonly url: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly prefix: string
  /** Null: nothing is told to Home Assistant. */
  readonly discoveryPrefix: string | null
  readonly commands: boolean
}

export interface MqttPorts {
  readonly house: Pick<House, 'sites' | 'chargePoints' | 'gridLimit' | 'overviews' | 'setGridLimit' | 'clearGridLimit'>
  readonly clock: Clock
  readonly log: Log
  readonly version: string
  readonly newId: () => string
  /** A change of a limit, for the audit log. */
  readonly audit: (change: { readonly siteID: string; readonly requestId: string; readonly before: object; readonly after: object }) => void
  /** Why the broker has been away for a while; null = it is there. */
  readonly tell: (reason: string | null) => void
  /** Between attempts to reach it, ms; absent: 5 s. */
  readonly reconnectMs?: number
}

export interface MqttOutput { stop(): Promise<void> }

const everyMs = 1_000
/** So many connectors are looked at in one turn; the sites behind them come in the next. */
const mostAtOnce = 500
/** Before people are told that the broker is away. */
const patienceMs = 60_000
const lastWordMs = 2_000

export async function startMqtt(config: MqttConfig, ports: MqttPorts): Promise<MqttOutput> {
  const { house, clock, log, version } = ports
  const { prefix, discoveryPrefix, commands } = config
  /** What stands at the broker since it was reached, by topic; nothing is kept of what it has not taken. */
  const said = new Map<string, string>()
  /** Of each site, its topics: what is gone is taken away. */
  const topics = new Map<string, ReadonlySet<string>>()
  let awaySince: number | null = clock.mono()
  let failure: string | null = null
  let turn = 0
  let stopped = false
  const limits = new LimitCommands(ports)

  const link: Link = await openLink({
    ...config, reconnectMs: ports.reconnectMs ?? 5_000, will: { topic: statusTopic(prefix), payload: 'offline' }, filters: commands ? [`${prefix}/site/+/limit/set`] : [],
    connected() {
      said.clear()
      awaySince = null
      failure = null
      ports.tell(null)
      log.info({ host: new URL(config.url).host }, 'the MQTT broker is reached')
      link.say(statusTopic(prefix), 'online')
      look()
    },
    failed(reason) {
      if (stopped) return
      awaySince ??= clock.mono()
      if (failure === null) log.warn({ host: new URL(config.url).host, reason }, 'the MQTT broker is away')
      failure = reason
    },
    heard(topic, payload, retained) {
      const siteID = siteOfCommand(prefix, topic)
      // One that is retained was meant for then: nobody knows how long ago.
      if (siteID === null || !commands || retained) return
      limits.heard(siteID, payload)
    },
  })

  /** Says what has changed, of as many sites as one turn holds. */
  function look(): void {
    const sites = house.sites().map(({ value }) => value.id)
    for (const gone of [...topics.keys()].filter((id) => !sites.includes(id))) {
      for (const topic of topics.get(gone) ?? []) forget(topic)
      topics.delete(gone)
    }
    let room = mostAtOnce
    for (let n = 0; n < sites.length && room > 0; n++) {
      const siteID = sites[turn % sites.length] ?? ''
      turn = (turn + 1) % sites.length
      room -= 1 + show(siteID)
    }
  }

  /** Answers how many connectors it has looked at. A site that cannot be read now says nothing. */
  function show(siteID: string): number {
    let reading: SiteReading
    try {
      const chargePoints = house.chargePoints().map(({ value }) => value).filter(({ site }) => site === siteID)
      reading = { overview: house.overviews.overview(siteID), gridLimitA: house.gridLimit(siteID).value.currentA, chargePoints }
    } catch (error) {
      log.debug({ siteID, reason: error instanceof Error ? error.message : String(error) }, 'a site cannot be shown over MQTT')
      return 0
    }
    const now = new Map([...discoveryPrefix === null ? [] : discoveryOf({ prefix, discoveryPrefix, commands, version }, reading), ...statesOf(prefix, reading)])
    for (const [topic, payload] of now) if (said.get(topic) !== payload && link.say(topic, payload)) said.set(topic, payload)
    for (const topic of topics.get(siteID) ?? []) if (!now.has(topic)) forget(topic)
    topics.set(siteID, new Set(now.keys()))
    return reading.overview.connectors.length
  }

  /** An empty retained message takes away what stands there. */
  function forget(topic: string): void {
    if (said.has(topic) && link.say(topic, '')) said.delete(topic)
  }

  function tick(): void {
    try {
      if (link.isConnected()) look()
      else if (awaySince !== null && clock.mono() - awaySince >= patienceMs) ports.tell(failure ?? 'it does not answer')
    } catch (error) {
      log.warn({ err: error }, 'MQTT output failed')
    }
    cancel = clock.after(everyMs, tick)
  }
  let cancel = clock.after(everyMs, tick)

  return {
    async stop() {
      stopped = true
      cancel()
      await link.end(statusTopic(prefix), 'offline', new Promise((resolve) => { clock.after(lastWordMs, resolve) }))
    },
  }
}

