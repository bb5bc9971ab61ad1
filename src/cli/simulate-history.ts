// `kwota simulate --from-history DIR`: plays what kwota has stored of a site again, with another limit or policy, beside what truly happened.
import type { SiteConfig } from '../power/site.ts'
import { limitWords, readLimit } from '../simulator/sessions/grid-words.ts'
import { HistoryError, nothingWh, readHistory, type History, type OpenHistory } from '../simulator/sessions/history.ts'
import { playSessions, type Played } from '../simulator/sessions/player.ts'
import { fairnessWords, scoreJson, scoreText } from '../simulator/sessions/score-text.ts'
import { scoreOf } from '../simulator/sessions/score.ts'
import type { Delivery } from '../simulator/sessions/session.ts'
import { createProgress } from './progress.ts'
import { percentWords, readPolicy, timeOf, UsageError, type SessionsIo } from './simulate-sessions.ts'

export interface HistoryOptions {
  /** A data directory of kwota, or redis://… */
  readonly fromHistory: string
  /** The id of the site. */
  readonly site?: string
  readonly policy?: string
  readonly limit?: string
  readonly from?: string
  readonly to?: string
  readonly json?: boolean
}

export interface HistoryIo extends Pick<SessionsIo, 'stdout' | 'stderr' | 'clock'> { readonly openHistory: OpenHistory }

/** Exit code: 0 played, 2 when an option cannot be used or there is nothing to be played; rejects with the store's error. */
export async function historyCommand(options: HistoryOptions, io: HistoryIo): Promise<0 | 2> {
  try {
    await replay(options, io)
    return 0
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof HistoryError)) throw error
    io.stderr.write(`simulate: ${error.message}\n`)
    return 2
  }
}

/** What happened, and what came of playing it again. */
export interface Again { readonly history: History; readonly played: Played; readonly site: SiteConfig; readonly grid: History['grid']; readonly tookMs: number }

/** Rejects with UsageError or HistoryError. */
export async function playAgain(options: HistoryOptions, io: HistoryIo, name?: string): Promise<Again> {
  const siteID = options.site ?? 'main'
  const policy = readPolicy(options.policy)
  const span = { ...timeOf('--from', options.from, 'fromMs'), ...timeOf('--to', options.to, 'toMs') }
  const progress = createProgress(name === undefined ? io : { ...io, name })
  const store = await io.openHistory(options.fromHistory)
  let history: History
  try {
    history = await readHistory(store, siteID, span, (done, of) => { progress(() => `read ${done} of ${of} transactions`) })
  } finally {
    await store.close()
  }
  const site = { ...history.site, policy: policy ?? history.site.policy }
  const grid = options.limit === undefined ? history.grid : readLimit(options.limit, site)
  if (typeof grid === 'string') throw new UsageError(grid)
  const startedMs = io.clock.mono()
  const played = playSessions({ site, chargePoints: history.chargePoints, sessions: history.sessions, grid, base: history.base, onStep: (share) => { progress(() => `${percentWords(share)} played`) } })
  return { history, played, site, grid, tookMs: io.clock.mono() - startedMs }
}

async function replay(options: HistoryOptions, io: HistoryIo): Promise<void> {
  const again = await playAgain(options, io)
  const { history: { sessions, happened, openEnded, heldBack, curtailments, running, gone, cut }, played, site, grid, tookMs } = again
  const [then, now] = [scoreOf(happened), scoreOf(played.deliveries)]
  const [notServedThen, notServed] = [notServedOf(happened), notServedOf(played.deliveries)]
  const { profilesSent, peakA, worstMarginA, highestQuarterW } = played
  if (options.json === true) {
    io.stdout.write(`${JSON.stringify({ site: site.id, policy: site.policy, limit: limitWords(grid), happened: { ...scoreJson(then), notServed: notServedThen }, played: { ...scoreJson(now), notServed }, profilesSent, peakA, worstMarginA, highestQuarterW: Math.round(highestQuarterW), openEnded, heldBack, curtailments, running, gone, cut })}\n`)
  } else {
    io.stdout.write(scoreText(`${site.id}: ${sessions.length} sessions again, policy ${site.policy}, limit ${limitWords(grid)}`, now, played, site))
    io.stdout.write(`  not served         ${String(notServed).padStart(7)}\n`)
    io.stdout.write(`what truly happened\n  energy delivered   ${then.energyPercent.toFixed(1).padStart(7)} %  ${then.deliveredKWh.toFixed(1)} of ${then.wantedKWh.toFixed(1)} kWh\n  served in full     ${then.servedInFullPercent.toFixed(1).padStart(7)} %\n  fairness (Jain)    ${fairnessWords(then).padStart(7)}\n  not served         ${String(notServedThen).padStart(7)}\n`)
  }
  for (const line of caveats(again.history)) io.stderr.write(`simulate: ${line}\n`)
  io.stderr.write(`simulate: played in ${(tookMs / 1000).toFixed(1)} s\n`)
}

/** What was taken to be, and what was left out. */
export function caveats({ openEnded, heldBack, curtailments, running, gone, cut }: History): string[] {
  return [
    ...(openEnded > heldBack ? [`${openEnded - heldBack} cars were still charging when they left and count as wanting all they could have got`] : []),
    ...(heldBack > 0 ? [`${heldBack} cars were held at 0 A when they left and count as wanting all they could have got`] : []),
    ...(curtailments > 0 ? [`${curtailments} curtailments of that time are left out: only the site's own limits, its schedules and demand window as they are now, and the standing limit are played`] : []),
    ...(running > 0 ? [`${running} transactions that have not ended are left out`] : []),
    ...(gone > 0 ? [`${gone} transactions at connectors that are not configured any more are left out`] : []),
    ...(cut > 0 ? [`${cut} transactions overlapped the next one at their connector and end where that begins`] : []),
  ]
}

/** Those that could have got something and got nothing. */
export function notServedOf(deliveries: readonly Delivery[]): number {
  return deliveries.filter(({ deliveredWh, feasibleWh }) => deliveredWh < nothingWh && feasibleWh >= nothingWh).length
}
