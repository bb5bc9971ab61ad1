// The messages of the Smart Charging profile.
import { z } from 'zod'
import { amount, chargingProfile, chargingSchedule, connectorOrAll, dateTime, integer, message, profilePurpose, rateUnit } from './types.ts'

export const smartCharging = {
  ClearChargingProfile: message({
    direction: 'central', profile: 'SmartCharging', summary: 'Remove charging profiles by id or by what they are.',
    request: z.strictObject({
      id: integer.optional(),
      connectorId: connectorOrAll.optional(),
      chargingProfilePurpose: profilePurpose.optional(),
      stackLevel: amount.optional(),
    }),
    response: z.strictObject({ status: z.enum(['Accepted', 'Unknown']) }),
  }),
  GetCompositeSchedule: message({
    direction: 'central', profile: 'SmartCharging', summary: 'What will the charge point allow over the next seconds?',
    request: z.strictObject({ connectorId: connectorOrAll, duration: amount, chargingRateUnit: rateUnit.optional() }),
    response: z.strictObject({
      status: z.enum(['Accepted', 'Rejected']),
      connectorId: connectorOrAll.optional(),
      scheduleStart: dateTime.optional(),
      chargingSchedule: chargingSchedule.optional(),
    }),
  }),
  SetChargingProfile: message({
    direction: 'central', profile: 'SmartCharging', summary: 'Install a charging profile.',
    request: z.strictObject({ connectorId: connectorOrAll, csChargingProfiles: chargingProfile }),
    response: z.strictObject({ status: z.enum(['Accepted', 'Rejected', 'NotSupported']) }),
  }),
}
