// The last transitions of the actors of one root: noted as they happen, at the price of one comparison for each event.
import type { AnyActor, AnyStateMachine } from 'xstate'

export interface TransitionNote {
  readonly atMs: number
  /** What its parent calls the actor; null for the root itself. */
  readonly child: string | null
  readonly event: string
  /** State values, as XState has them. */
  readonly from: unknown
  readonly to: unknown
}

const mostNotes = 64

/** The newest 64 of a root and its children. */
export class TransitionNotes {
  private readonly notes: TransitionNote[] = []
  private readonly wall: () => number

  constructor(wall: () => number) {
    this.wall = wall
  }

  add(child: string | null, event: string, from: unknown, to: unknown): void {
    if (this.notes.length >= mostNotes) this.notes.shift()
    this.notes.push({ atMs: this.wall(), child, event, from: oneOf(from), to: oneOf(to) })
  }

  /** Newest first. */
  of(child: string | null): TransitionNote[] {
    return this.notes.filter((note) => note.child === child).reverse()
  }
}

/** Machines have few states; of those with regions XState makes a value anew each time. */
const values = new Map<string, unknown>()
const mostValues = 1_000

/** Always the same object for the same value. */
function oneOf(value: unknown): unknown {
  if (typeof value !== 'object') return value
  const text = JSON.stringify(value)
  const known = values.get(text)
  if (known !== undefined) return known
  if (values.size < mostValues) values.set(text, value)
  return value
}

/** By the system of a root, which its children share. */
const kept = new WeakMap<object, TransitionNotes>()

/** From now on what `noting` machines of this root do is put there. */
export function keepNotes({ system }: AnyActor, notes: TransitionNotes): void {
  kept.set(system, notes)
}

/** The same machine; its actors tell when they come to another state. */
export function noting<M extends AnyStateMachine>(machine: M): M {
  const transition: AnyStateMachine['transition'] = machine.transition.bind(machine)
  const noted: AnyStateMachine['transition'] = (snapshot, event, scope) => {
    const next = transition(snapshot, event, scope)
    if (!isSameValue(snapshot.value, next.value)) kept.get(scope.system)?.add(isRoot(scope.self) ? null : scope.id, event.type, snapshot.value, next.value)
    return next
  }
  return Object.assign(machine, { transition: noted })
}

/** Of machines with regions two levels deep at most. */
export function isSameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const other: Readonly<Record<string, unknown>> = { ...b }
  return Object.entries(a).every(([region, value]) => isSameValue(value, other[region]))
}

function isRoot(self: { readonly _parent?: unknown }): boolean {
  return self._parent === undefined
}
