// How a charge point is wired as the fields of a form, and those fields as the body that replaces it.
import type { ChargePointView } from '../../../../src/actors/views.ts'
import type { Typed } from '../../data/typed.ts'

/** What REST shows of a charge point and nobody can set. */
const shownOnly: ReadonlySet<string> = new Set(['hasPassword', 'connection', 'lastSeenAt', 'boot', 'quirks', 'state'] satisfies (keyof ChargePointView)[])
type Connector = ChargePointView['connectors'][number]

export function typedOf({ circuit, control, fallbackA, securityProfile, connectors }: ChargePointView): Typed {
  const typed: Record<string, string> = { circuit: circuit ?? '', control, fallbackA: String(fallbackA), securityProfile: securityProfile === undefined ? '' : String(securityProfile) }
  for (const { id, current, maxA, minA, maxW, phases } of connectors) {
    Object.assign(typed, { [`${id}.current`]: current, [`${id}.maxA`]: String(maxA), [`${id}.minA`]: String(minA), [`${id}.maxW`]: maxW === undefined ? '' : String(maxW), [`${id}.phases`]: (phases ?? []).join() })
  }
  return typed
}

/** Ids of the connectors that the form has. */
export function connectorsOf(typed: Typed): readonly number[] {
  return Object.keys(typed).filter((name) => name.endsWith('.current')).map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b)
}

/** One more, as the last one is. */
export function withConnector(typed: Typed): Typed {
  const last = connectorsOf(typed).at(-1) ?? 0
  return { ...typed, ...Object.fromEntries(['current', 'maxA', 'minA', 'maxW', 'phases'].map((name) => [`${last + 1}.${name}`, typed[`${last}.${name}`] ?? ''])) }
}

export const withoutConnector = (typed: Typed, id: number): Typed => Object.fromEntries(Object.entries(typed).filter(([name]) => !name.startsWith(`${id}.`)))

/** All that `PUT` wants: what the form does not ask for stays as it is. */
export function bodyOf(point: ChargePointView, typed: Typed = typedOf(point)): Record<string, unknown> {
  const { circuit: _, securityProfile: __, ...rest } = Object.fromEntries(Object.entries(point).filter(([name]) => !shownOnly.has(name)))
  return {
    ...rest,
    ...(typed['circuit'] !== '' && { circuit: typed['circuit'] }),
    control: typed['control'],
    fallbackA: Number(typed['fallbackA']),
    ...(typed['securityProfile'] !== '' && { securityProfile: Number(typed['securityProfile']) }),
    connectors: connectorsOf(typed).map((id) => connectorBody(id, point.connectors.find((one) => one.id === id), (name) => typed[`${id}.${name}`] ?? '')),
  }
}

function connectorBody(id: number, before: Connector | undefined, said: (name: string) => string): Record<string, unknown> {
  const { maxA: _, maxW: __, phases: ___, efficiency, ...rest } = before ?? { id }
  const minA = Number(said('minA'))
  if (said('current') === 'DC') return { ...rest, current: 'DC', minA, maxW: Number(said('maxW')), ...(before?.current === 'DC' && efficiency !== undefined && { efficiency }) }
  return { ...rest, current: 'AC', minA, maxA: Number(said('maxA')), ...(said('phases') !== '' && { phases: said('phases').split(',') }) }
}
