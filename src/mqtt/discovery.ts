// What Home Assistant is told so that sites and connectors appear there by themselves: one retained configuration for each entity. Pure.
import { createHash } from 'node:crypto'
import type { SiteConfig } from '../power/site.ts'
import { chargePointTopic, connectorTopic, limitCommandTopic, siteTopic, statusTopic, type SiteReading } from './topics.ts'

export interface DiscoveryOptions {
  readonly prefix: string
  readonly discoveryPrefix: string
  /** The grid limit may be set from there. */
  readonly commands: boolean
  /** Of kwota. */
  readonly version: string
}

type Entity = Readonly<Record<string, unknown>>
const phases = ['L1', 'L2', 'L3'] as const
const current = { device_class: 'current', state_class: 'measurement', unit_of_measurement: 'A', suggested_display_precision: 1 } as const

/** By topic, the configuration; '' takes away what is not offered. */
export function discoveryOf(options: DiscoveryOptions, { overview: { site, connectors }, chargePoints }: SiteReading): ReadonlyMap<string, string> {
  const { prefix, discoveryPrefix, commands, version } = options
  const found = new Map<string, string>()
  const availability = [{ topic: statusTopic(prefix), payload_available: 'online', payload_not_available: 'offline' }]
  const siteDevice = { identifiers: [`kwota_site_${slug(site.id)}`], name: `kwota ${site.name ?? site.id}`, manufacturer: 'kwota', model: 'Site', sw_version: version }
  const put = (component: string, id: string, device: object, entity: Entity): void => void found.set(`${discoveryPrefix}/${component}/${id}/config`, JSON.stringify({
    ...entity, unique_id: id, object_id: id, availability, device, origin: { name: 'kwota', sw_version: version },
  }))

  const ofSite = `kwota_${slug(site.id)}`
  const state_topic = siteTopic(prefix, site.id)
  put('sensor', `${ofSite}_limit`, siteDevice, { ...current, name: 'Limit', state_topic, value_template: '{{ value_json.limitA }}' })
  for (const phase of phases) {
    put('sensor', `${ofSite}_current_${phase.toLowerCase()}`, siteDevice, { ...current, name: `Current ${phase}`, state_topic, value_template: `{{ (value_json.measuredA or {}).get('${phase}') }}` })
    put('sensor', `${ofSite}_reserved_${phase.toLowerCase()}`, siteDevice, { ...current, name: `Reserved ${phase}`, state_topic, value_template: `{{ (value_json.reservedA or {}).get('${phase}') }}` })
  }
  put('sensor', `${ofSite}_state`, siteDevice, { name: 'State', state_topic, device_class: 'enum', options: ['enforcing', 'enforced', 'unenforceable'], value_template: '{{ value_json.state }}', json_attributes_topic: state_topic, json_attributes_template: '{{ {"sentence": value_json.sentence, "limitedBy": value_json.limitedBy} | tojson }}' })
  put('binary_sensor', `${ofSite}_alerts`, siteDevice, { name: 'Alerts', state_topic, device_class: 'problem', payload_on: 'ON', payload_off: 'OFF', value_template: '{{ "ON" if value_json.alerts.critical + value_json.alerts.warning > 0 else "OFF" }}', json_attributes_topic: state_topic, json_attributes_template: '{{ value_json.alerts | tojson }}' })
  const number = `${discoveryPrefix}/number/${ofSite}_grid_limit/config`
  if (commands) put('number', `${ofSite}_grid_limit`, siteDevice, { name: 'Grid limit', state_topic, command_topic: limitCommandTopic(prefix, site.id), value_template: '{{ value_json.gridLimitA if value_json.gridLimitA is not none else value_json.limitA }}', device_class: 'current', unit_of_measurement: 'A', min: 0, max: highestA(site), step: 1, mode: 'box' })
  else found.set(number, '')

  const deviceOf = (clientID: string) => ({ identifiers: [`kwota_chargepoint_${slug(clientID)}`], name: clientID, manufacturer: 'kwota', model: 'Charge point', via_device: siteDevice.identifiers[0] })
  for (const { id } of chargePoints) {
    put('binary_sensor', `kwota_${slug(id)}_online`, deviceOf(id), { name: 'Connection', state_topic: chargePointTopic(prefix, id), device_class: 'connectivity', payload_on: 'ON', payload_off: 'OFF', value_template: '{{ "ON" if value_json.connection == "online" else "OFF" }}' })
  }
  for (const { clientID, connectorId } of connectors) {
    const topic = connectorTopic(prefix, clientID, connectorId)
    const own = `kwota_${slug(clientID)}_${connectorId}`
    const say = (what: string, name: string, entity: Entity): void => put('sensor', `${own}_${what}`, deviceOf(clientID), { ...entity, name: `Connector ${connectorId} ${name}`, state_topic: topic })
    say('current', 'current', { ...current, value_template: '{{ value_json.measuredA }}' })
    say('allocated', 'allocated', { ...current, value_template: '{{ value_json.allocatedA }}' })
    say('energy', 'session energy', { device_class: 'energy', state_class: 'total_increasing', unit_of_measurement: 'Wh', value_template: '{{ value_json.energyWh }}' })
    say('status', 'status', { value_template: '{{ value_json.status }}', json_attributes_topic: topic, json_attributes_template: '{{ {"why": value_json.why, "limitedBy": value_json.limitedBy, "obeying": value_json.obeying} | tojson }}' })
  }
  return found
}

/** What Home Assistant takes in an id: what it does not is told apart by a digest. */
export function slug(name: string): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9-]/g, '_')
  return plain === name ? plain : `${plain}_${createHash('sha256').update(name).digest('hex').slice(0, 6)}`
}

function highestA({ fuseA }: Pick<SiteReading['overview']['site'], 'fuseA'> | Pick<SiteConfig, 'fuseA'>): number {
  return typeof fuseA === 'number' ? fuseA : Math.min(fuseA.L1, fuseA.L2, fuseA.L3)
}
