// A state machine as plain JSON: what its configuration says, with the names of what it does in place of functions.

/** A guard or an action: its name, and what it is given. */
export type Named = string | { readonly type: string; readonly params?: unknown }

export interface DefinedTransition {
  /** Absent: it moves nothing. */
  readonly target?: string
  readonly guard?: Named
  readonly actions?: readonly Named[]
}

export interface DefinedState {
  readonly type?: 'parallel'
  readonly initial?: string
  readonly entry?: readonly Named[]
  readonly exit?: readonly Named[]
  readonly invoke?: readonly { readonly src: string; readonly id?: string }[]
  readonly on?: Readonly<Record<string, readonly DefinedTransition[]>>
  readonly always?: readonly DefinedTransition[]
  readonly states?: Readonly<Record<string, DefinedState>>
}

/** XState's own format: `createMachine` takes it. The context is left out, it is made when an actor begins. */
export interface MachineDefinition extends DefinedState {
  readonly id: string
}

type Fields = Readonly<Record<string, unknown>>

/** Throws TypeError where the configuration has no id. */
export function definitionOf(machine: { readonly config: unknown }): MachineDefinition {
  const fields = fieldsOf(machine.config)
  if (typeof fields['id'] !== 'string') throw new TypeError('a machine without an id cannot be shown')
  return { id: fields['id'], ...state(fields) }
}

function state(fields: Fields): DefinedState {
  const { type, initial, entry, exit, invoke, on, always, states } = fields
  return {
    ...(type === 'parallel' && { type }),
    ...(typeof initial === 'string' && { initial }),
    ...(entry !== undefined && { entry: listed(entry).map(named) }),
    ...(exit !== undefined && { exit: listed(exit).map(named) }),
    ...(invoke !== undefined && { invoke: listed(invoke).map(invoked) }),
    ...(on !== undefined && { on: mapped(on, (given) => listed(given).map(transition)) }),
    ...(always !== undefined && { always: listed(always).map(transition) }),
    ...(states !== undefined && { states: mapped(states, (given) => state(fieldsOf(given))) }),
  }
}

function transition(given: unknown): DefinedTransition {
  if (typeof given === 'string') return { target: given }
  const { target, guard, actions } = fieldsOf(given)
  return {
    ...(typeof target === 'string' && { target }),
    ...(guard !== undefined && { guard: named(guard) }),
    ...(actions !== undefined && { actions: listed(actions).map(named) }),
  }
}

function invoked(given: unknown): { readonly src: string; readonly id?: string } {
  const { src, id } = fieldsOf(given)
  return { src: String(src), ...(typeof id === 'string' && { id }) }
}

/** A function of XState (assign, enqueueActions) has a type; one of ours, written where it stands, is `inline`. */
function named(given: unknown): Named {
  if (typeof given === 'string') return given
  if (typeof given === 'function') return { type: 'type' in given && typeof given.type === 'string' ? given.type : 'inline' }
  const { type, params } = fieldsOf(given)
  return { type: String(type), ...(params !== undefined && typeof params !== 'function' && { params }) }
}

function listed(given: unknown): readonly unknown[] {
  return Array.isArray(given) ? given : [given]
}

function mapped<T>(given: unknown, made: (value: unknown) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(fieldsOf(given)).map(([name, value]) => [name, made(value)]))
}

function fieldsOf(given: unknown): Fields {
  return typeof given === 'object' && given !== null ? { ...given } : {}
}
