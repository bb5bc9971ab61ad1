// Limits that are set over MQTT: the newest for each site, one at a time, judged as over REST, and kept in the audit log.
import { Refusal } from '../actors/house.ts'
import { longestHeardBytes } from './link.ts'
import type { MqttPorts } from './publisher.ts'

const actor = 'mqtt'
const decimal = /^\d{1,6}(?:\.\d{1,3})?$/

type Wish = { readonly currentA: number } | 'none'

export class LimitCommands {
  private readonly ports: MqttPorts
  /** What is wanted next; only for sites that are there. */
  private readonly wanted = new Map<string, Wish>()
  private readonly running = new Set<string>()

  constructor(ports: MqttPorts) {
    this.ports = ports
  }

  /** `40` = amps per phase, `none` = no grid limit. Anything else changes nothing. */
  heard(siteID: string, payload: Buffer): void {
    const { house, log } = this.ports
    const text = payload.length > longestHeardBytes ? '' : payload.toString().trim()
    const wish: Wish | null = text === 'none' ? text : decimal.test(text) ? { currentA: Number(text) } : null
    if (wish === null || !house.sites().some(({ value }) => value.id === siteID)) {
      log.warn({ siteID, payload: text.slice(0, 32) }, 'a command over MQTT was not understood: it is an existing site, and amps or none')
      return
    }
    this.wanted.set(siteID, wish)
    void this.work(siteID)
  }

  private async work(siteID: string): Promise<void> {
    if (this.running.has(siteID)) return
    this.running.add(siteID)
    for (let wish = this.wanted.get(siteID); wish !== undefined; wish = this.wanted.get(siteID)) {
      this.wanted.delete(siteID)
      await this.set(siteID, wish)
    }
    this.running.delete(siteID)
  }

  private async set(siteID: string, wish: Wish): Promise<void> {
    const { house, log, newId, audit } = this.ports
    const requestId = newId()
    const caller = { name: actor, requestId }
    try {
      const before = house.gridLimit(siteID).value
      if (wish === 'none') await house.clearGridLimit(siteID, caller)
      else await house.setGridLimit(siteID, { currentA: wish.currentA, reason: 'MQTT' }, caller)
      audit({ siteID, requestId, before: { currentA: before.currentA }, after: { currentA: wish === 'none' ? null : wish.currentA } })
      log.info({ siteID, requestId }, 'a grid limit was set over MQTT')
    } catch (error) {
      log.warn({ siteID, requestId, ...(error instanceof Refusal ? { code: error.code } : {}), reason: error instanceof Error ? error.message : String(error) }, 'a limit over MQTT was refused')
    }
  }
}
