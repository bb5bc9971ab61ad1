// The tree of actors as rows: site, circuit, charge point, connector, transaction, reservation, command; what is closed has none below it.
import type { Actor } from './model.ts'

export interface TreeRow {
  /** An actor's id, or `circuit:<site>/<id>`. */
  readonly id: string
  readonly name: string
  readonly level: number
  /** null = a circuit, which is no actor. */
  readonly actor: Actor | null
  /** null = nothing is below it. */
  readonly open: boolean | null
}

const order = ['connector', 'transaction', 'reservation', 'command']
const names = new Intl.Collator('en', { numeric: true })

/** `text` finds by name and state; what is above a find is shown as well. `closed` are the ids that are closed. */
export function rowsOf(actors: Iterable<Actor>, closed: ReadonlySet<string>, wanted: (actor: Actor) => boolean): TreeRow[] {
  const below = new Map<string, { readonly id: string; readonly name: string; readonly actor: Actor | null }[]>()
  const known = new Map<string, Actor>()
  for (const actor of actors) known.set(actor.id, actor)
  const hung = new Set<string>()
  const hang = (parent: string, id: string, name: string, actor: Actor | null): void => {
    if (hung.has(id)) return
    hung.add(id)
    const beside = below.get(parent)
    if (beside === undefined) below.set(parent, [{ id, name, actor }])
    else beside.push({ id, name, actor })
  }
  const place = (actor: Actor): void => {
    if (hung.has(actor.id)) return
    const { id, type, siteID, clientID, circuitID, connectorId } = actor
    if (type === 'site') return hang('', id, siteID, actor)
    const site = `site:${siteID}`
    hang('', site, siteID, known.get(site) ?? null)
    if (type === 'charge-point') {
      if (circuitID === null) return hang(site, id, clientID ?? id, actor)
      const circuit = `circuit:${siteID}/${circuitID}`
      hang(site, circuit, circuitID, null)
      return hang(circuit, id, clientID ?? id, actor)
    }
    const point = known.get(`charge-point:${clientID ?? ''}`)
    if (point !== undefined) place(point)
    const connector = type === 'transaction' && connectorId !== null ? known.get(`connector:${clientID ?? ''}:${connectorId}`) : undefined
    if (connector !== undefined) place(connector)
    hang(connector?.id ?? point?.id ?? site, id, `${type} ${id.slice(id.lastIndexOf(':') + 1)}`, actor)
  }
  for (const actor of known.values()) if (wanted(actor)) place(actor)

  const rows: TreeRow[] = []
  const list = (parent: string, level: number): void => {
    const children = (below.get(parent) ?? []).toSorted((a, b) => order.indexOf(a.actor?.type ?? '') - order.indexOf(b.actor?.type ?? '') || names.compare(a.name, b.name))
    for (const { id, name, actor } of children) {
      const open = below.has(id) ? !closed.has(id) : null
      rows.push({ id, name, level, actor, open })
      if (open === true) list(id, level + 1)
    }
  }
  list('', 1)
  return rows
}
