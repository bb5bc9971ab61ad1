// Plays seeds in this process or in several beside it, and hands over each result as it comes.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { drawWorld, type DrawLimits } from '../simulator/swarm/draw-world.ts'
import { playWorld, type SeedResult } from '../simulator/swarm/play.ts'

export interface SeedPlan extends DrawLimits { readonly seeds: readonly number[] }

/** So many seeds a process plays before it is replaced: their code and heap stay small. */
const chunk = 20
/** Every so many seeds is played twice: the trace must be the same. */
const twiceEvery = 20

/** One after the other, here. */
export async function playHere(plan: SeedPlan, done: (result: SeedResult) => void): Promise<void> {
  for (const seed of plan.seeds) {
    const world = drawWorld(seed, plan)
    const result = await playWorld(world)
    if (seed % twiceEvery !== 0) { done(result); continue }
    const again = await playWorld(world)
    done(again.hash === result.hash ? result : { ...result, findings: [...result.findings, { atMs: 0, invariant: 'deterministic', message: `the trace is ${result.hash} once and ${again.hash} the second time` }] })
  }
}

/** In `jobs` processes running `command` with `args`, each of which prints a result per line. Rejects when one of them breaks off. */
export async function playBeside(plan: SeedPlan, jobs: number, command: { readonly file: string; readonly args: readonly string[] }, done: (result: SeedResult) => void): Promise<void> {
  const { minutes, mostStations } = plan
  let next = 0
  async function worker(): Promise<void> {
    while (next < plan.seeds.length) await playChunk(plan.seeds.slice(next, next += chunk))
  }
  function playChunk(seeds: readonly number[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const flags = ['simulate', '--only', seeds.join(','), '--minutes', String(minutes), '--stations', String(mostStations), '--jobs', '1', '--each']
      const child = spawn(command.file, [...command.args, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
      let got = 0
      createInterface({ input: child.stdout }).on('line', (line) => {
        got++
        done(JSON.parse(line) as SeedResult)
      }).on('close', () => { if (got === seeds.length) resolve(); else reject(new Error(`the process that plays seeds ${seeds.join(', ')} ended after ${got} of them`)) })
      child.on('error', reject)
    })
  }
  await Promise.all(Array.from({ length: jobs }, worker))
}
