// Figures of played sessions as lines for people and as fields for programs.
import type { SiteConfig } from '../../power/site.ts'
import type { Played } from './player.ts'
import type { Score } from './score.ts'

/** Fields of `--json`; energies in kWh to the Wh, shares in % and fairness rounded (null = nobody got anything). */
export function scoreJson(score: Score): Record<string, number | null> {
  return {
    sessions: score.sessions,
    wantedKWh: round(score.wantedKWh, 3), deliveredKWh: round(score.deliveredKWh, 3), lostKWh: round(score.lostKWh, 3),
    energyPercent: round(score.energyPercent, 2), servedInFullPercent: round(score.servedInFullPercent, 2), poorlyServed: score.poorlyServed, fairness: score.fairness === null ? null : round(score.fairness, 4),
  }
}

/** `0.904`, or `–` where nobody got anything. */
export function fairnessWords({ fairness }: Score): string {
  return fairness === null ? '–' : fairness.toFixed(3)
}

/** Ends with a newline. */
export function scoreText(title: string, score: Score, played: Pick<Played, 'profilesSent' | 'peakA' | 'worstMarginA' | 'highestQuarterW'>, { demandWindow }: Pick<SiteConfig, 'demandWindow'>): string {
  return `${[
    title,
    `  energy delivered   ${percent(score.energyPercent)}  ${score.deliveredKWh.toFixed(1)} of ${score.wantedKWh.toFixed(1)} kWh`,
    `  served in full     ${percent(score.servedInFullPercent)}  ${score.poorlyServed} got less than half`,
    `  fairness (Jain)    ${fairnessWords(score).padStart(7)}`,
    `  lost to the limit  ${score.lostKWh.toFixed(1).padStart(7)} kWh`,
    `  profiles sent      ${String(played.profilesSent).padStart(7)}`,
    `  peak               ${played.peakA.toFixed(1).padStart(7)} A on a phase`,
    `  worst margin       ${played.worstMarginA === null ? '      –' : played.worstMarginA.toFixed(2).padStart(7)} A between a limit and what could be drawn`,
    ...(demandWindow === undefined ? [] : [`  highest quarter    ${(played.highestQuarterW / 1000).toFixed(2).padStart(7)} kW of ${demandWindow.targetW / 1000} kW`]),
  ].join('\n')}\n`
}

function percent(value: number): string {
  return `${value.toFixed(1).padStart(7)} %`
}

function round(value: number, digits: number): number {
  const unit = 10 ** digits
  return Math.round(value * unit) / unit + 0
}
