// Charge points that draw more than they report: what the site meter sees beyond everybody's reports, as it rises when one begins and falls when it ends.
import { phases, type Phase, type PhaseAmps } from './site.ts'

/** A connector at the time of a reading of the site meter. */
export interface Reporter {
  readonly key: string
  /** Null = none runs. */
  readonly transactionId: number | null
  /** The site's phases that it is wired to. */
  readonly phases: readonly Phase[]
  /** What it may draw now, and its hardware at most, A per phase. */
  readonly grantedA: number
  readonly maxA: number
  /** What it said last of this transaction; null = nothing, or nothing fresh. */
  readonly reportedA: PhaseAmps | null
  readonly reportedAtMs: number
}

/** `amps` = what is not noise, on a phase; 0 = never suspected. `ms` = so long it must last. */
export interface SuspicionRule { readonly amps: number; readonly ms: number }

export interface Suspicion {
  readonly key: string
  readonly transactionId: number
  readonly phases: readonly Phase[]
  /** The least of its phases that nothing explains, and the most that it reported, A. */
  readonly unexplainedA: number
  readonly reportedA: number
  readonly sinceMs: number
  /** The load went as the transaction ended: nothing else was it. */
  readonly confirmed: boolean
}

interface Rest { readonly atMs: number; readonly restA: PhaseAmps }
interface Watched {
  transactionId: number | null
  grantedA: number
  /** It began or was raised: what is compared with what was before. */
  trial: { readonly beforeA: PhaseAmps; untilMs: number; mostGrantedA: number; sinceMs: number | null } | null
  suspicion: Suspicion | null
  beforeA: PhaseAmps | null
  calmSinceMs: number | null
  ended: { readonly atMs: number; readonly restA: PhaseAmps } | null
}

/** What was before counts for so long back; what follows a start or a raising is looked at for so long; and a load that seems to be the car's goes as soon as it ends. */
const beforeMs = 60_000
const trialMs = 90_000
const longestTrialMs = 300_000
const endMs = 60_000
/** A report tells of the load it was taken with only when it came so long after it was seen. */
const lagMs = 2_000
const mostKept = 200
const steady = { amps: 2, part: 0.25 }
const fell = 0.6

/** Of one site; it never says what a charge point may draw, only what people should look at. */
export class UnderReporting {
  private readonly rests: Rest[] = []
  private readonly watched = new Map<string, Watched>()
  private hasLooked = false

  /** It must be told of at every look, whether a transaction runs or not. */
  isWatched(key: string): boolean {
    return this.watched.has(key)
  }

  /** Takes in a reading of the site meter (its total) and what everybody says at that time: all whose transaction runs and all that are watched. */
  look(meterA: PhaseAmps, reporters: readonly Reporter[], ruleOf: (key: string) => SuspicionRule, nowMs: number): void {
    const restA = { ...meterA }
    const running = reporters.filter(({ transactionId }) => transactionId !== null)
    for (const { reportedA } of running) if (reportedA !== null) for (const phase of phases) restA[phase] -= reportedA[phase]
    while (this.rests.length >= mostKept || (this.rests[0]?.atMs ?? nowMs) < nowMs - beforeMs) this.rests.shift()
    for (const one of reporters) this.follow(one, ruleOf(one.key), nowMs)
    this.rests.push({ atMs: nowMs, restA })
    this.hasLooked = true
    const heardSinceMs = Math.min(...running.map(({ reportedA, reportedAtMs, grantedA }) => (reportedA !== null ? reportedAtMs : grantedA === 0 ? Infinity : -Infinity)))
    const trialsA = this.trialsA(reporters)
    for (const one of reporters) {
      const watched = this.watched.get(one.key)!
      const rule = ruleOf(one.key)
      if (watched.trial !== null) this.judge(one, watched, { restA, rule, nowMs, heardSinceMs, trialsA })
      if (watched.suspicion !== null) this.review(one, watched, { restA, rule, nowMs })
    }
    const told = new Set(reporters.map(({ key }) => key))
    for (const [key, { transactionId, suspicion }] of this.watched) if (!told.has(key) || (transactionId === null && suspicion === null)) this.watched.delete(key)
  }

  suspicions(): Suspicion[] {
    return [...this.watched.values()].flatMap(({ suspicion }) => (suspicion === null ? [] : [suspicion]))
  }

  private follow(one: Reporter, rule: SuspicionRule, nowMs: number): void {
    // Of those that run at the first look nobody knows what was before.
    const before = this.hasLooked ? { transactionId: null, grantedA: 0 } : { transactionId: one.transactionId, grantedA: one.grantedA }
    const known: Watched = this.watched.get(one.key) ?? { ...before, trial: null, suspicion: null, beforeA: null, calmSinceMs: null, ended: null }
    this.watched.set(one.key, known)
    const begins = one.transactionId !== null && one.transactionId !== known.transactionId
    const rises = one.transactionId !== null && one.grantedA >= known.grantedA + rule.amps
    if (one.transactionId !== known.transactionId && known.suspicion?.transactionId === known.transactionId) known.ended ??= { atMs: nowMs, restA: this.extreme(Math.min, nowMs - rule.ms) }
    if (one.transactionId === null || rule.amps === 0) known.trial = null
    else if (begins || rises) {
      if (begins) known.trial = null
      if (known.trial !== null) Object.assign(known.trial, { untilMs: nowMs + trialMs })
      else if (this.rests.length > 0) known.trial = { beforeA: this.extreme(Math.max, -Infinity), untilMs: nowMs + trialMs, mostGrantedA: 0, sinceMs: null }
    }
    known.transactionId = one.transactionId
    known.grantedA = one.grantedA
  }

