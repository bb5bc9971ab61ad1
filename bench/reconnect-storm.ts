// Thousands of charge points that come back in the same moment, while limits are cut: the storm of `chaos/`, run as it is, for its figures.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { StormOutcome } from '../chaos/storm.ts'
import { withinOpenFiles } from './open-files.ts'
import type { Part } from './part.ts'
import type { PerScale, Scale } from './scale.ts'
import { atMost, ms, whole } from './words.ts'

export interface StormOptions { readonly stations: number; readonly healthy: number }

/** Rejects with what was lost; what was slow is a figure. */
export async function measureStorm({ stations, healthy }: StormOptions, progress: (line: string) => void): Promise<StormOutcome> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../chaos/storm.js', import.meta.url)), '--stations', String(stations), '--healthy', String(healthy), '--untimed', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  let [out, said] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString() })
  child.stderr.on('data', (chunk: Buffer) => {
    const text = chunk.toString()
    said = (said + text).slice(-5_000)
    for (const line of text.trim().split('\n')) progress(line)
  })
  const [code] = await once(child, 'close') as [number | null]
  process.off('exit', kill)
  if (code !== 0) throw new Error(`the storm ended with ${code}:\n${said}`)
  return JSON.parse(out) as StormOutcome
}

const options: PerScale<StormOptions> = { full: { stations: 5_000, healthy: 200 }, quick: { stations: 300, healthy: 20 }, smoke: { stations: 4, healthy: 2 } }
const most = { bootedMs: 60_000, stallMs: 250 }

export async function storm(scale: Scale, progress: (line: string) => void): Promise<Part<StormOutcome | null>> {
  const wanted = options[scale]
  if (withinOpenFiles([wanted.stations + wanted.healthy], progress).length === 0) return { data: null, rows: [] }
  const data = await measureStorm(wanted, progress)
  const { stations, bootedMs, stallMs, cuts, firstLoweringMs, allLoweredMs } = data
  return { data, rows: [
    {
      what: `${whole(stations)} charge points come back in the same moment: until all have booted`, figure: `${(bootedMs.max / 1_000).toFixed(1)} s`, brief: true,
      beside: `half of them within ${(bootedMs.p50 / 1_000).toFixed(1)} s; ${cuts} cuts of ${wanted.healthy} other connectors meanwhile: first lowering within ${ms(firstLoweringMs.p50)} ms (at most ${ms(firstLoweringMs.max)}), all within ${ms(allLoweredMs.p50)} ms (at most ${ms(allLoweredMs.max)})`,
      goal: atMost(bootedMs.max, most.bootedMs, `within ${most.bootedMs / 1_000} s`),
    },
    { what: 'the longest stall of the event loop meanwhile', figure: stallMs === 0 ? 'less than 20 ms' : `${ms(stallMs)} ms`, beside: 'a timer of 10 ms inside of kwota', goal: atMost(stallMs, most.stallMs, `at most ${most.stallMs} ms`) },
  ] }
}
