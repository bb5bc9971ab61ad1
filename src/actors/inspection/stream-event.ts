// Facts written in the format that Stately's inspector reads: each once, for everybody who watches.
import { safeCopy } from './safe-copy.ts'
import { cutBytes, parentOf, type Shown } from './actor-views.ts'
import type { Fact } from './attachment.ts'
import { machineDefinitions, machineTypes, type MachineType } from './machine-types.ts'
import type { Root } from './root-book.ts'
import { siteActorID } from './actor-id.ts'

export interface StreamEvent {
  /** Ascending in this process; null for what was found when somebody began to watch. */
  readonly number: number | null
  readonly atMs: number
  readonly kind: Fact['kind']
  readonly root: Root
  readonly actorID: string
  readonly type: MachineType
  /** Of an actor and a snapshot. */
  readonly state: Shown['value'] | null
  readonly ended: boolean
  /** JSON; of an actor without its definition. */
  readonly text: string
}

/** The version of `@statelyai/inspect` whose events these are. */
const formatVersion = '0.7.2'
const typeOf = { actor: '@xstate.actor', event: '@xstate.event', snapshot: '@xstate.snapshot', frame: '@kwota.frame', decision: '@kwota.decision' } as const satisfies Record<Fact['kind'], string>

/** `dropped` = so many events before it were not told: there were too many at once. */
export function writeEvent(fact: Fact, { number, atMs, dropped, mask }: { readonly number: number | null; readonly atMs: number; readonly dropped: number; readonly mask: (idTag: string) => string }): StreamEvent {
  const { kind, root, actorID, type, snapshot, ended } = fact
  const shown = snapshot === undefined ? undefined : shownTo(snapshot, ended === true, mask)
  const told = fact.event === undefined ? undefined : kind === 'snapshot' ? { value: { type: typeOfEvent(fact.event) }, truncated: false } : safeCopy(fact.event, cutBytes, mask)
  const text = JSON.stringify({
    type: typeOf[kind], sessionId: actorID, rootId: siteActorID(root.siteID), id: number === null ? null : String(number), createdAt: String(atMs), _version: formatVersion,
    siteID: root.siteID, ...(root.clientID !== null && { clientID: root.clientID }),
    ...(kind === 'actor' && { name: actorID, parentId: parentOf({ root, child: actorID === root.id ? null : actorID }) ?? undefined }),
    ...(fact.sourceID !== undefined && { sourceId: fact.sourceID }),
    ...(told !== undefined ? { event: told.value } : kind === 'snapshot' && { event: { type: ended === true ? 'xstate.stop' : '' } }),
    ...(shown !== undefined && { snapshot: shown.snapshot }),
    ...((told?.truncated === true || shown?.truncated === true) && { truncated: true }),
    ...(dropped > 0 && { dropped }),
    ...fact.more,
  })
  return { number, atMs, kind, root, actorID, type, state: snapshot?.value ?? null, ended: ended === true, text }
}

/** The text with what those need who draw from the stream alone. */
export function withDefinition({ kind, type, text }: StreamEvent): string {
  return kind === 'actor' ? `${text.slice(0, -1)},"definition":${definitionTexts[type]}}` : text
}

/** In the format the definition is itself a text. */
const definitionTexts = Object.fromEntries(machineTypes.map((type) => [type, JSON.stringify(JSON.stringify(machineDefinitions[type]))])) as Readonly<Record<MachineType, string>>

function shownTo(snapshot: Shown | null, ended: boolean, mask: (idTag: string) => string) {
  if (snapshot === null) return { snapshot: { status: ended ? 'stopped' : 'active' }, truncated: false }
  const { status, value, context } = snapshot
  const copy = safeCopy(context, cutBytes, mask)
  return { snapshot: { status, value, context: copy.value }, truncated: copy.truncated }
}

function typeOfEvent(event: unknown): string {
  return typeof event === 'object' && event !== null && 'type' in event ? String(event.type) : ''
}
