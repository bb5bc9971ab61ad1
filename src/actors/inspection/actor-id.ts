// What actors are called where people look at them: by what they are, so that the name holds over a restart.
import type { MachineType } from './machine-types.ts'

/** `siteID` of a site, `clientID` of everything else; `key` = connector, transaction, reservation or command, under its charge point. */
export type ActorName =
  | { readonly type: 'site'; readonly siteID: string }
  | { readonly type: 'charge-point'; readonly clientID: string }
  | { readonly type: ChildType; readonly clientID: string; readonly key: string }

export const childTypes = ['connector', 'transaction', 'reservation', 'command'] as const satisfies readonly MachineType[]
export type ChildType = (typeof childTypes)[number]

export function siteActorID(siteID: string): string {
  return `site:${siteID}`
}

export function chargePointActorID(clientID: string): string {
  return `charge-point:${clientID}`
}

/** `name` = what its charge point calls it, e.g. `connector-1`; null for what is not shown (alarms). */
export function childActor(clientID: string, name: string): { readonly id: string; readonly type: ChildType; readonly key: string } | null {
  for (const type of childTypes) {
    if (!name.startsWith(type) || name.charCodeAt(type.length) !== dash) continue
    const key = name.slice(type.length + 1)
    return { id: `${type}:${clientID}:${key}`, type, key }
  }
  return null
}

/** Null for what is no id of an actor. */
export function readActorID(id: string): ActorName | null {
  const root = /^(site|charge-point):(.+)$/.exec(id)
  if (root !== null) return root[1] === 'site' ? { type: 'site', siteID: root[2] ?? '' } : { type: 'charge-point', clientID: root[2] ?? '' }
  const child = /^(\w+):(.+):([^:]+)$/.exec(id)
  const type = childTypes.find((known) => known === child?.[1])
  return type === undefined ? null : { type, clientID: child?.[2] ?? '', key: child?.[3] ?? '' }
}

const dash = '-'.charCodeAt(0)
