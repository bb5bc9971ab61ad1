// `kwota simulate --seeds N`: plays random worlds full of faults, and says which promises were broken; `--replay FILE` plays one again.
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { drawWorld } from '../simulator/swarm/draw-world.ts'
import { playWorld, type SeedResult } from '../simulator/swarm/play.ts'
import { shrinkWorld } from '../simulator/swarm/shrink.ts'
import { sumUp, tallyText } from '../simulator/swarm/tally.ts'
import { worldSchema, type World } from '../simulator/swarm/world.ts'
import { createProgress } from './progress.ts'
import { playBeside, playHere } from './seed-jobs.ts'

export interface SeedFlags {
  readonly seeds?: number
  readonly replay?: string
  readonly first?: number
  /** Instead of so many. */
  readonly only?: readonly number[]
  readonly minutes?: number
  readonly stations?: number
  readonly jobs?: number
  readonly json?: boolean
  /** A result per line, and nothing else: what a process beside another prints. */
  readonly each?: boolean
  readonly save?: string
  readonly shrink?: boolean
}

export interface SeedIo {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  readonly readFile: (path: string) => Promise<string>
  readonly clock: Clock
  /** How this program is run. */
  readonly command: { readonly file: string; readonly args: readonly string[] }
}

const mostShrunk = 3

/** Exit code: 0 every promise was kept, 1 one was broken, 2 the replay cannot be read. */
export async function simulateSeeds(flags: SeedFlags, io: SeedIo): Promise<0 | 1 | 2> {
  if (flags.replay !== undefined) return replay(flags.replay, io)
  const first = flags.first ?? 1
  const plan = { seeds: flags.only ?? Array.from({ length: flags.seeds ?? 1 }, (_, at) => first + at), minutes: flags.minutes ?? 10, mostStations: flags.stations ?? 50 }
  if (flags.each === true) {
    await playHere(plan, (result) => io.stdout.write(`${JSON.stringify(result)}\n`))
    return 0
  }
  const jobs = Math.min(flags.jobs ?? 1, plan.seeds.length)
  const startedMs = io.clock.mono()
  const results: SeedResult[] = []
  const progress = createProgress(io)
  const done = (result: SeedResult): void => {
    results.push(result)
    for (const { atMs, invariant, message } of result.findings.slice(0, 1)) io.stderr.write(`seed ${result.seed} at ${(atMs / 1000).toFixed(1)} s: ${invariant}: ${message}\n`)
    progress(() => `${results.length} of ${plan.seeds.length} seeds`)
  }
  if (jobs > 1) await playBeside(plan, jobs, io.command, done)
  else await playHere(plan, done)
  const failed = results.filter(({ findings }) => findings.length > 0).sort((a, b) => a.seed - b.seed)
  for (const result of failed.slice(0, mostShrunk)) await keep(drawWorld(result.seed, plan), result)
  const tally = sumUp(results, (text) => createHash('sha256').update(text).digest('hex').slice(0, 16))
  const tookMs = io.clock.mono() - startedMs
  io.stdout.write(flags.json === true ? `${JSON.stringify({ ...tally, first: plan.seeds[0], minutes: Math.round(tally.simulatedS / 6 / tally.seeds) / 10, tookS: Math.round(tookMs / 1000), failedSeeds: failed.map(({ seed }) => seed) })}\n` : tallyText(tally, tookMs, jobs))
  return failed.length === 0 ? 0 : 1

  async function keep(world: World, result: SeedResult): Promise<void> {
    const dir = flags.save ?? 'sim-failures'
    if (flags.shrink !== false) io.stderr.write(`seed ${result.seed}: looking for a smaller world that fails too\n`)
    const small = flags.shrink === false || result.findings[0]?.invariant === 'deterministic' ? { world, result } : await shrinkWorld(world, result, (each) => playWorld(each))
    await mkdir(dir, { recursive: true })
    const path = join(dir, `seed-${result.seed}.json`)
    await writeFile(path, `${JSON.stringify({ hash: small.result.hash, findings: small.result.findings, world: small.world }, null, 1)}\n`)
    io.stderr.write(`seed ${result.seed}: ${small.world.chargePoints.length} charge points and ${small.world.events.length} events are enough; play it again with: kwota simulate --replay ${path}\n`)
  }
}

async function replay(path: string, io: SeedIo): Promise<0 | 1 | 2> {
  let world: World
  try {
    world = readWorld(await io.readFile(path))
  } catch (error) {
    io.stderr.write(error instanceof NoWorld ? `simulate: ${path} holds no world to replay; name a file that a failing --seeds has saved, like sim-failures/seed-1.json\n` : `simulate: cannot read ${path}: ${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
  const result = await playWorld(world, (line) => { io.stdout.write(line) })
  for (const { atMs, invariant, message } of result.findings) io.stdout.write(`at ${(atMs / 1000).toFixed(1)} s: ${invariant}: ${message}\n`)
  io.stdout.write(`${result.findings.length === 0 ? 'passed' : 'FAILED'}; trace ${result.hash}\n`)
  return result.findings.length === 0 ? 0 : 1
}

class NoWorld extends Error {
  override readonly name = 'NoWorld'
}

/** A world, or one within what was saved of a failure. Throws NoWorld. */
function readWorld(text: string): World {
  let saved: unknown
  try {
    saved = JSON.parse(text)
  } catch {
    throw new NoWorld()
  }
  const inner = typeof saved === 'object' && saved !== null && 'world' in saved ? saved.world : saved
  const read = worldSchema.safeParse(inner)
  if (!read.success) throw new NoWorld()
  return read.data
}