  /** The highest, or the lowest, of what was since then, on each phase; at least of the last reading. */
  private extreme(of: (...values: number[]) => number, sinceMs: number): PhaseAmps {
    const on = (phase: Phase): number => of(...this.rests.filter(({ atMs }, at) => atMs >= sinceMs || at === this.rests.length - 1).map(({ restA }) => restA[phase]))
    return { L1: on('L1'), L2: on('L2'), L3: on('L3') }
  }

  /** What all that have just begun or been raised could draw, on each phase. */
  private trialsA(reporters: readonly Reporter[]): PhaseAmps {
    const sum: PhaseAmps = { L1: 0, L2: 0, L3: 0 }
    for (const one of reporters) if (this.watched.get(one.key)?.trial) for (const phase of one.phases) sum[phase] += one.maxA * 1.1 + 1
    return sum
  }

  private judge(one: Reporter, watched: Watched, { restA, rule, nowMs, heardSinceMs, trialsA }: { restA: PhaseAmps; rule: SuspicionRule; nowMs: number; heardSinceMs: number; trialsA: PhaseAmps }): void {
    const trial = watched.trial!
    trial.mostGrantedA = Math.max(trial.mostGrantedA, one.grantedA)
    const riseA = (phase: Phase): number => restA[phase] - trial.beforeA[phase]
    const risen = one.phases.filter((phase) => riseA(phase) >= rule.amps)
    const rises = risen.map(riseA)
    const reportedA = Math.max(0, ...risen.map((phase) => one.reportedA?.[phase] ?? 0))
    // It may have been lowered since for the little that it says, and gone on all the same; one that reports what it may draw as the load comes has nothing to do with it.
    const mayDrawA = trial.sinceMs === null ? one.grantedA : trial.mostGrantedA
    const isItsOwn = risen.length > 0 && one.reportedA !== null && mayDrawA - reportedA >= rule.amps
      && Math.max(...rises) - Math.min(...rises) <= Math.max(steady.amps, steady.part * Math.max(...rises))
      && risen.every((phase) => riseA(phase) <= trialsA[phase])
      && phases.every((phase) => risen.includes(phase) || riseA(phase) < rule.amps / 2)
    if (!isItsOwn) {
      trial.sinceMs = null
      if (nowMs < trial.untilMs) return
      watched.trial = null
      // It has begun anew and done nothing of the kind.
      if (watched.suspicion !== null && watched.suspicion.transactionId !== one.transactionId) watched.suspicion = null
      return
    }
    trial.sinceMs ??= nowMs
    if (nowMs >= trial.untilMs + longestTrialMs) watched.trial = null
    // Whoever was not heard since may be the one that rose.
    if (nowMs - trial.sinceMs < rule.ms || heardSinceMs < trial.sinceMs + lagMs) return
    watched.suspicion = { key: one.key, transactionId: one.transactionId!, phases: risen, unexplainedA: Math.min(...rises), reportedA, sinceMs: trial.sinceMs, confirmed: false }
    watched.beforeA = trial.beforeA
    watched.calmSinceMs = null
    watched.ended = null
    watched.trial = null
  }

  /** A load that goes while the car charges on was none of it, and one that stays when it has ended neither. */
  private review(one: Reporter, watched: Watched, { restA, rule, nowMs }: { restA: PhaseAmps; rule: SuspicionRule; nowMs: number }): void {
    const { suspicion, beforeA, ended } = watched
    if (suspicion === null || beforeA === null || suspicion.confirmed) return
    if (rule.amps === 0) watched.suspicion = null
    else if (ended !== null) {
      if (suspicion.phases.every((phase) => ended.restA[phase] - restA[phase] >= fell * suspicion.unexplainedA)) watched.suspicion = { ...suspicion, confirmed: true }
      else if (nowMs - ended.atMs >= endMs) watched.suspicion = null
    } else if (one.transactionId === suspicion.transactionId) {
      const isThere = suspicion.phases.some((phase) => restA[phase] - beforeA[phase] >= rule.amps / 2)
      watched.calmSinceMs = isThere ? null : watched.calmSinceMs ?? nowMs
      if (watched.calmSinceMs !== null && nowMs - watched.calmSinceMs >= rule.ms) watched.suspicion = null
    }
  }
}

/** Where the building is counted above the most it was said to take, and who may draw much more than it reports there; null = nowhere, or nobody. */
export function aboveWorstCase(countedA: PhaseAmps, worstCaseA: PhaseAmps, reporters: readonly Reporter[], ruleOf: (key: string) => SuspicionRule): { readonly phase: Phase; readonly countedA: number; readonly keys: readonly string[] } | null {
  for (const phase of phases) {
    const overA = countedA[phase] - worstCaseA[phase]
    if (worstCaseA[phase] <= 0 || overA <= 0) continue
    const keys = reporters.filter((one) => {
      const { amps } = ruleOf(one.key)
      return amps > 0 && overA >= amps && one.transactionId !== null && one.phases.includes(phase) && one.reportedA !== null && one.grantedA - one.reportedA[phase] >= amps
    }).map(({ key }) => key)
    if (keys.length > 0) return { phase, countedA: countedA[phase], keys }
  }
  return null
}
