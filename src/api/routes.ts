// The one table of routes: from it come the router, validation, authorisation, OpenAPI and the tests that walk it.
import type { Route } from './route.ts'
import { actorRoutes } from './routes/actors.ts'
import { alertRoutes } from './routes/alerts.ts'
import { analyticsRoutes } from './routes/analytics.ts'
import { apiKeyRoutes } from './routes/api-keys.ts'
import { auditLogRoutes } from './routes/audit-log.ts'
import { authorizationCacheRoutes } from './routes/authorization-cache.ts'
import { backupRoutes } from './routes/backups.ts'
import { bulkRoutes } from './routes/bulk.ts'
import { chargePointRoutes } from './routes/charge-points.ts'
import { checkRoutes } from './routes/checks.ts'
import { chargingProfileCommandRoutes } from './routes/charging-profile-commands.ts'
import { chargingProfileTemplateRoutes } from './routes/charging-profile-templates.ts'
import { chargingProfileRoutes } from './routes/charging-profiles.ts'
import { commandRoutes } from './routes/commands.ts'
import { configurationRoutes } from './routes/configuration.ts'
import { connectorRoutes } from './routes/connectors.ts'
import { decisionRoutes } from './routes/decisions.ts'
import { curtailmentRoutes } from './routes/curtailments.ts'
import { limitScheduleRoutes } from './routes/limit-schedules.ts'
import { limitRoutes } from './routes/limits.ts'
import { diagnosticsRoutes } from './routes/diagnostics.ts'
import { eventRoutes } from './routes/events.ts'
import { gridLimitRoutes } from './routes/grid-limit.ts'
import { idTagErasureRoutes } from './routes/id-tag-erasure.ts'
import { idTagRoutes } from './routes/id-tags.ts'
import { keySessionRoutes } from './routes/key-session.ts'
import { inspectRoutes } from './routes/inspect.ts'
import { lobbyRoutes } from './routes/lobby.ts'
import { machineRoutes } from './routes/machines.ts'
import { messageRoutes } from './routes/messages.ts'
import { meterValueRoutes } from './routes/meter-values.ts'
import { orphanRoutes } from './routes/orphans.ts'
import { operationRoutes } from './routes/operations.ts'
import { pageRoutes } from './routes/pages.ts'
import { powerRoutes } from './routes/power.ts'
import { profileCheckRoutes } from './routes/profile-checks.ts'
import { localListRoutes } from './routes/local-lists.ts'
import { overviewRoutes } from './routes/overview.ts'
import { quirkRoutes } from './routes/quirks.ts'
import { reservationRoutes } from './routes/reservations.ts'
import { retentionRoutes } from './routes/retention.ts'
import { securityRoutes } from './routes/security.ts'
import { settingsRoutes } from './routes/settings.ts'
import { setupRoutes } from './routes/setup.ts'
import { siteRoutes } from './routes/sites.ts'
import { systemRoutes } from './routes/system.ts'
import { transactionChangeRoutes } from './routes/transaction-changes.ts'
import { tariffRoutes } from './routes/tariffs.ts'
import { transactionTermRoutes } from './routes/transaction-terms.ts'
import { transactionRoutes } from './routes/transactions.ts'
import { vendorRoutes } from './routes/vendors.ts'
import { webhookRoutes } from './routes/webhooks.ts'

export const routes: readonly Route[] = [
  ...siteRoutes,
  ...gridLimitRoutes,
  ...curtailmentRoutes,
  ...limitScheduleRoutes,
  ...limitRoutes,
  ...powerRoutes,
  ...overviewRoutes,
  ...eventRoutes,
  ...chargePointRoutes,
  ...connectorRoutes,
  ...configurationRoutes,
  ...settingsRoutes,
  ...commandRoutes,
  ...chargingProfileCommandRoutes,
  ...bulkRoutes,
  ...securityRoutes,
  ...vendorRoutes,
  ...chargingProfileRoutes,
  ...chargingProfileTemplateRoutes,
  ...profileCheckRoutes,
  ...checkRoutes,
  ...diagnosticsRoutes,
  ...transactionRoutes,
  ...transactionTermRoutes,
  ...transactionChangeRoutes,
  ...meterValueRoutes,
  ...orphanRoutes,
  ...retentionRoutes,
  ...analyticsRoutes,
  ...idTagRoutes,
  ...idTagErasureRoutes,
  ...tariffRoutes,
  ...authorizationCacheRoutes,
  ...reservationRoutes,
  ...localListRoutes,
  ...quirkRoutes,
  ...alertRoutes,
  ...decisionRoutes,
  ...lobbyRoutes,
  ...messageRoutes,
  ...webhookRoutes,
  ...machineRoutes,
  ...actorRoutes,
  ...inspectRoutes,
  ...auditLogRoutes,
  ...backupRoutes,
  ...operationRoutes,
  ...pageRoutes,
  ...systemRoutes,
  ...setupRoutes,
  ...keySessionRoutes,
  ...apiKeyRoutes,
]
