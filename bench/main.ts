// Measures the published figures one after the other and prints them as a table.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { composite } from './composite.ts'
import { decision } from './decision.ts'
import { engineCut } from './engine-cut.ts'
import { fairness } from './fairness.ts'
import { fleet } from './fleet.ts'
import { limitCut } from './limit-cut.ts'
import type { Part } from './part.ts'
import { publish } from './publish.ts'
import { restReads } from './rest-reads.ts'
import type { Scale } from './scale.ts'
import { machineFacts, renderTable, type Figures } from './table.ts'
import { wholePath } from './whole-path.ts'

/** In the order of the table. */
const parts: Readonly<Record<string, (scale: Scale, progress: (line: string) => void) => Promise<Part>>> = {
  'whole-path': wholePath, fleet, 'limit-cut': limitCut, decision, rest: restReads, composite, fairness, 'engine-cut': engineCut,
}

const usage = `npm run bench -- [--quick] [--only NAME,NAME] [--json FILE] [--publish]
  --quick      shorter and rougher, under 2 minutes
  --smoke      only shows that everything runs; its figures mean nothing
  --only       some parts of it: ${Object.keys(parts).join(', ')}
  --json FILE  the figures as JSON
  --publish    also writes them into README.md and docs/performance.md`

const { values: options } = parseArgs({ options: {
  quick: { type: 'boolean', default: false }, smoke: { type: 'boolean', default: false }, publish: { type: 'boolean', default: false },
  only: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', default: false },
} })

if (options.help) process.stdout.write(`${usage}\n`)
else await bench()

async function bench(): Promise<void> {
  const scale: Scale = options.smoke ? 'smoke' : options.quick ? 'quick' : 'full'
  const wanted = options.only?.split(',') ?? Object.keys(parts)
  const unknown = wanted.filter((name) => !Object.hasOwn(parts, name))
  if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}`)
  if (options.publish && (scale !== 'full' || options.only !== undefined)) throw new Error('only the full bench is published')
  const begunMs = performance.now()
  const elapsedS = (): number => (performance.now() - begunMs) / 1_000
  const progress = (line: string) => void process.stderr.write(`${elapsedS().toFixed(1).padStart(6)} s  ${line}\n`)
  const done: Record<string, Figures['parts'][string]> = {}
  const figures: Figures = { at: new Date().toISOString(), scale, machine: machineFacts(), parts: done }
  for (const [name, measure] of Object.entries(parts)) {
    if (!wanted.includes(name)) continue
    const beganS = elapsedS()
    progress(`-- ${name}`)
    done[name] = { ...await measure(scale, progress), tookS: elapsedS() - beganS }
    // After each: what comes later may fail.
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`)
  }
  process.stdout.write(`${renderTable(figures)}\n`)
  if (!options.publish) return
  const root = fileURLToPath(new URL('../..', import.meta.url))
  publish(figures, `${root}README.md`, true)
  publish(figures, `${root}docs/performance.md`)
}
