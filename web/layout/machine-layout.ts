// Where the states of a machine stand on a page and how its arrows run, worked out by elkjs when the pages are built.
import { createRequire } from 'node:module'
import type { ELK, ElkExtendedEdge, ElkNode } from 'elkjs'
import { chartOf, type ChartNode } from '../../src/actors/inspection/machine-chart.ts'
import type { MachineDefinition } from '../../src/actors/inspection/machine-definition.ts'

/** All lengths in CSS pixels from the upper left corner of the picture. */
export interface LaidNode extends ChartNode {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface LaidEdge {
  readonly from: string
  readonly to: string
  /** From the border of `from` to the border of `to`, in straight lines. */
  readonly points: readonly { readonly x: number; readonly y: number }[]
  /** Null for the first arrow. */
  readonly label: { readonly text: string; readonly x: number; readonly y: number; readonly width: number; readonly height: number } | null
}

/** Plain JSON. A node comes after the one it lies in. */
export interface MachineLayout {
  /** Type of the machine. */
  readonly id: string
  readonly width: number
  readonly height: number
  readonly nodes: readonly LaidNode[]
  readonly edges: readonly LaidEdge[]
}

/** A module of the old kind, which compilers of new ones do not agree on. */
const { default: Elk }: { readonly default: new () => ELK } = createRequire(import.meta.url)('elkjs/lib/elk.bundled.js')

/** What text takes, generously, of a sans-serif of 13 px (states) and 11 px (arrows). */
const text = { state: { charPx: 7.6, linePx: 18 }, edge: { charPx: 6.4, linePx: 15 } } as const
const padPx = 14
const dotPx = 12
const options: Readonly<Record<string, string>> = {
  'elk.algorithm': 'layered', 'elk.hierarchyHandling': 'INCLUDE_CHILDREN', 'elk.edgeRouting': 'ORTHOGONAL', 'elk.randomSeed': '1',
  'elk.padding': '[top=12,left=12,bottom=12,right=12]', 'elk.spacing.nodeNode': '28', 'elk.layered.spacing.nodeNodeBetweenLayers': '36', 'elk.spacing.edgeLabel': '4', 'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
}
const inner: Readonly<Record<string, string>> = { 'elk.padding': '[top=34,left=12,bottom=12,right=12]' }

/** Wider than this it is drawn from left to right: states that lead nowhere but away from one place then stand below one another. */
const widestPx = 1200

/** The same for the same machine. */
export async function layoutMachine(definition: MachineDefinition): Promise<MachineLayout> {
  const downwards = await layoutTowards(definition, 'DOWN')
  return downwards.width <= widestPx ? downwards : layoutTowards(definition, 'RIGHT')
}

async function layoutTowards(definition: MachineDefinition, direction: 'DOWN' | 'RIGHT'): Promise<MachineLayout> {
  const { id, nodes, edges } = chartOf(definition)
  const inside = (parent: string | null): ElkNode[] => nodes.filter((node) => node.parent === parent).map((node) => {
    const children = inside(node.id)
    return children.length > 0 ? { id: node.id, children, layoutOptions: inner } : { id: node.id, ...sizeOf(node) }
  })
  const laid = await new Elk().layout({
    id: '', layoutOptions: { ...options, 'elk.direction': direction }, children: inside(null),
    edges: edges.map(({ from, to, label }, index) => ({ id: String(index), sources: [from], targets: [to], ...(label !== '' && { labels: [{ id: `label ${index}`, text: label, ...edgeSize(label) }] }) })),
  })
  const places = new Map<string, Required<Pick<ElkNode, 'x' | 'y' | 'width' | 'height'>>>()
  const note = (node: ElkNode, x: number, y: number): void => {
    places.set(node.id, { x, y, width: node.width ?? 0, height: node.height ?? 0 })
    for (const child of node.children ?? []) note(child, x + (child.x ?? 0), y + (child.y ?? 0))
  }
  note(laid, 0, 0)
  const place = (node: string) => places.get(node) ?? { x: 0, y: 0, width: 0, height: 0 }
  const { width, height } = place('')
  return {
    id, width: round(width), height: round(height),
    nodes: nodes.map((node) => ({ ...node, ...rounded(place(node.id)) })),
    edges: edgesOf(laid).map((edge) => {
      const { from, to } = edges[Number(edge.id)] ?? { from: '', to: '' }
      // What elk says of an edge counts from the corner of the node that holds it.
      const { x: dx, y: dy } = place(edge.container ?? '')
      const { startPoint, bendPoints = [], endPoint } = edge.sections?.[0] ?? { startPoint: { x: 0, y: 0 }, endPoint: { x: 0, y: 0 } }
      const label = edge.labels?.[0]
      return {
        from, to, points: [startPoint, ...bendPoints, endPoint].map(({ x, y }) => ({ x: round(x + dx), y: round(y + dy) })),
        label: label === undefined ? null : { text: label.text ?? '', ...rounded({ x: (label.x ?? 0) + dx, y: (label.y ?? 0) + dy, width: label.width ?? 0, height: label.height ?? 0 }) },
      }
    }),
  }
}

function edgesOf(node: ElkNode): (ElkExtendedEdge & { readonly container?: string })[] {
  return [...(node.edges ?? []), ...(node.children ?? []).flatMap(edgesOf)]
}

function sizeOf({ kind, label, notes }: ChartNode): { width: number; height: number } {
  if (kind === 'initial') return { width: dotPx, height: dotPx }
  const longest = Math.max(label.length * text.state.charPx, ...notes.map((line) => line.length * text.edge.charPx))
  return { width: Math.ceil(longest) + 2 * padPx, height: text.state.linePx + notes.length * text.edge.linePx + padPx }
}

function edgeSize(label: string): { width: number; height: number } {
  return { width: Math.ceil(label.length * text.edge.charPx), height: text.edge.linePx }
}

function round(px: number): number {
  return Math.round(px * 10) / 10
}

function rounded<T extends { x: number; y: number; width: number; height: number }>({ x, y, width, height }: T) {
  return { x: round(x), y: round(y), width: round(width), height: round(height) }
}
