// What pages ask for in one go: a site at a glance, and a site over time.
import { z } from 'zod'
import type { ChartView } from '../../actors/chart-views.ts'
import { chartSchema, overviewSchema } from '../overview-schemas.ts'
import { defineRoute, type Route } from '../route.ts'
import { base, siteParams } from './identifiers.ts'

const tag = 'power'
const time = z.iso.datetime({ offset: true, error: 'a time as in RFC 3339, e.g. 2026-11-22T12:00:00Z' }).optional()

export const overviewRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/sites/{siteID}/overview`, operationId: 'getOverview', tag, scope: 'read', reach: 'site',
    summary: 'A site at a glance: its sentence, power, every connector with why, alerts and the last decisions, made to be asked for once a second',
    params: siteParams,
    answers: { 200: { description: 'As it is now', content: { 'application/json': overviewSchema } } },
    handle: ({ params, room }) => ({ status: 200, json: room.house.overviews.overview(params.siteID) }),
  }),
  defineRoute({
    method: 'GET', path: `${base}/sites/{siteID}/chart`, operationId: 'getChart', tag, scope: 'read', reach: 'site',
    summary: 'A site over time: measured power per circuit in columns, limits as steps behind and ahead, curtailments and decisions',
    params: siteParams,
    query: z.strictObject({
      from: time.describe('Absent = 2 h before now.'),
      to: time.describe('Absent = 22 h from now; at most 8 days after from, and 8 days ahead.'),
      stepS: z.coerce.number().pipe(z.int().min(60).max(86_400)).optional().describe('Absent = as fits; at most 2,000 points.'),
    }),
    answers: { 200: { description: 'The columns; as CSV a row for each step, then one for each limit to come', content: { 'application/json': chartSchema, 'text/csv': z.string() } } },
    problems: [503],
    async handle({ params, query, accepted, room }) {
      const chart = await room.house.overviews.chart(params.siteID, query)
      return accepted === 'text/csv' ? { status: 200, table: tableOf(chart) } : { status: 200, json: chart }
    },
  }),
]

/** A line for each step, with the limit at its end and the decisions within it, then a line for each limit to come. */
function tableOf({ measured: { times, totalW, buildingW, nodes }, limits: { past, future }, decisions, stepS }: ChartView): { readonly columns: readonly string[]; readonly rows: readonly object[] } {
  const columns = ['at', 'limitA', 'limitW', 'binding', 'totalW', 'buildingW', ...nodes.map(({ id }) => `cars:${id} W`), 'decisions']
  let [next, made] = [0, 0]
  const rows = times.map((second, index) => {
    while (next < past.length && Date.parse(past[next]!.at) < (second + stepS) * 1000) next++
    const limit = past[next - 1]
    const first = made
    while (made < decisions.length && Date.parse(decisions[made]!.at) < (second + stepS) * 1000) made++
    return {
      at: new Date(second * 1000).toISOString(), limitA: limit?.currentA ?? null, limitW: limit?.powerW ?? null, binding: limit?.binding ?? null, totalW: totalW[index] ?? null, buildingW: buildingW[index] ?? null,
      ...Object.fromEntries(nodes.map(({ id, powerW }) => [`cars:${id} W`, powerW[index] ?? null])),
      decisions: decisions.slice(first, made).map(({ words }) => words).join(' '),
    }
  })
  const empty = Object.fromEntries(columns.map((name) => [name, null]))
  return { columns, rows: [...rows, ...future.map(({ at, currentA, powerW, binding }) => ({ ...empty, at, limitA: currentA, limitW: powerW, binding }))] }
}
