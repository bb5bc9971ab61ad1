// What is known of a configuration key of a charge point, from what it has answered.
import { z } from 'zod'
import type { Station } from './handlers/station.ts'

const schema = z.object({ keys: z.record(z.string(), z.object({ value: z.string().nullable().optional() })) })

/** Undefined when nobody has asked for it or it has no such key; keys are compared without regard to case. */
export function knownKey(station: Pick<Station, 'scope' | 'clientID'>, key: string): string | undefined {
  const parsed = schema.safeParse(station.scope.get(`configuration:${station.clientID}`))
  if (!parsed.success) return undefined
  const found = Object.entries(parsed.data.keys).find(([name]) => name.toLowerCase() === key.toLowerCase())
  return found?.[1].value ?? undefined
}
