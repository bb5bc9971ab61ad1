// A machine as a chart: its states and the arrows between them, for whatever draws it.
import type { DefinedState, DefinedTransition, MachineDefinition, Named } from './machine-definition.ts'

export interface ChartNode {
  /** Path of state names, e.g. `status.available`; unique in its chart. */
  readonly id: string
  /** Its own name; of `anywhere`: `in any state`. */
  readonly label: string
  /** The region or compound state it lies in; null at the top. */
  readonly parent: string | null
  /** `region` = one of several that stand at the same time; `anywhere` stands for every state beside it, whose transitions it has; `initial` is the dot a chart begins at. */
  readonly kind: 'state' | 'region' | 'compound' | 'anywhere' | 'initial'
  /** What it runs while it lasts, and does as it begins and ends, e.g. `runs alarm`. */
  readonly notes: readonly string[]
}

export interface ChartEdge {
  readonly from: string
  readonly to: string
  /** Event (none: at once), guard in brackets (`…` for one without a name), actions behind a slash; empty for the first arrow. */
  readonly label: string
}

export interface Chart {
  readonly id: string
  readonly nodes: readonly ChartNode[]
  readonly edges: readonly ChartEdge[]
  /** Events that are taken and move nothing: the place they are taken at (empty = anywhere), and their labels. */
  readonly taken: readonly { readonly at: string; readonly events: readonly string[] }[]
}

export function chartOf(definition: MachineDefinition): Chart {
  const nodes: ChartNode[] = []
  const edges: ChartEdge[] = []
  const taken: { at: string; events: string[] }[] = []

  function place(state: DefinedState, path: readonly string[]): void {
    const id = path.join('.')
    const children = Object.entries(state.states ?? {})
    if (state.initial !== undefined) {
      nodes.push({ id: within(id, '(initial)'), label: '', parent: id === '' ? null : id, kind: 'initial', notes: [] })
      edges.push({ from: within(id, '(initial)'), to: within(id, state.initial), label: '' })
    }
    for (const [name, child] of children) {
      const kind = state.type === 'parallel' ? 'region' as const : child.states === undefined ? 'state' as const : 'compound' as const
      nodes.push({ id: [...path, name].join('.'), label: name, parent: id === '' ? null : id, kind, notes: notesOf(child) })
      place(child, [...path, name])
    }
    const leads = [...Object.entries(state.on ?? {}), ['', state.always ?? []] as const].flatMap(([event, all]) => all.map((one) => ({ event, one })))
    const moving = leads.filter(({ one }) => one.target !== undefined)
    const resting = leads.filter(({ one }) => one.target === undefined).map(({ event, one }) => labelOf(event, one))
    if (resting.length > 0) taken.push({ at: id, events: [...new Set(resting)] })
    if (moving.length === 0) return
    // What a state with states of its own takes, it takes in each of them.
    const from = children.length > 0 ? within(id, '(anywhere)') : id
    if (children.length > 0) nodes.push({ id: from, label: 'in any state', parent: id === '' ? null : id, kind: 'anywhere', notes: [] })
    for (const { event, one } of moving) edges.push({ from, to: targetOf(one.target ?? '', path), label: labelOf(event, one) })
  }

  place(definition, [])
  return { id: definition.id, nodes, edges, taken }
}

function within(id: string, name: string): string {
  return id === '' ? name : `${id}.${name}`
}

/** `.a` is a state inside, `a` one beside. */
function targetOf(target: string, path: readonly string[]): string {
  return target.startsWith('.') ? [...path, target.slice(1)].join('.') : [...path.slice(0, -1), target].join('.')
}

function labelOf(event: string, { guard, actions }: DefinedTransition): string {
  const does = (actions ?? []).map(nameOf).filter((name) => !name.startsWith('xstate.'))
  return [event === '*' ? 'any other' : event, guard === undefined ? '' : `[${nameOf(guard)}]`, does.length === 0 ? '' : `/ ${does.join(', ')}`].filter((part) => part !== '').join(' ')
}

function nameOf(given: Named): string {
  if (typeof given === 'string') return given
  const { type, params } = given
  if (type === 'inline') return '…'
  return params === undefined ? type : `${type} ${[params].flat().map((param) => (typeof param === 'string' ? param : JSON.stringify(param))).join(', ')}`
}

function notesOf({ invoke, entry, exit }: DefinedState): string[] {
  return [
    ...(invoke ?? []).map(({ src }) => `runs ${src}`),
    ...(entry ?? []).map((action) => `begins with ${nameOf(action)}`),
    ...(exit ?? []).map((action) => `ends with ${nameOf(action)}`),
  ]
}
