// What the MQTT output tells the estate: limits that were set there, for the audit log, and an alert while its broker is away.
import type { Estate } from './estate.ts'
import { globalScope } from './global-scope.ts'

export function mqttDesk({ alerts, audit, options: { clock } }: Estate) {
  return {
    audit({ siteID, requestId, before, after }: { readonly siteID: string; readonly requestId: string; readonly before: object; readonly after: object }): void {
      audit.note({ actor: 'mqtt', action: 'set-grid-limit', target: { kind: 'grid-limit', id: siteID }, siteID, requestId, reason: 'MQTT', before, after })
    },
    tell(reason: string | null): void {
      alerts.set({ code: 'mqtt-unreachable', siteID: globalScope }, reason === null ? null : `The MQTT broker is away (${reason}). Nothing but what it shows is concerned.`, clock.wall())
    },
  }
}
