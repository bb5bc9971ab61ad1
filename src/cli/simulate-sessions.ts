// `kwota simulate --sessions FILE --site SITE`: plays charging sessions through the engine and says what was delivered; with --compare under every policy.
import { gunzipSync } from 'node:zlib'
import type { Clock } from '../clock.ts'
import { policies } from '../power/site.ts'
import { compare, comparisonTable } from '../simulator/sessions/comparison.ts'
import { limitWords, readLimit } from '../simulator/sessions/grid-words.ts'
import { playSessions } from '../simulator/sessions/player.ts'
import { scoreJson, scoreText } from '../simulator/sessions/score-text.ts'
import { scoreOf } from '../simulator/sessions/score.ts'
import { readSessions, SessionFileError } from '../simulator/sessions/session-file.ts'
import { chargePointsFor, readSessionSite, SessionSiteError } from '../simulator/sessions/session-site.ts'
import { sessionsCsv, synthesise } from '../simulator/sessions/synthetic-sessions.ts'
import { createProgress } from './progress.ts'

export interface SessionsIo {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  /** The bytes of a file; rejects when it cannot be read. */
  readonly readBytes: (path: string) => Promise<Uint8Array>
  readonly clock: Clock
}

export interface SessionsOptions {
  readonly sessions: string
  readonly site?: string
  readonly policy?: string
  readonly energy?: string
  readonly limit?: string
  /** Only sessions that begin from then on, and before then. */
  readonly from?: string
  readonly to?: string
  readonly skipBad?: boolean
  readonly compare?: boolean
  /** In kW, separated by commas. */
  readonly limits?: string
  readonly json?: boolean
}

/** What is wrong with the words of a command; it exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const usualLimits = '20,30,40,50,60,80'
const mostBytes = 256 * 1_048_576

/** Exit code: 0 played, 2 when a file or an option cannot be used (nothing is played then). */
export async function sessionsCommand(options: SessionsOptions, io: SessionsIo): Promise<0 | 2> {
  try {
    await play(options, io)
    return 0
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof SessionFileError || error instanceof SessionSiteError)) throw error
    io.stderr.write(`${error instanceof UsageError ? 'simulate: ' : ''}${error.message}\n`)
    return 2
  }
}

async function play(options: SessionsOptions, io: SessionsIo): Promise<void> {
  const { energy = 'requested' } = options
  if (energy !== 'requested' && energy !== 'delivered') throw new UsageError(`--energy ${energy} is unknown; write requested or delivered`)
  if (options.site === undefined) throw new UsageError('--sessions needs a site: add --site SITE.yaml')
  const given = readSessionSite(await readText(options.site, io), options.site)
  const site = { ...given.site, policy: readPolicy(options.policy) ?? given.site.policy }
  const span = { ...timeOf('--from', options.from, 'fromMs'), ...timeOf('--to', options.to, 'toMs') }
  const file = readSessions(await readText(options.sessions, io), options.sessions, { energy, skipBad: options.skipBad === true, ...span })
  const chargePoints = chargePointsFor(given, file.stations)
  if (file.faults.length > 0) io.stderr.write(`simulate: ${file.faults.length} bad rows left out, the first: line ${file.faults[0]!.line}: ${file.faults[0]!.problem}\n`)
  if (file.cut > 0) io.stderr.write(`simulate: ${file.cut} sessions overlapped the next one at their station and end where that begins\n`)
  const startedMs = io.clock.mono()
  const progress = createProgress(io)
  const took = () => `${((io.clock.mono() - startedMs) / 1000).toFixed(1)} s`
  if (options.compare === true) {
    const limitsKW = readLimits(options.limits ?? usualLimits, (text) => readLimit(text, site))
    const rows = compare({
      site, chargePoints, sessions: file.sessions, limitsKW,
      onRow: ({ limitKW, way }) => { io.stderr.write(`simulate: ${limitKW} kW ${way}: ${took()} so far\n`) },
      onStep: (limitKW, way, share) => { progress(() => `${limitKW} kW ${way}: ${percentWords(share)}, ${took()} so far`) },
    })
    io.stdout.write(options.json === true ? `${JSON.stringify(rows.map(({ score, ...row }) => ({ ...row, ...scoreJson(score) })))}\n` : comparisonTable(rows))
    return
  }
  const grid = options.limit === undefined ? null : readLimit(options.limit, site)
  if (typeof grid === 'string') throw new UsageError(grid)
  const played = playSessions({ site, chargePoints, sessions: file.sessions, grid, onStep: (share) => { progress(() => `${percentWords(share)} played, ${took()} so far`) } })
  const score = scoreOf(played.deliveries)
  const { profilesSent, peakA, worstMarginA, highestQuarterW } = played
  const about = { policy: site.policy, limit: limitWords(grid), stations: file.stations.length }
  io.stdout.write(options.json === true
    ? `${JSON.stringify({ ...about, ...scoreJson(score), profilesSent, peakA, worstMarginA, highestQuarterW: Math.round(highestQuarterW), cut: file.cut, leftOut: file.faults.length })}\n`
    : scoreText(`${options.sessions}: ${score.sessions} sessions at ${about.stations} stations, policy ${about.policy}, limit ${about.limit}`, score, played, site))
  io.stderr.write(`simulate: played in ${took()}\n`)
}

/** Sessions made up for a seed, as a file on stdout. */
export function syntheticCommand(options: { readonly sessions: number; readonly seed: number }, io: Pick<SessionsIo, 'stdout'>): 0 {
  io.stdout.write(sessionsCsv(synthesise({ ...options, stations: 40, days: 28 })))
  return 0
}

/** `37 %` of 0.37. */
export function percentWords(share: number): string {
  return `${Math.floor(100 * share)} %`
}

/** One of the five, or absent. Throws UsageError. */
export function readPolicy(text: string | undefined): (typeof policies)[number] | undefined {
  const policy = policies.find((name) => name === text)
  if (text !== undefined && policy === undefined) throw new UsageError(`--policy ${text} is unknown; there are ${policies.join(', ')}`)
  return policy
}

/** `{ [name]: ms }`, or nothing. Throws UsageError. */
export function timeOf<Name extends string>(flag: string, text: string | undefined, name: Name): Partial<Record<Name, number>> {
  if (text === undefined) return {}
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new UsageError(`${flag} ${text} is no time; write 2026-01-31 or 2026-01-31T08:00:00Z`)
  const times: Partial<Record<Name, number>> = {}
  times[name] = ms
  return times
}

function readLimits(text: string, check: (limit: string) => unknown): number[] {
  return text.split(',').map((one) => {
    const fault = check(`${one.trim()}kW`)
    if (typeof fault === 'string') throw new UsageError(`--limits: ${fault}`)
    return Number(one)
  })
}

async function readText(path: string, { readBytes }: SessionsIo): Promise<string> {
  try {
    const bytes = await readBytes(path)
    const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { maxOutputLength: mostBytes }) : bytes
    return new TextDecoder('utf-8', { fatal: true }).decode(plain)
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
