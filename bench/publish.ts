// Puts the figures where people read them: between the two marks of a page.
import { readFileSync, writeFileSync } from 'node:fs'
import { renderTable, type Figures } from './table.ts'

const open = '<!-- figures -->'
const close = '<!-- /figures -->'

/** Rewrites what is between the marks of a page; throws when it has none. */
export function publish(figures: Figures, path: string, brief = false): void {
  const page = readFileSync(path, 'utf8')
  const from = page.indexOf(open)
  const to = page.indexOf(close)
  if (from < 0 || to < from) throw new Error(`${path} has no place for figures: ${open} … ${close}`)
  writeFileSync(path, `${page.slice(0, from + open.length)}\n${caption(figures)}\n\n${renderTable(figures, brief)}\n${page.slice(to)}`)
}

function caption({ at, machine, parts }: Figures): string {
  const tookMin = Object.values(parts).reduce((sum, { tookS }) => sum + tookS, 0) / 60
  return `${at.slice(0, 10)}, Node.js ${machine.node.slice(1)}, ${machine.cores} shared cores (${machine.platform}), everything on loopback, load average ${machine.load.toFixed(1)} before it began; `
    + `one run of ${tookMin.toFixed(0)} minutes; median (lowest–highest) of each.`
}
