// Measures the published figures one after the other and prints them as a table.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { answers } from './answers.ts'
import { composite } from './composite.ts'
import { decision } from './decision.ts'
import { engineCut } from './engine-cut.ts'
import { fairness } from './fairness.ts'
import { fleet } from './fleet.ts'
import { limitCut } from './limit-cut.ts'
import { page } from './page-row.ts'
import type { Part } from './part.ts'
import { publish } from './publish.ts'
import { storm } from './reconnect-storm.ts'
import { restReads } from './rest-reads.ts'
import type { Scale } from './scale.ts'
import { storeWrites } from './store-writes.ts'
import { machineFacts, renderTable, type Figures } from './table.ts'
import { wholePath } from './whole-path.ts'

/** In the order of the table. */
const parts: Readonly<Record<string, (scale: Scale, progress: (line: string) => void) => Promise<Part>>> = {
  'whole-path': wholePath, answers, 'limit-cut': limitCut, decision, rest: restReads, fleet, storm, store: storeWrites, page, composite, fairness, 'engine-cut': engineCut,
}

const usage = `npm run bench -- [--quick] [--only NAME,NAME] [--json FILE] [--publish]
  --quick      shorter and rougher, under 2 minutes
  --smoke      only shows that everything runs; its figures mean nothing
  --only       some parts of it: ${Object.keys(parts).join(', ')}
  --json FILE  the figures as JSON, written after each part
  --from FILE  takes what was measured before from such a file, and measures what it does not have (or what --only names)
  --publish    also writes them into README.md and docs/performance.md`

const { values: options } = parseArgs({ options: {
  quick: { type: 'boolean', default: false }, smoke: { type: 'boolean', default: false }, publish: { type: 'boolean', default: false },
  only: { type: 'string' }, from: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', default: false },
} })

const root = fileURLToPath(new URL('../..', import.meta.url))

if (options.help) process.stdout.write(`${usage}\n`)
else await bench()

async function bench(): Promise<void> {
  const scale: Scale = options.smoke ? 'smoke' : options.quick ? 'quick' : 'full'
  if (options.publish && scale !== 'full') throw new Error('only the full bench is published')
  const begunMs = performance.now()
  const elapsedS = (): number => (performance.now() - begunMs) / 1_000
  const progress = (line: string) => void process.stderr.write(`${elapsedS().toFixed(1).padStart(6)} s  ${line}\n`)
  const before = earlier(scale)
  const done = new Map(Object.entries(before?.parts ?? {}))
  const figures = (): Figures => ({ at, scale, machine, parts: Object.fromEntries(Object.keys(parts).flatMap((name) => { const one = done.get(name); return one === undefined ? [] : [[name, one]] })) })
  const at = before?.at ?? new Date().toISOString()
  const machine = before?.machine ?? machineFacts()
  const failed: string[] = []
  for (const name of wanted(done)) {
    const beganS = elapsedS()
    progress(`-- ${name}`)
    try {
      done.set(name, { ...await parts[name]!(scale, progress), tookS: elapsedS() - beganS })
    } catch (error) {
      failed.push(name)
      progress(`-- ${name} failed: ${error instanceof Error ? error.stack ?? error.message : String(error)}`)
    }
    // After each: what comes later may fail.
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures(), null, 2)}\n`)
  }
  process.stdout.write(`${renderTable(figures())}\n`)
  if (failed.length > 0) throw new Error(`${failed.join(', ')} failed; with --json FILE now, --from FILE measures only that again`)
  if (!options.publish) return
  const left = Object.keys(parts).filter((name) => !done.has(name))
  if (left.length > 0) throw new Error(`only the whole bench is published, and ${left.join(', ')} was not measured`)
  publish(figures(), `${root}README.md`, true)
  publish(figures(), `${root}docs/performance.md`)
}

/** Those that `--only` names, or all that are not there yet. */
function wanted(done: ReadonlyMap<string, unknown>): string[] {
  if (options.only === undefined) return Object.keys(parts).filter((name) => !done.has(name))
  const named = options.only.split(',')
  const unknown = named.filter((name) => !Object.hasOwn(parts, name))
  if (unknown.length > 0) throw new Error(`there is no part ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}`)
  return named
}

function earlier(scale: Scale): Figures | null {
  if (options.from === undefined) return null
  const figures = JSON.parse(readFileSync(options.from, 'utf8')) as Figures
  if (figures.scale !== scale) throw new Error(`${options.from} is ${figures.scale}, and this is ${scale}`)
  return figures
}
