// Plays seeds in this process or in several beside it, and hands over each result as it comes.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { drawWorld, type DrawLimits } from '../simulator/swarm/draw-world.ts'
import { playWorld, type SeedResult } from '../simulator/swarm/play.ts'

export interface SeedRange extends DrawLimits { readonly first: number; readonly seeds: number }

/** So many seeds a process plays before it is replaced: their code and heap stay small. */
const chunk = 20
/** Every so many seeds is played twice: the trace must be the same. */
const twiceEvery = 20

/** One after the other, here. */
export async function playHere(range: SeedRange, done: (result: SeedResult) => void): Promise<void> {
  for (let seed = range.first; seed < range.first + range.seeds; seed++) {
    const world = drawWorld(seed, range)
    const result = await playWorld(world)
    if (seed % twiceEvery !== 0) { done(result); continue }
    const again = await playWorld(world)
    done(again.hash === result.hash ? result : { ...result, findings: [...result.findings, { atMs: 0, invariant: 'deterministic', message: `the trace is ${result.hash} once and ${again.hash} the second time` }] })
  }
}

/** In `jobs` processes running `command` with `args`, each of which prints a result per line. Rejects when one of them breaks off. */
export async function playBeside(range: SeedRange, jobs: number, command: { readonly file: string; readonly args: readonly string[] }, done: (result: SeedResult) => void): Promise<void> {
  let next = range.first
  const end = range.first + range.seeds
  async function worker(): Promise<void> {
    while (next < end) {
      const first = next
      next = Math.min(end, first + chunk)
      await playChunk({ ...range, first, seeds: next - first })
    }
  }
  function playChunk({ first, seeds, minutes, mostStations }: SeedRange): Promise<void> {
    return new Promise((resolve, reject) => {
      const flags = ['simulate', '--seeds', String(seeds), '--first', String(first), '--minutes', String(minutes), '--stations', String(mostStations), '--jobs', '1', '--each']
      const child = spawn(command.file, [...command.args, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
      let got = 0
      createInterface({ input: child.stdout }).on('line', (line) => {
        got++
        done(JSON.parse(line) as SeedResult)
      }).on('close', () => { if (got === seeds) resolve(); else reject(new Error(`the process that plays seeds ${first} to ${first + seeds - 1} ended after ${got} of them`)) })
      child.on('error', reject)
    })
  }
  await Promise.all(Array.from({ length: jobs }, worker))
}
