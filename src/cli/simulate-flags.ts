// The flags of `kwota simulate`: what each mode plays, which flags go with which mode, and everything else refused.
import { InvalidArgumentError, type Command } from 'commander'
import { listed } from '../actors/listed.ts'
import type { HistoryIo } from './simulate-history.ts'
import type { SeedFlags, SeedIo } from './simulate-seeds.ts'
import type { SessionsIo, SessionsOptions } from './simulate-sessions.ts'
import type { SimulateIo } from './simulate.ts'

export interface SimulateFlags extends Partial<SessionsOptions>, SeedFlags {
  readonly fromHistory?: string
  readonly syntheticSessions?: number
  readonly seed?: number
}

export type SimulateAllIo = SimulateIo & SessionsIo & HistoryIo & SeedIo

type Mode = 'scenario files' | '--sessions' | '--sessions --compare' | '--from-history' | '--synthetic-sessions' | '--seeds' | '--only' | '--replay'
type Flag = Exclude<keyof SimulateFlags, 'sessions' | 'fromHistory' | 'syntheticSessions' | 'seeds' | 'only' | 'replay'>

const worlds = ['--seeds', '--only'] as const
const sessions = ['--sessions', '--sessions --compare', '--from-history'] as const
/** How a flag is written, and the modes it goes with. */
const goesWith: Readonly<Record<Flag, readonly [written: string, modes: readonly Mode[]]>> = {
  site: ['--site', sessions], from: ['--from', sessions], to: ['--to', sessions],
  policy: ['--policy', ['--sessions', '--from-history']], limit: ['--limit', ['--sessions', '--from-history']],
  energy: ['--energy', ['--sessions', '--sessions --compare']], skipBad: ['--skip-bad', ['--sessions', '--sessions --compare']],
  compare: ['--compare', ['--sessions --compare']], limits: ['--limits', ['--sessions --compare']],
  seed: ['--seed', ['scenario files', '--synthetic-sessions']],
  json: ['--json', ['scenario files', ...sessions, ...worlds]],
  first: ['--first', ['--seeds']], minutes: ['--minutes', worlds], stations: ['--stations', worlds], jobs: ['--jobs', worlds],
  save: ['--save', worlds], shrink: ['--no-shrink', worlds], each: ['--each', worlds],
}

export function sessionsFlags(command: Command): Command {
  return command
    .option('--sessions <file>', 'play charging sessions: CSV with arrival, departure, energy_kwh, station_id (gzip too)')
    .option('--from-history <dir>', 'play what kwota has stored in this directory (or redis://…) again; kwota must not be running on it')
    .option('--site <site>', 'with --sessions the file of the site, with --from-history its id (main)')
    .option('--policy <name>', 'share by this policy instead of the one of the site').option('--limit <limit>', 'a standing limit: 40A per phase, or 27.6kW in all')
    .option('--energy <column>', 'requested or delivered, in files that have both (requested)')
    .option('--from <time>', 'only sessions that begin from then on').option('--to <time>', 'only sessions that begin before then')
    .option('--skip-bad', 'leave bad rows out instead of refusing the file').option('--compare', 'every policy under every limit of --limits, as a table')
    .option('--limits <kW,…>', 'for --compare (20,30,40,50,60,80)')
    .option('--synthetic-sessions <n>', 'print made-up sessions for --seed as CSV', count)
}

/** Plays what is asked for. Exit code as the command says that is meant; 2, with a sentence, when more than one is, or a flag does not go with it. */
export async function simulate(files: readonly string[], flags: SimulateFlags, io: SimulateAllIo): Promise<number> {
  const mode = modeOf(files, flags)
  const fault = mode === null ? 'play scenario files, --sessions, --from-history, --synthetic-sessions, --seeds, --only or --replay, one at a time' : misplaced(flags, mode)
  if (fault !== null) {
    io.stderr.write(`simulate: ${fault}\n`)
    return 2
  }
  if (flags.seeds !== undefined || flags.only !== undefined || flags.replay !== undefined) return (await import('./simulate-seeds.ts')).simulateSeeds(flags, io)
  if (flags.syntheticSessions !== undefined) return (await import('./simulate-sessions.ts')).syntheticCommand({ sessions: flags.syntheticSessions, seed: flags.seed ?? 1 }, io)
  if (flags.sessions !== undefined) return (await import('./simulate-sessions.ts')).sessionsCommand({ ...flags, sessions: flags.sessions }, io)
  if (flags.fromHistory !== undefined) return (await import('./simulate-history.ts')).historyCommand({ ...flags, fromHistory: flags.fromHistory }, io)
  return (await import('./simulate.ts')).simulateCommand(files, flags, io)
}

/** Null = more than one is meant. */
function modeOf(files: readonly string[], { sessions: file, fromHistory, syntheticSessions, seeds, only, replay, compare }: SimulateFlags): Mode | null {
  const meant: Mode[] = []
  if (files.length > 0) meant.push('scenario files')
  if (file !== undefined) meant.push(compare === true ? '--sessions --compare' : '--sessions')
  if (fromHistory !== undefined) meant.push('--from-history')
  if (syntheticSessions !== undefined) meant.push('--synthetic-sessions')
  if (seeds !== undefined) meant.push('--seeds')
  if (only !== undefined) meant.push('--only')
  if (replay !== undefined) meant.push('--replay')
  return meant.length > 1 ? null : meant[0] ?? 'scenario files'
}

/** The first flag that the mode would ignore, as a sentence; null = there is none. */
function misplaced(flags: SimulateFlags, mode: Mode): string | null {
  for (const [flag, [written, modes]] of Object.entries(goesWith)) {
    const value = flags[flag as Flag]
    const given = flag === 'shrink' ? value === false : value !== undefined
    if (given && !modes.includes(mode)) return `${written} does not go with ${mode}; it goes with ${listed(modes)}`
  }
  return null
}

function count(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1 || number > 20_000) throw new InvalidArgumentError('a whole number from 1 to 20000.')
  return number
}
