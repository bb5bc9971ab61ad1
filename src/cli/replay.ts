// `kwota replay FILE`: what was recorded is run through the engine again, and what comes out otherwise is shown.
import { statSync } from 'node:fs'
import { playScenario, type RunResult } from '../simulator/run.ts'
import { readScenario, ScenarioError, type Scenario } from '../simulator/scenario.ts'
import { limitWords, readLimit } from '../simulator/sessions/grid-words.ts'
import { HistoryError } from '../simulator/sessions/history.ts'
import { Ended, exitCodes } from './endings.ts'
import { againJson, againText, scenarioJson, scenarioText } from './replay-text.ts'
import type { SimulateAllIo } from './simulate-flags.ts'
import { caveats, playAgain } from './simulate-history.ts'
import { simulateSeeds } from './simulate-seeds.ts'
import { readPolicy, UsageError } from './simulate-sessions.ts'
import { simulateCommand } from './simulate.ts'

export interface ReplayFlags { readonly site?: string; readonly limit?: string; readonly policy?: string; readonly from?: string; readonly to?: string; readonly json?: boolean }

/** Exit code. Rejects with Ended (2) for what cannot be played, and with ConfigError. */
export async function replay(file: string, flags: ReplayFlags, io: SimulateAllIo): Promise<0 | 1 | 2> {
  try {
    switch (await kindOf(file, io)) {
      case 'history': return await replayHistory(file, flags, io)
      case 'world': {
        onlyTakes(flags, [], 'a saved world')
        return await simulateSeeds({ replay: file }, io)
      }
      default: return await replayScenario(file, flags, io)
    }
  } catch (error) {
    if (error instanceof UsageError || error instanceof HistoryError || error instanceof ScenarioError) throw new Ended(exitCodes.usage, error.message)
    throw error
  }
}

async function kindOf(file: string, io: SimulateAllIo): Promise<'history' | 'world' | 'scenario'> {
  if (/^rediss?:\/\//.test(file) || statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) return 'history'
  const bytes = await io.readBytes(file).catch((error: unknown) => {
    throw new Ended(exitCodes.usage, `${file} cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : String(error)}).`, 'Name a backup, a data directory, redis://…, a scenario or a saved world.')
  })
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'history'
  return new TextDecoder().decode(bytes.subarray(0, 64)).trimStart().startsWith('{') ? 'world' : 'scenario'
}

/** Throws Ended for the first flag that would be ignored. */
function onlyTakes(flags: ReplayFlags, taken: readonly (keyof ReplayFlags)[], what: string): void {
  const ignored = (Object.keys(flags) as (keyof ReplayFlags)[]).find((name) => flags[name] !== undefined && !taken.includes(name))
  if (ignored !== undefined) throw new Ended(exitCodes.usage, `--${ignored} does not go with ${what}.`, taken.length === 0 ? 'It is played just as it was saved.' : `Those that do: ${taken.map((name) => `--${name}`).join(', ')}.`)
}

async function replayHistory(file: string, flags: ReplayFlags, io: SimulateAllIo): Promise<0> {
  const again = await playAgain({ ...flags, fromHistory: file }, io, 'replay')
  io.stdout.write(flags.json === true ? `${JSON.stringify(againJson(again))}\n` : againText(again))
  for (const line of caveats(again.history)) io.stderr.write(`replay: ${line}\n`)
  io.stderr.write(`replay: played in ${(again.tookMs / 1000).toFixed(1)} s\n`)
  return 0
}

async function replayScenario(file: string, flags: ReplayFlags, io: SimulateAllIo): Promise<0 | 1 | 2> {
  onlyTakes(flags, ['limit', 'policy', 'json'], 'a scenario')
  if (flags.limit === undefined && flags.policy === undefined) return simulateCommand(file, flags.json === true ? { json: true } : {}, io)
  const written = readScenario(await io.readFile(file), file)
  const changed = changedBy(written, flags)
  const [asWritten, again]: readonly RunResult[] = [await playScenario(written), await playScenario(changed.scenario)]
  if (asWritten === undefined || again === undefined) return 1
  io.stdout.write(flags.json === true ? `${JSON.stringify(scenarioJson(asWritten, again, changed.words))}\n` : scenarioText(asWritten, again, changed.words))
  return asWritten.passed ? 0 : 1
}

/** With another policy, and a standing limit in place of those that are set in the file. */
function changedBy(written: Scenario, { limit, policy }: ReplayFlags): { readonly scenario: Scenario; readonly words: string } {
  const site = { ...written.site, policy: readPolicy(policy) ?? written.site.policy }
  if (limit === undefined) return { scenario: { ...written, site }, words: `policy ${site.policy}` }
  const grid = readLimit(limit, site)
  if (typeof grid === 'string') throw new UsageError(grid)
  const { currentA, powerW } = grid
  const standing = { at: 0, gridLimit: { ...(currentA === undefined ? {} : { currentA }), ...(powerW === undefined ? {} : { powerW }) } }
  const timeline = [standing, ...written.timeline.filter(({ gridLimit }) => gridLimit === undefined || gridLimit.forS !== undefined)]
  return { scenario: { ...written, site, timeline }, words: `policy ${site.policy}, standing limit ${limitWords(grid)}` }
}
