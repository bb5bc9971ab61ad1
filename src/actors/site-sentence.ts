// How a whole site stands, in the words that its page begins with.
import { carWords } from './doing.ts'
import { timeWords } from './profile-words.ts'
import { usedWords } from './used-words.ts'
import type { Level, OverviewView } from './overview-views.ts'
import type { PowerView } from './views.ts'

export interface SiteFacts {
  readonly power: Omit<PowerView, 'connectors'>
  readonly counts: OverviewView['counts']
  /** What nobody stated, A; null where somebody did. */
  readonly assumedA: number | null
  readonly alertCounts: OverviewView['alertCounts']
  readonly health: OverviewView['health']
  /** Connectors that do not follow their limit, `CP-05/1`. */
  readonly disobeying: readonly string[]
  /** When the limit that binds ends by itself, ms of the wall clock; null = it does not. */
  readonly untilMs: number | null
  /** By the wall clock. */
  readonly nowMs: number
  readonly timezone: string
}

/** `38 of 60 A in use. 6 cars charging, 2 waiting. Limited by the curtailment until 18:30.` */
export function siteSentence(facts: SiteFacts): string {
  return [troubleWords(facts), `${usedWords(facts.power)}.`, capital(`${carWords(facts.counts)}.`), limitWords(facts), meterWords(facts), offlineWords(facts), fuseWords(facts)].filter((words) => words !== '').join(' ')
}

export function levelOf({ power, counts, alertCounts, health, disobeying, assumedA }: SiteFacts): Level {
  if (power.state === 'unenforceable' || alertCounts.critical > 0 || disobeying.length > 0) return 'critical'
  if (assumedA !== null || alertCounts.warning > 0 || health.online < health.chargePoints) return 'warning'
  return counts.waiting > 0 || power.effective.binding !== 'fuse' || power.circuits.some(({ shedding }) => shedding) ? 'limited' : 'ok'
}

function troubleWords({ power, disobeying }: SiteFacts): string {
  const missing = power.state === 'unenforceable' ? `The limit cannot be met: ${power.deficitA ?? 0} A are missing.` : power.circuits.some(({ shedding }) => shedding) ? 'Too much is reserved: only lowerings leave until it fits.' : ''
  const [first, ...others] = disobeying
  const own = first === undefined ? '' : others.length === 0 ? `${first} does not follow its limit.` : `${disobeying.length} connectors do not follow their limits.`
  return [missing, own].filter((words) => words !== '').join(' ')
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function limitWords({ power: { effective, demandWindow }, untilMs, nowMs, timezone }: SiteFacts): string {
  const [kind = ''] = effective.binding.split(':')
  if (kind === 'fuse') return ''
  if (kind === 'failsafe') return 'Limited to the failsafe: the energy manager is silent.'
  const endsMs = kind === 'demand-window' && demandWindow !== undefined ? Date.parse(demandWindow.until) : untilMs
  const until = endsMs === null || endsMs <= nowMs ? '' : ` until ${timeWords({ nowMs, untilMs: endsMs, timezone })}`
  return `Limited by ${names[kind] ?? kind}${until}.`
}

const names: Readonly<Record<string, string>> = {
  'grid-limit': 'the grid limit', curtailment: 'the curtailment', dimming: 'the dimming', schedule: 'the schedule', 'demand-window': 'the demand window', circuit: 'the limit of the site', imbalance: 'the imbalance limit',
}

function meterWords({ power: { baseLoad } }: SiteFacts): string {
  return baseLoad.status === 'stale' ? `The site meter is silent: ${Math.round(Math.max(baseLoad.countedA.L1, baseLoad.countedA.L2, baseLoad.countedA.L3))} A are counted for the building.` : ''
}

function offlineWords({ health: { chargePoints, online, neverConnected } }: SiteFacts): string {
  const gone = chargePoints - online - neverConnected
  const unseen = neverConnected === 0 ? '' : `${neverConnected} of ${chargePoints} charge points never connected.`
  return [gone <= 0 ? '' : `${gone} of ${chargePoints} charge points ${gone === 1 ? 'is' : 'are'} offline.`, unseen].filter((words) => words !== '').join(' ')
}

function fuseWords({ assumedA }: SiteFacts): string {
  return assumedA === null ? '' : `The fuse of ${assumedA} A is assumed: nobody said how big it is.`
}
