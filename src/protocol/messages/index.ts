// The one table of all 39 messages kwota speaks, and the types that follow from it.
import type { z } from 'zod'
import { core } from './core.ts'
import { firmware } from './firmware.ts'
import { localList } from './local-list.ts'
import { reservation } from './reservation.ts'
import { security } from './security.ts'
import { smartCharging } from './smart-charging.ts'
import { trigger } from './trigger.ts'

export const messages = { ...core, ...firmware, ...localList, ...reservation, ...smartCharging, ...trigger, ...security }

export type Action = keyof typeof messages
export type RequestOf<A extends Action> = z.infer<(typeof messages)[A]['request']>
export type ResponseOf<A extends Action> = z.infer<(typeof messages)[A]['response']>

type SentBy<S extends 'station' | 'central'> = {
  [A in Action]: (typeof messages)[A]['direction'] extends S | 'both' ? A : never
}[Action]
/** What a charge point may send: the record of handlers has exactly these keys. */
export type StationAction = SentBy<'station'>
/** What we may send. */
export type CentralAction = SentBy<'central'>

export const actions = Object.keys(messages) as readonly Action[]

/** False for anything else, `constructor` and `__proto__` included. Case-sensitive (OCPP-J 4.2.1). */
export function isAction(name: string): name is Action {
  return Object.hasOwn(messages, name)
}

export type { ChargingProfile, ChargingSchedule, Direction, IdTagInfo, Message, MeterValue, Profile, SampledValue } from './types.ts'
export { readDateTime } from './types.ts'
