// One root actor while it is watched: what XState tells of it and its children becomes facts to be told on.
import type { InspectionEvent } from 'xstate'
import { childActor } from './actor-id.ts'
import { familyOf, snapshotOf, type Shown } from './actor-views.ts'
import type { MachineType } from './machine-types.ts'
import type { Root } from './root-book.ts'

/** Something happened, not yet written down: what it holds is immutable or only looked at. */
export interface Fact {
  readonly kind: 'actor' | 'event' | 'snapshot' | 'frame' | 'decision'
  readonly root: Root
  readonly actorID: string
  readonly type: MachineType
  /** Of an event: which actor sent it, where one of those that are shown did. */
  readonly sourceID?: string | undefined
  readonly event?: unknown
  /** Of an actor and a snapshot; null where it has none yet. */
  readonly snapshot?: Shown | null
  /** The actor is no more. */
  readonly ended?: true
  /** Of frames and decisions. */
  readonly more?: Readonly<Record<string, unknown>>
}

type Known = { readonly id: string; readonly type: MachineType } | null

export class Attachment {
  private readonly root: Root
  private readonly put: (fact: Fact) => void
  /** Who has which name; null: not shown. */
  private readonly names = new WeakMap<object, Known>()
  /** The children that were told of, by what their parent calls them. */
  private readonly told = new Map<string, Exclude<Known, null>>()
  private children: unknown = null
  /** The end of the root was told. */
  private over = false
  private readonly subscription: { unsubscribe(): void }

  /** `failed` = told what could not be read; the actor goes on unwatched. */
  constructor(root: Root, put: (fact: Fact) => void, failed: (error: unknown) => void) {
    this.root = root
    this.put = put
    this.subscription = root.actor.system.inspect((event) => {
      try {
        this.saw(event)
      } catch (error) {
        this.detach()
        failed(error)
      }
    })
    for (const { child, id, type } of familyOf(root)) if (child !== null) this.told.set(child, { id, type })
    this.children = snapshotOf(root.actor).children
  }

  /** What lives now, as if it had just begun. */
  describe(): Fact[] {
    return familyOf(this.root).map(({ id, type, actor }) => ({ kind: 'actor', root: this.root, actorID: id, type, snapshot: snapshotOf(actor) }))
  }

  detach(): void {
    this.subscription.unsubscribe()
  }

  /** The root is no more. */
  end(): void {
    this.detach()
    for (const known of this.told.values()) this.putEnd(known)
    if (!this.over) this.putEnd(this.root)
  }

  private saw(inspected: InspectionEvent): void {
    if (inspected.type !== '@xstate.event' && inspected.type !== '@xstate.snapshot' && inspected.type !== '@xstate.actor') return
    const { root } = this
    const known = this.nameOf(inspected.actorRef)
    if (known === null) return
    const about = { root, actorID: known.id, type: known.type }
    if (inspected.type === '@xstate.event') return this.put({ kind: 'event', ...about, event: inspected.event, sourceID: inspected.sourceRef === undefined ? undefined : this.nameOf(inspected.sourceRef)?.id })
    if (inspected.type === '@xstate.actor') return this.put({ kind: 'actor', ...about, snapshot: null })
    const snapshot = shownOf(inspected.snapshot)
    const ended = snapshot.status !== 'active'
    this.put({ kind: 'snapshot', ...about, event: inspected.event, snapshot, ...(ended && { ended }) })
    if (ended) this.forget(inspected.actorRef)
    if (inspected.actorRef === root.actor && snapshot.children !== this.children) this.compare(snapshot.children)
  }

  private forget(actor: object): void {
    if (actor === this.root.actor) this.over = true
    else this.told.delete(nameIn(actor))
  }

  /** Of a child that failed nothing is said. */
  private compare(children: Shown['children']): void {
    this.children = children
    for (const [name, known] of this.told) {
      if (children[name] !== undefined) continue
      this.told.delete(name)
      this.putEnd(known)
    }
  }

  private putEnd({ id, type }: { readonly id: string; readonly type: MachineType }): void {
    this.put({ kind: 'snapshot', root: this.root, actorID: id, type, snapshot: null, ended: true })
  }

  private nameOf(actor: object): Known {
    const before = this.names.get(actor)
    if (before !== undefined) return before
    const { root } = this
    const name = nameIn(actor)
    const known = actor === root.actor ? { id: root.id, type: root.type } : root.clientID === null ? null : childActor(root.clientID, name)
    this.names.set(actor, known)
    if (known !== null && actor !== root.actor) this.told.set(name, known)
    return known
  }
}

function nameIn(actor: object): string {
  return 'id' in actor && typeof actor.id === 'string' ? actor.id : ''
}

function shownOf(snapshot: object): Shown {
  return snapshotOf({ id: '', sessionId: '', getSnapshot: () => snapshot })
}
