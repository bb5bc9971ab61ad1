// Actors as people see them, read from the roots that live.
import type { AnyActor } from 'xstate'
import { Refusal } from '../house.ts'
import { childActor, readActorID, siteActorID, type ChildType } from './actor-id.ts'
import type { ActorDetail, ActorQuery, ActorView, TransitionView } from './inspection-face.ts'
import type { MachineType } from './machine-types.ts'
import type { Root, RootBook } from './root-book.ts'
import { safeCopy } from './safe-copy.ts'

/** An actor and where it stands in its family. */
export interface Found {
  readonly id: string
  readonly type: MachineType
  readonly root: Root
  /** What its parent calls it; null for a root. */
  readonly child: string | null
  /** Of a connector, transaction, reservation or command under its charge point. */
  readonly key: string | null
  readonly actor: Live
}

/** What of an XState actor is looked at. */
export type Live = Pick<AnyActor, 'id' | 'sessionId'> & { getSnapshot(): unknown }

export interface Shown { readonly status: string; readonly value: ActorView['state']; readonly context: unknown; readonly children: Readonly<Record<string, Live>> }

/** What the configuration and the connection add. */
export interface Beside {
  circuitOf(clientID: string): string | null
  /** CALLs that wait for their turn on its connection. */
  callsWaiting(clientID: string): number
  readonly maskTag: (idTag: string) => string
}

export const cutBytes = 4 * 1024
const fullBytes = 256 * 1024

export function snapshotOf(actor: Live): Shown {
  const snapshot = actor.getSnapshot() as Partial<Shown> | undefined
  return { status: snapshot?.status ?? 'error', value: snapshot?.value ?? '', context: snapshot?.context ?? null, children: snapshot?.children ?? {} }
}

/** A root and all that is shown of its children. */
export function familyOf(root: Root): Found[] {
  const found: Found[] = [{ id: root.id, type: root.type, root, child: null, key: null, actor: root.actor }]
  if (root.clientID === null) return found
  for (const [name, actor] of Object.entries(snapshotOf(root.actor).children)) {
    const known = actor === undefined ? null : childActor(root.clientID, name)
    if (known !== null) found.push({ ...known, root, child: name, actor })
  }
  return found
}

export function listActors(roots: RootBook, { siteID, clientID, types, covers }: ActorQuery, beside: Beside): ActorView[] {
  const wanted = clientID?.toLowerCase()
  return roots.all()
    .filter((root) => covers(root.siteID) && (siteID === undefined || root.siteID === siteID) && (wanted === undefined || root.clientID?.toLowerCase() === wanted))
    .flatMap(familyOf)
    .filter(({ type }) => types === undefined || types.includes(type))
    .map((found) => viewOf(found, beside))
}

/** Throws Refusal not-found. */
export function findActor(roots: RootBook, id: string): Found {
  const name = readActorID(id)
  if (name === null) throw unknownActor(id)
  const root = roots.find(name.type === 'site' ? siteActorID(name.siteID) : `charge-point:${name.clientID}`)
  if (root === undefined) throw unknownActor(id)
  if (name.type === 'site' || name.type === 'charge-point') return { id: root.id, type: root.type, root, child: null, key: null, actor: root.actor }
  const found = familyOf(root).find(({ type, key }) => type === name.type && key === name.key)
  if (found === undefined) throw unknownActor(id)
  return found
}

export function unknownActor(id: string): Refusal {
  return new Refusal('not-found', 'unknown-actor', `There is no actor ${id}.`, { hint: 'GET /api/v1/actors lists those that live; what has ended has a record: a transaction, command or reservation.' })
}

export function viewOf(found: Found, beside: Beside): ActorView {
  const { id, type, root: { siteID, clientID }, actor } = found
  const { value, context } = snapshotOf(actor)
  return {
    id, type, parent: parentOf(found), siteID, clientID, circuitID: type === 'charge-point' && clientID !== null ? beside.circuitOf(clientID) : null,
    connectorId: type === 'connector' ? Number(found.key) : type === 'transaction' ? connectorIn(context) : null,
    state: value, queued: type === 'charge-point' ? queuedAt(found, beside) : null,
  }
}

export function detailOf(found: Found, full: boolean, beside: Beside): ActorDetail {
  const { status, context } = snapshotOf(found.actor)
  const copy = safeCopy(context, full ? fullBytes : cutBytes, beside.maskTag)
  return { ...viewOf(found, beside), status, context: copy.value, truncated: copy.truncated }
}

export function historyOf({ root, child }: Found): TransitionView[] {
  return root.notes.of(child).map(({ atMs, event, from, to }) => ({ at: new Date(atMs).toISOString(), event, from: from as ActorView['state'], to: to as ActorView['state'] }))
}

/** The site of a charge point, the charge point of the rest. */
export function parentOf({ root, child }: Pick<Found, 'root' | 'child'>): string | null {
  if (child !== null) return root.id
  return root.clientID === null ? null : siteActorID(root.siteID)
}

function connectorIn(context: unknown): number | null {
  const record = typeof context === 'object' && context !== null && 'record' in context ? context.record : null
  return typeof record === 'object' && record !== null && 'connectorId' in record && typeof record.connectorId === 'number' ? record.connectorId : null
}

const unsent: ReadonlySet<unknown> = new Set(['queued', 'waiting'])
const command: ChildType = 'command'

function queuedAt({ root, actor }: Found, beside: Beside): number {
  const { clientID } = root
  if (clientID === null) return 0
  const commands = Object.entries(snapshotOf(actor).children).filter(([name, child]) => childActor(clientID, name)?.type === command && unsent.has(snapshotOf(child).value))
  return commands.length + beside.callsWaiting(clientID)
}
