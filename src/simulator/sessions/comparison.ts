// The same sessions under every policy and limit, beside the two yardsticks, as rows of a table.
import { policies, type ChargePointConfig, type SiteConfig } from '../../power/site.ts'
import { buildTree } from '../../power/tree.ts'
import { baselines, playBaseline, type Baseline } from './baselines.ts'
import { playSessions } from './player.ts'
import { fairnessWords } from './score-text.ts'
import { scoreOf, type Score } from './score.ts'
import type { Session } from './session.ts'
import { SiteLimits } from './site-limits.ts'

export interface ComparedRow {
  readonly limitKW: number
  readonly way: SiteConfig['policy'] | Baseline
  readonly score: Score
  /** Null where nothing is sent: a yardstick controls by magic. */
  readonly profilesSent: number | null
  readonly peakA: number | null
}

export interface ComparisonInputs {
  readonly site: SiteConfig
  readonly chargePoints: readonly ChargePointConfig[]
  readonly sessions: readonly Session[]
  readonly limitsKW: readonly number[]
  /** Told of each row as it is there. */
  readonly onRow?: (row: ComparedRow) => void
  /** Told now and then how much of a row has been played, from 0 to 1. */
  readonly onStep?: (limitKW: number, way: ComparedRow['way'], share: number) => void
}

/** Limits in their order; under each the policies, then the yardsticks, which know the limits of the site and none of its circuits; of a demand window they know its target. */
export function compare({ site, chargePoints, sessions, limitsKW, onRow, onStep }: ComparisonInputs): ComparedRow[] {
  const rows: ComparedRow[] = []
  const add = (row: ComparedRow) => {
    rows.push(row)
    onRow?.(row)
  }
  const { outlets } = buildTree(site, chargePoints)
  for (const limitKW of limitsKW) {
    const grid = { powerW: limitKW * 1000, setAtMs: 0 }
    for (const policy of policies) {
      const { deliveries, profilesSent, peakA } = playSessions({ site: { ...site, policy }, chargePoints, sessions, grid, onStep: (share) => onStep?.(limitKW, policy, share) })
      add({ limitKW, way: policy, score: scoreOf(deliveries), profilesSent, peakA })
    }
    for (const baseline of baselines) {
      const limitA = (limitKW * 1000) / (3 * site.voltage)
      const limits = new SiteLimits(site, sessions[0]?.arrivalMs ?? 0)
      add({ limitKW, way: baseline, score: scoreOf(playBaseline({ site, outlets, sessions, limitA, lowestA: (fromMs, untilMs) => limits.lowestA(fromMs, untilMs) }, baseline)), profilesSent: null, peakA: null })
    }
  }
  return rows
}

/** As a table in Markdown. */
export function comparisonTable(rows: readonly ComparedRow[]): string {
  const cells = rows.map(({ limitKW, way, score, profilesSent }, index) => [
    index > 0 && rows[index - 1]!.limitKW === limitKW ? '' : `${limitKW} kW`, way, score.energyPercent.toFixed(2), score.servedInFullPercent.toFixed(1), fairnessWords(score),
    score.lostKWh.toFixed(0), profilesSent === null ? '–' : String(profilesSent),
  ])
  const header = ['limit', 'way of sharing', 'energy %', 'in full %', 'fairness', 'lost kWh', 'profiles']
  const widths = header.map((name, column) => Math.max(name.length, ...cells.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`
  return `${[line(header), `|${widths.map((width, column) => (column < 2 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`, ...cells.map(line)].join('\n')}\n`
}
