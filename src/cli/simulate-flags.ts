// The flags of `kwota simulate` that play sessions instead of scenario files, and which command they mean.
import { InvalidArgumentError, type Command } from 'commander'
import { historyCommand, type HistoryIo } from './simulate-history.ts'
import { sessionsCommand, syntheticCommand, UsageError, type SessionsIo, type SessionsOptions } from './simulate-sessions.ts'

export interface SessionsFlags extends Partial<SessionsOptions> {
  readonly fromHistory?: string
  readonly syntheticSessions?: number
  readonly seed?: number
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

/** They ask for sessions and not for scenario files. */
export function isSessions({ sessions, fromHistory, syntheticSessions }: SessionsFlags): boolean {
  return sessions !== undefined || fromHistory !== undefined || syntheticSessions !== undefined
}

/** Exit code as the command says that is meant; 2 when more than one is. */
export async function simulateSessions(files: readonly string[], flags: SessionsFlags, io: SessionsIo & HistoryIo): Promise<number> {
  const { sessions, fromHistory, syntheticSessions, seed = 1 } = flags
  const meant = [sessions, fromHistory, syntheticSessions].filter((one) => one !== undefined).length + (files.length > 0 ? 1 : 0)
  if (meant > 1) {
    io.stderr.write('simulate: play scenario files, --sessions, --from-history or --synthetic-sessions, one at a time\n')
    return 2
  }
  if (syntheticSessions !== undefined) return syntheticCommand({ sessions: syntheticSessions, seed }, io)
  if (sessions !== undefined) return sessionsCommand({ ...flags, sessions }, io)
  if (fromHistory === undefined) throw new UsageError('nothing to play')
  return historyCommand({ ...flags, fromHistory }, io)
}

function count(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1 || number > 20_000) throw new InvalidArgumentError('a whole number from 1 to 20000.')
  return number
}
