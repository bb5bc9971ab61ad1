// The layout of each machine: everything in the picture, nothing on top of something else, and arrows that begin and end at their states.
import { describe, expect, it } from 'vitest'
import { chartOf } from '../../src/actors/inspection/machine-chart.ts'
import { machineDefinitions, machineTypes } from '../../src/actors/inspection/machine-types.ts'
import { layoutMachine, type LaidNode } from '../../web/layout/machine-layout.ts'

interface Box { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

const edgePx = 1
const holds = (outer: Box, { x, y, width, height }: Box): boolean =>
  x >= outer.x - edgePx && y >= outer.y - edgePx && x + width <= outer.x + outer.width + edgePx && y + height <= outer.y + outer.height + edgePx
const meets = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
const isAt = (box: Box, point: { x: number; y: number }): boolean => holds(box, { ...point, width: 0, height: 0 })

describe.each(machineTypes)('the layout of a %s', (type) => {
  it('is plain JSON with every state and arrow in its place, the same each time', async () => {
    const layout = await layoutMachine(machineDefinitions[type])
    expect(JSON.parse(JSON.stringify(layout))).toEqual(layout)
    expect(await layoutMachine(machineDefinitions[type])).toEqual(layout)
    expect(layout.width, 'a picture, not a ribbon').toBeLessThanOrEqual(1200)
    const chart = chartOf(machineDefinitions[type])
    expect(layout.nodes.map(({ id }) => id)).toEqual(chart.nodes.map(({ id }) => id))
    expect(layout.edges.map(({ from, to, label }) => `${from} ${to} ${label?.text ?? ''}`).sort()).toEqual(chart.edges.map(({ from, to, label }) => `${from} ${to} ${label}`).sort())
    const byId = new Map(layout.nodes.map((node) => [node.id, node]))
    const whole = { x: 0, y: 0, width: layout.width, height: layout.height }
    for (const node of layout.nodes) {
      expect(node.width * node.height).toBeGreaterThan(0)
      expect(holds(node.parent === null ? whole : byId.get(node.parent)!, node), node.id).toBe(true)
    }
    const leaves = layout.nodes.filter(({ kind }) => kind !== 'region' && kind !== 'compound')
    const pairs = leaves.flatMap((a, index) => leaves.slice(index + 1).map((b): [LaidNode, LaidNode] => [a, b]))
    expect(pairs.filter(([a, b]) => meets(a, b)).map(([a, b]) => `${a.id} ${b.id}`)).toEqual([])
    for (const { from, to, points, label } of layout.edges) {
      expect(points.length).toBeGreaterThanOrEqual(2)
      expect([isAt(byId.get(from)!, points[0]!), isAt(byId.get(to)!, points.at(-1)!)], `${from} → ${to}`).toEqual([true, true])
      if (label !== null) expect(leaves.filter((node) => meets(node, label)).map(({ id }) => `${id} under ${label.text}`)).toEqual([])
    }
  })
})
