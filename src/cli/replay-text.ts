// What a replay came to beside what it was: as text and as JSON.
import type { RunResult } from '../simulator/run.ts'
import { limitWords } from '../simulator/sessions/grid-words.ts'
import { fairnessWords, scoreJson } from '../simulator/sessions/score-text.ts'
import { scoreOf } from '../simulator/sessions/score.ts'
import { spanOf } from '../simulator/sessions/session.ts'
import { notServedOf, type Again } from './simulate-history.ts'
import { plain, tableOf } from './table.ts'

/** Less is the same: a meter counts Wh, and an engine rounds to steps. */
const sameWh = 100
const mostShown = 10

interface Change { readonly connector: string; readonly session: string; readonly arrivalAt: string; readonly departureAt: string; readonly happenedKWh: number; readonly againKWh: number }

/** Those that got another amount, the greatest difference first. */
function changesOf({ history: { happened }, played: { deliveries } }: Again): Change[] {
  const then = new Map(happened.map(({ session, deliveredWh }) => [session.id, deliveredWh]))
  return deliveries
    .flatMap(({ session, deliveredWh }) => {
      const before = then.get(session.id)
      return before === undefined || Math.abs(deliveredWh - before) < sameWh ? [] : [{ session, before, deliveredWh }]
    })
    .sort((a, b) => Math.abs(b.deliveredWh - b.before) - Math.abs(a.deliveredWh - a.before))
    .map(({ session, before, deliveredWh }) => ({
      connector: session.key, session: session.id, arrivalAt: isoOf(session.arrivalMs), departureAt: isoOf(session.departureMs), happenedKWh: kWh(before), againKWh: kWh(deliveredWh),
    }))
}

export function againJson(again: Again): Record<string, unknown> {
  const { history: { happened, openEnded, heldBack, curtailments, running, gone, cut }, played, site, grid } = again
  const { profilesSent, peakA, worstMarginA, highestQuarterW } = played
  return {
    site: site.id, policy: site.policy, limit: limitWords(grid),
    happened: { ...scoreJson(scoreOf(happened)), notServed: notServedOf(happened) },
    again: { ...scoreJson(scoreOf(played.deliveries)), notServed: notServedOf(played.deliveries), profilesSent, peakA, worstMarginA, highestQuarterW: Math.round(highestQuarterW) },
    changes: changesOf(again), leftOut: { curtailments, running, gone, cut }, takenAsOpen: { openEnded, heldBack },
  }
}

export function againText(again: Again): string {
  const { history: { happened, sessions }, played, site, grid } = again
  const [then, now] = [scoreOf(happened), scoreOf(played.deliveries)]
  const [notThen, notNow] = [notServedOf(happened), notServedOf(played.deliveries)]
  const changes = changesOf(again)
  const { fromMs, toMs } = spanOf(sessions)
  const row = (name: string, before: number, after: number, digits: number, unit: string) => [name, `${before.toFixed(digits)}${unit}`, `${after.toFixed(digits)}${unit}`, `${after - before >= 0 ? '+' : ''}${(after - before).toFixed(digits)}${unit}`]
  const table = tableOf(['', 'happened', 'again', 'difference'], [
    row('energy delivered', then.deliveredKWh, now.deliveredKWh, 1, ' kWh'), row('of what was wanted', then.energyPercent, now.energyPercent, 1, ' %'),
    row('served in full', then.servedInFullPercent, now.servedInFullPercent, 1, ' %'), ['fairness (Jain)', fairnessWords(then), fairnessWords(now), ''],
    row('not served', notThen, notNow, 0, ''), ['peak on a phase', '–', `${played.peakA.toFixed(1)} A`, ''],
    ['least headroom', '–', played.worstMarginA === null ? '–' : `${played.worstMarginA.toFixed(2)} A`, ''],
  ])
  return `${[
    `${site.id}: ${sessions.length} session${sessions.length === 1 ? '' : 's'}, ${minuteOf(fromMs)} to ${minuteOf(toMs)} UTC, again under policy ${site.policy}, limit ${limitWords(grid)}`, ...table,
    changes.length === 0 ? 'every car gets the same' : `${changes.length === 1 ? '1 car gets' : `${changes.length} cars get`} something else${changes.length > mostShown ? `; the ${mostShown} greatest differences` : ''}`,
    ...changes.slice(0, mostShown).map(({ connector, arrivalAt, happenedKWh, againKWh }) => `  ${plain(connector)} from ${arrivalAt.slice(0, 16).replace('T', ' ')}: ${happenedKWh.toFixed(1)} → ${againKWh.toFixed(1)} kWh`),
  ].join('\n')}\n`
}

export function scenarioJson(written: RunResult, again: RunResult, changed: string): Record<string, unknown> {
  const view = ({ passed, refused, expectations, summary }: RunResult) => ({ passed, refused, expectationsMet: expectations.filter((one) => one.ok).length, expectations: expectations.length, ...summary })
  return { name: written.name, changed, written: view(written), again: view(again) }
}

export function scenarioText(written: RunResult, again: RunResult, changed: string): string {
  const met = ({ expectations }: RunResult) => `${expectations.filter((one) => one.ok).length} of ${expectations.length}`
  const headroom = ({ summary: { worstMarginA } }: RunResult) => (worstMarginA === null ? '–' : `${worstMarginA} A`)
  const alerts = ({ summary }: RunResult) => [...new Set(summary.alerts)].join(', ') || 'none'
  const delivered = (key: string, { summary }: RunResult) => `${((summary.deliveredWh[key] ?? 0) / 1_000).toFixed(2)} kWh`
  const keys = [...new Set([...Object.keys(written.summary.deliveredWh), ...Object.keys(again.summary.deliveredWh)])].filter((key) => delivered(key, written) !== '0.00 kWh' || delivered(key, again) !== '0.00 kWh')
  return `${[
    `${plain(written.name)}, as written and again with ${changed}`,
    ...(again.refused === null ? [] : [`  refused: ${plain(again.refused)}`]),
    ...tableOf(['', 'written', 'again'], [
      ...keys.map((key) => [key, delivered(key, written), delivered(key, again)]), ['profiles sent', String(written.summary.profilesSent), String(again.summary.profilesSent)],
      ['least headroom', headroom(written), headroom(again)], ['alerts', alerts(written), alerts(again)], ['expectations met', met(written), met(again)],
    ]),
  ].join('\n')}\n`
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}

function minuteOf(ms: number): string {
  return isoOf(ms).slice(0, 16).replace('T', ' ')
}

function kWh(wh: number): number {
  return Math.round(wh) / 1_000
}
