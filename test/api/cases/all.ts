// Every question of the walk: each area has its own file.
import { alertCases } from './alerts.ts'
import { bulkCases } from './bulk.ts'
import { chargingProfileCases } from './charging-profiles.ts'
import { commandCases } from './commands.ts'
import { configurationCases } from './configuration.ts'
import { contactCases } from './contacts.ts'
import { coreCases } from './core.ts'
import { idTagCases } from './id-tags.ts'
import { localListCases } from './local-lists.ts'
import { profileCheckCases } from './profile-checks.ts'
import { quirkCases } from './quirks.ts'
import { reservationCases } from './reservations.ts'
import { securityCases } from './security.ts'
import { vendorCases } from './vendors.ts'
import { uploadCases } from './uploads.ts'
import type { Cases } from './case.ts'

export const cases: Cases = { ...coreCases, ...configurationCases, ...idTagCases, ...commandCases, ...bulkCases, ...securityCases, ...uploadCases, ...vendorCases, ...chargingProfileCases, ...alertCases, ...contactCases, ...reservationCases, ...localListCases, ...quirkCases, ...profileCheckCases }
