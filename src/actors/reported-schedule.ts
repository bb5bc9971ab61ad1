// Reads the answer to GetCompositeSchedule as charge points really give it: refusing what can be understood would help nobody.
import { z } from 'zod'
import { messages, type ResponseOf } from '../protocol/messages/index.ts'

const { status, connectorId, scheduleStart, chargingSchedule } = messages.GetCompositeSchedule.response.shape
const { duration, startSchedule, chargingRateUnit, chargingSchedulePeriod } = chargingSchedule.unwrap().shape

/** Fields nobody knows are left out, limits may be as exact as they like, and there may be no period at all: nothing limits (facts, 8.5). */
export const reportedSchedule = z.object({
  duration, startSchedule, chargingRateUnit,
  chargingSchedulePeriod: z.array(z.object({ ...chargingSchedulePeriod.element.shape, limit: z.number().describe('Below 0: nothing limits.') })).describe('Empty: nothing limits.'),
  minChargingRate: z.number().optional(),
})
const reported = z.object({ status, connectorId, scheduleStart, chargingSchedule: reportedSchedule.optional() })

/** Null when it cannot be read. */
export function readReported(payload: unknown): ResponseOf<'GetCompositeSchedule'> | null {
  return reported.safeParse(payload).data ?? null
}
