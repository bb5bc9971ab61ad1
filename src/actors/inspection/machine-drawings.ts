// A chart as text that other programs draw: Mermaid and Graphviz.
import type { Chart, ChartNode } from './machine-chart.ts'

const indent = '  '

/** A `stateDiagram-v2`. */
export function mermaidOf({ nodes, edges }: Chart): string {
  const lines = ['stateDiagram-v2']
  const starts = new Set(nodes.filter(({ kind }) => kind === 'initial').map(({ id }) => id))
  const name = (id: string): string => (starts.has(id) ? '[*]' : wordOf(id))

  function draw(parent: string | null, depth: number): void {
    const inside = nodes.filter((node) => node.parent === parent)
    const pad = indent.repeat(depth)
    for (const node of inside) {
      if (node.kind === 'initial') continue
      lines.push(`${pad}state "${textOf(node)}" as ${wordOf(node.id)}`)
      if (!isCompound(node)) continue
      lines.push(`${pad}state ${wordOf(node.id)} {`)
      draw(node.id, depth + 1)
      lines.push(`${pad}}`)
    }
    const here = new Set(inside.map(({ id }) => id))
    for (const { from, to, label } of edges) if (here.has(from)) lines.push(`${pad}${name(from)} --> ${name(to)}${label === '' ? '' : ` : ${label.replaceAll(':', ' ')}`}`)
  }

  draw(null, 1)
  return `${lines.join('\n')}\n`
}

/** A digraph in DOT. */
export function dotOf({ id, nodes, edges }: Chart): string {
  const lines = [`digraph ${quoted(id)} {`, `${indent}rankdir=LR`, `${indent}node [shape=box, style=rounded, fontname="sans-serif"]`, `${indent}edge [fontname="sans-serif", fontsize=10]`]

  function draw(parent: string | null, depth: number): void {
    const pad = indent.repeat(depth)
    for (const node of nodes.filter((one) => one.parent === parent)) {
      if (isCompound(node)) {
        lines.push(`${pad}subgraph ${quoted(`cluster ${node.id}`)} {`, `${pad}${indent}label=${quoted(textOf(node))}`)
        draw(node.id, depth + 1)
        lines.push(`${pad}}`)
      } else if (node.kind === 'initial') lines.push(`${pad}${quoted(node.id)} [shape=point, label=""]`)
      else lines.push(`${pad}${quoted(node.id)} [label=${quoted(textOf(node))}${node.kind === 'anywhere' ? ', shape=plaintext' : ''}]`)
    }
  }

  draw(null, 1)
  for (const { from, to, label } of edges) lines.push(`${indent}${quoted(from)} -> ${quoted(to)}${label === '' ? '' : ` [label=${quoted(label)}]`}`)
  lines.push('}')
  return `${lines.join('\n')}\n`
}

function isCompound({ kind }: ChartNode): boolean {
  return kind === 'region' || kind === 'compound'
}

function textOf({ label, notes }: ChartNode): string {
  return [label, ...notes.map((note) => `(${note})`)].join(' ')
}

/** As Mermaid wants names: letters, digits and underscores. */
function wordOf(id: string): string {
  return id.replaceAll(/\W+/g, '_').replace(/^_|_$/g, '')
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
