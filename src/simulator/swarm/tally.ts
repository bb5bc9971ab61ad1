// The sum of many seeds: what was played, which faults met which states, what was found.
import { neverMet } from './coverage.ts'
import type { Finding } from './finding.ts'
import type { SeedResult } from './play.ts'

export interface Tally {
  readonly seeds: number
  readonly events: number
  readonly simulatedS: number
  readonly profiles: number
  readonly raisings: number
  readonly transactions: number
  readonly alerts: Readonly<Record<string, number>>
  /** Fault → how often it struck. */
  readonly faults: Readonly<Record<string, number>>
  /** Pairs of a fault that struck and a state that was never there then. */
  readonly neverMet: readonly string[]
  readonly violations: readonly ({ readonly seed: number } & Finding)[]
  /** One over all, in order of the seeds. */
  readonly hash: string
}

export function sumUp(results: readonly SeedResult[], hashOf: (text: string) => string): Tally {
  const sorted = [...results].sort((a, b) => a.seed - b.seed)
  const sum = (of: (result: SeedResult) => number) => sorted.reduce((total, result) => total + of(result), 0)
  const counts = merge(sorted.map(({ coverage }) => coverage))
  const faults: Record<string, number> = {}
  for (const [pair, count] of Object.entries(counts)) {
    const [fault = '', state] = pair.split(' ')
    if (state === 'idle' || state === 'charging') faults[fault] = (faults[fault] ?? 0) + count
  }
  return {
    seeds: sorted.length, events: sum(({ events }) => events), simulatedS: sum(({ simulatedS }) => simulatedS), profiles: sum(({ profiles }) => profiles),
    raisings: sum(({ raisings }) => raisings), transactions: sum(({ transactions }) => transactions), alerts: merge(sorted.map(({ alerts }) => alerts)), faults,
    neverMet: neverMet(counts, Object.keys(faults).sort()),
    violations: sorted.flatMap(({ seed, findings }) => findings.map((finding) => ({ seed, ...finding }))),
    hash: hashOf(sorted.map(({ seed, hash }) => `${seed} ${hash}`).join('\n')),
  }
}

/** `tookMs` is real time. */
export function tallyText(tally: Tally, tookMs: number, perProcess: number): string {
  const lines = [
    `${tally.seeds} seeds, ${Math.round(tally.simulatedS / 60)} simulated minutes, ${tally.events} events in ${(tookMs / 1000).toFixed(1)} s (${Math.round(tally.events / (tookMs / 1000))} events/s in ${perProcess} process${perProcess === 1 ? '' : 'es'})`,
    `${tally.transactions} transactions, ${tally.profiles} profiles sent, ${tally.raisings} of them raisings; trace ${tally.hash}`,
    `faults: ${listed(tally.faults) || 'none'}`,
    `alerts: ${listed(tally.alerts) || 'none'}`,
    `never together: ${tally.neverMet.length === 0 ? 'no pair' : tally.neverMet.join(', ')}`,
    ...tally.violations.slice(0, 50).map(({ seed, atMs, invariant, message }) => `seed ${seed} at ${(atMs / 1000).toFixed(1)} s: ${invariant}: ${message}`),
    `${tally.violations.length === 0 ? 'passed' : 'FAILED'}: ${tally.violations.length} violations in ${new Set(tally.violations.map(({ seed }) => seed)).size} of ${tally.seeds} seeds`,
  ]
  return `${lines.join('\n')}\n`
}

function merge(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const one of all) for (const [name, count] of Object.entries(one)) sum[name] = (sum[name] ?? 0) + count
  return sum
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).sort(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`).join(', ')
}
