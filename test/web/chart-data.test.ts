// What the chart of a site draws: layers, steps and the table, from what kwota tells.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChartView } from '../../src/actors/chart-views.ts'
import { crowded, drawn, held, stacked, tableOf } from '../../web/src/pages/site/chart-data.ts'
import { readoutAt, remarksOf } from '../../web/src/pages/site/chart-words.ts'

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 24, 12, minute)).toISOString()
const second = (minute: number): number => Date.parse(at(minute)) / 1000
const chart: ChartView = {
  siteID: 'main', at: at(2), from: at(0), to: at(60), stepS: 60, voltage: 230,
  measured: {
    times: [second(0), second(1), second(2)], totalW: [null, null, null], buildingW: [690, null, 1380],
    nodes: [
      { id: 'site', parent: null, powerW: [6900, null, 6900], currentA: [10, null, 10] },
      { id: 'row', parent: 'site', powerW: [4140, null, 6900], currentA: [6, null, 10] },
      { id: 'below', parent: 'row', powerW: [4140, null, 0], currentA: [6, null, 0] },
    ],
  },
  limits: {
    past: [{ at: at(0), currentA: 40, powerW: 27_600, binding: 'fuse' }, { at: at(1), currentA: null, powerW: null, binding: null }],
    future: [{ at: at(2), currentA: 20, powerW: 13_800, binding: 'curtailment:1' }, { at: at(30), currentA: 40, powerW: 27_600, binding: 'fuse' }],
  },
  curtailments: [], decisions: [],
}

describe('what is drawn', () => {
  it('lays the building, the circuits of the site and what else it has on one another, in kW', () => {
    expect(drawn(chart, 'kW').layers).toEqual([
      { name: 'building', values: [0.69, null, 1.38] }, { name: 'row', values: [4.14, null, 6.9] }, { name: 'other connectors', values: [2.76, null, 0] },
    ])
  })
  it('says amperes per phase as if the phases were even', () => {
    expect(drawn(chart, 'A').layers.map(({ values }) => values[0])).toEqual([1, 6, 4])
    expect(drawn(chart, 'A').pastLimit[0]).toEqual([second(0), 40])
  })
  it('leaves out layers that never carry anything', () => {
    const bare = { ...chart, measured: { ...chart.measured, buildingW: [null, 40, null], nodes: chart.measured.nodes.slice(0, 1) } }
    expect(drawn(bare, 'kW').layers.map(({ name }) => name)).toEqual(['cars'])
  })
  it('holds each limit to the next, the past to now, the future to the end', () => {
    const { pastLimit, nextLimit } = drawn(chart, 'kW')
    expect(pastLimit).toEqual([[second(0), 27.6], [second(1), null], [second(2), null]])
    expect(nextLimit).toEqual([[second(2), 13.8], [second(30), 27.6], [second(60), 27.6]])
  })
  it('draws nothing where nothing is known', () => {
    const empty = { ...chart, measured: { times: [], totalW: [], buildingW: [], nodes: [] }, limits: { past: [], future: [] } }
    expect(drawn(empty, 'kW')).toEqual({ times: [], layers: [], pastLimit: [], nextLimit: [] })
  })
})

describe('stacking', () => {
  it('adds up to the sum of what is known, and knows nothing only where nobody does', () => {
    const column = fc.array(fc.option(fc.nat(100), { nil: null }), { minLength: 4, maxLength: 4 })
    fc.assert(fc.property(fc.array(column, { minLength: 1, maxLength: 5 }), (columns) => {
      const top = stacked(columns.map((values, i) => ({ name: String(i), values }))).at(-1)
      for (let i = 0; i < 4; i += 1) {
        const known = columns.map((values) => values[i] ?? null).filter((value) => value !== null)
        expect(top?.[i]).toBe(known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0))
      }
    }))
  })
})

describe('the table', () => {
  it('has the mean of each stretch and the limit at its end', () => {
    const rows = tableOf(drawn(chart, 'kW'), 120)
    expect(rows.map(({ fromS }) => fromS)).toEqual([second(0), second(2), second(30), second(60)])
    expect(rows[0]?.values).toEqual([0.69, 4.14, 2.76])
    expect(rows.map(({ limit }) => limit)).toEqual([null, 13.8, 27.6, 27.6])
  })
  it('knows the limit at any time', () => {
    expect(held([[10, 1], [20, null], [30, 3]], [5, 10, 19, 20, 30, 99])).toEqual([null, 1, 1, null, 3, 3])
  })
})

it('says when steps are too close together for a line of full width', () => {
  const everyMinute = Array.from({ length: 30 }, (_, i) => [i * 60, i % 2] as const)
  expect([crowded(everyMinute, 24 * 3600, 800), crowded(everyMinute, 2 * 3600, 800), crowded(everyMinute.slice(0, 2), 24 * 3600, 800), crowded([], 3600, 800)]).toEqual([true, false, false, false])
})

describe('in words', () => {
  const line = (minute: number, words: string) => ({ id: words, at: at(minute), cause: 'start', state: 'enforced', words }) as const
  const decided: ChartView = { ...chart, decisions: [line(0, 'A car came.'), line(1, 'A reading came.'), line(2, 'The limit fell.')] }
  it('says for each stretch of the table which limits held in it and what was decided, each decision once', () => {
    expect(remarksOf(decided, [second(0), second(2), second(30), second(60)], 120)).toEqual([
      { limitedBy: 'the fuse', decisions: ['A car came.', 'A reading came.'] }, { limitedBy: 'the curtailment', decisions: ['The limit fell.'] },
      { limitedBy: 'the fuse', decisions: [] }, { limitedBy: 'the fuse', decisions: [] },
    ])
    expect(remarksOf(decided, [second(0)], 3600)[0]).toEqual({ limitedBy: 'the fuse, the curtailment', decisions: ['A car came.', 'A reading came.', 'The limit fell.'] })
    expect(remarksOf({ ...chart, limits: { past: [], future: [] } }, [second(0)], 60)).toEqual([{ limitedBy: '', decisions: [] }])
  })
  it('reads out what was drawn and held at a time, and the decisions about then', () => {
    const said = (minute: number, nearS: number) => readoutAt(decided, drawn(decided, 'kW'), 'kW', second(minute), nearS)
    expect(said(0, 59)).toBe('building 0.7 kW · row 4.1 kW · other connectors 2.8 kW · limit 27.6 kW (the fuse). A car came.')
    expect(said(1, 60)).toBe('building not known · row not known · other connectors not known · limit not known. A reading came. A car came. The limit fell.')
    expect(said(20, 60)).toBe('limit 13.8 kW (the curtailment).')
  })
})
