// Measures the published figures one after the other and prints them as a table.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { measureComposite } from './composite.ts'
import { measureDecision } from './decision.ts'
import { measureEngineCut } from './engine-cut.ts'
import { measureFairness } from './fairness.ts'
import { measureFrames } from './frames.ts'
import { measureLimitCut } from './limit-cut.ts'
import { publish } from './publish.ts'
import { scales } from './scale.ts'
import { machineFacts, renderTable, type Figures } from './table.ts'

const usage = `npm run bench -- [--quick] [--json FILE] [--publish]
  --quick      shorter and rougher, under 40 s
  --smoke      only shows that everything runs; its figures mean nothing
  --json FILE  the figures as JSON
  --publish    also writes them into README.md and docs/performance.md`

const { values: options } = parseArgs({ options: {
  quick: { type: 'boolean', default: false }, smoke: { type: 'boolean', default: false }, publish: { type: 'boolean', default: false },
  json: { type: 'string' }, help: { type: 'boolean', default: false },
} })

if (options.help) process.stdout.write(`${usage}\n`)
else await bench()

async function bench(): Promise<void> {
  const scale = scales[options.smoke ? 'smoke' : options.quick ? 'quick' : 'full']
  if (options.publish && scale.name !== 'full') throw new Error('only the full bench is published')
  const begunMs = performance.now()
  const progress = (line: string) => void process.stderr.write(`${((performance.now() - begunMs) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`)
  const at = new Date().toISOString()
  const machine = machineFacts()
  const frames = await measureFrames(scale, progress)
  const limitCut = await measureLimitCut(scale, progress)
  const composite = await measureComposite(scale, progress)
  const fairness = await measureFairness(scale, progress)
  const decision = await measureDecision(scale, progress)
  const engineCut = await measureEngineCut(scale, progress)
  const figures: Figures = { at, scale: scale.name, machine, frames, limitCut, composite, fairness, decision, engineCut }
  process.stdout.write(`${renderTable(figures)}\n`)
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`)
  const root = fileURLToPath(new URL('../..', import.meta.url))
  if (!options.publish) return
  publish(figures, `${root}README.md`, true)
  publish(figures, `${root}docs/performance.md`)
}
