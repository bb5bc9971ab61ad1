// The connectors of a charge point: which can exist, and what their hardware is.
import type { ConnectorConfig } from '../../power/site.ts'
import { connectorsOf, hasConnector } from '../charge-point.ts'
import { maxConnectorId, maxConnectors } from '../charge-point-facts.ts'
import type { Station } from './station.ts'

/** Makes sure that a connector has an actor, configured or not; false for one that no charge point can have. */
export function meetConnector(station: Station, connectorId: number): boolean {
  if (connectorId < 1 || connectorId > maxConnectorId) return false
  const snapshot = station.snapshot()
  if (hasConnector(snapshot, connectorId)) return true
  if (connectorsOf(snapshot).length >= maxConnectors) return false
  station.send({ type: 'CONNECTOR_ADDED', connectorId })
  return true
}

export function configOf(station: Station, connectorId: number): ConnectorConfig | undefined {
  return station.config.connectors.find((one) => one.id === connectorId)
}

/** How many of a connector's phases are in use; three where nobody said. */
export function phaseCount(connector: ConnectorConfig | undefined): number {
  return connector?.phases?.length ?? 3
}

/** What the hardware of a connector can deliver at most; generous where it is not configured. */
export function maxPowerW(station: Station, connectorId: number): number {
  const connector = configOf(station, connectorId)
  return connector?.maxW ?? (connector?.maxA ?? 1000) * phaseCount(connector) * station.nominalV
}
