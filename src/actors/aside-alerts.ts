// Tells people of the records that could not be read: an alert for each, which says what follows and what to do.
import type { Estate } from './estate.ts'
import { asideMessage, isBegunAnew } from './record-kinds.ts'
import type { Scope } from './scope.ts'

/** So many have an alert of their own. */
const mostAlerts = 50

/** Of those that were set aside as the scope was opened, critical where something is lost; a family tells of its own. */
export function tellAside({ alerts, options: { clock, log } }: Pick<Estate, 'alerts' | 'options'>, scope: Scope): void {
  const siteID = scope.name
  const told = scope.aside.filter(({ key }) => !key.startsWith('family:'))
  for (const one of told) log[isBegunAnew(one.key) ? 'warn' : 'error']({ siteID, key: one.key, reason: one.reason }, 'a record cannot be read and was set aside')
  for (const one of told.slice(0, mostAlerts)) alerts.set({ code: isBegunAnew(one.key) ? 'record-begun-anew' : 'quarantined', siteID, about: one.key }, asideMessage(one), clock.wall())
  if (told.length > mostAlerts) alerts.set({ code: 'quarantined', siteID, about: 'others' }, `${told.length - mostAlerts} more records of ${siteID} could not be read and were set aside: the log names them. Take a backup back with kwota restore.`, clock.wall())
}

/** A site that has charge points and no configuration is steered by nobody; `isLost` = it had one, whatever it has. */
export function tellUnconfigured({ alerts, options: { clock, log } }: Pick<Estate, 'alerts' | 'options'>, scope: Scope, isLost = false): void {
  if (!isLost && scope.entries('chargepoint:').length === 0) return
  log.error({ siteID: scope.name }, 'the configuration of a site is gone: it is not steered')
  alerts.set({ code: 'quarantined', siteID: scope.name, about: 'config' }, asideMessage({ key: 'config', reason: 'it is gone, or unreadable' }), clock.wall())
}
