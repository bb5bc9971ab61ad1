// What binds a car and how a session stands, as people say it.
import type { TransactionView } from '../../../src/actors/views.ts'

const single: Readonly<Record<string, string>> = {
  fuse: 'the fuse', 'grid-limit': 'the grid limit', failsafe: 'the failsafe limit', 'demand-window': 'the demand window', queue: 'waiting its turn', minimum: 'too little left for one more car',
  vehicle: 'the car itself', hardware: 'the connector itself', 'transaction-limit': 'a limit of the session', profile: 'its charging profile', other: 'other limits',
}
const named: Readonly<Record<string, (id: string) => string>> = {
  circuit: (id) => `circuit ${id}`, imbalance: (id) => `the imbalance limit of ${id}`, schedule: (id) => `the limit schedule ${id}`, curtailment: () => 'the curtailment', profile: (id) => `charging profile ${id}`,
}

/** Curtailments come and go, and their ids are drawn: all are called the same. Of a `binding`, or a reason in `limitedS`: `circuit:row-a` → `circuit row-a`. */
export function limitWords(source: string): string {
  const colon = source.indexOf(':')
  const of = colon < 0 ? undefined : named[source.slice(0, colon)]
  return of === undefined ? single[source] ?? source : of(source.slice(colon + 1))
}

export const sessionWords: Readonly<Record<TransactionView['status'], string>> = {
  starting: 'starting', charging: 'charging', idle: 'connected, not charging', stopping: 'stopping', stopped: 'ended', unconfirmed: 'ended without a stop message',
}
/** What is known of its car where that says more than the last word of the charge point. */
export function stateOf({ status, doing }: Pick<TransactionView, 'status' | 'doing'>): string {
  return (status !== 'charging' && status !== 'idle') || doing === undefined ? sessionWords[status] : doingWords[doing]
}
const doingWords: Readonly<Record<NonNullable<TransactionView['doing']>, string>> = { charging: 'charging', waiting: 'waiting for kwota', paused: 'paused or full', offline: 'charge point offline' }
export const isRunning = ({ status }: Pick<TransactionView, 'status'>): boolean => status !== 'stopped' && status !== 'unconfirmed'

const reasons: Readonly<Record<string, string>> = {
  EmergencyStop: 'the emergency stop was pressed', EVDisconnected: 'the cable was unplugged at the car', HardReset: 'the charge point was reset (hard)', Local: 'stopped at the charge point', Other: 'the charge point names no reason',
  PowerLoss: 'the power failed', Reboot: 'the charge point restarted by itself', Remote: 'stopped from afar', SoftReset: 'the charge point was reset (soft)', UnlockCommand: 'the connector was unlocked', DeAuthorized: 'the id tag was refused',
}
const causes: Readonly<Record<NonNullable<TransactionView['stoppedBy']>['cause'], string>> = {
  'energy-limit': 'its energy limit was reached', 'duration-limit': 'its time limit was reached', 'cost-limit': 'its cost limit was reached', 'idle-timeout': 'it stood idle for too long', 'remote-stop': 'somebody stopped it',
  disobeying: 'the charge point did not follow its limit', correction: 'it was ended by hand in the records',
}

/** Why a session ended; null while it runs. */
export function stopWords({ status, stopReason, stoppedBy }: Pick<TransactionView, 'status' | 'stopReason' | 'stoppedBy'>): string | null {
  if (stoppedBy !== null) return `${causes[stoppedBy.cause]} (${stoppedBy.by})`
  if (status === 'unconfirmed') return 'the charge point never said that it ended'
  if (status !== 'stopped') return null
  return stopReason === null ? reasons['Local'] ?? null : reasons[stopReason] ?? stopReason
}

/** By how long, longest first, those of the same name as one; below a second nothing is said. */
export function limitedList(limitedS: Readonly<Record<string, number>>): { readonly reasons: readonly string[]; readonly words: string; readonly seconds: number }[] {
  const named = new Map<string, { readonly reasons: readonly string[]; readonly words: string; readonly seconds: number }>()
  for (const [reason, seconds] of Object.entries(limitedS)) {
    const words = limitWords(reason)
    const before = named.get(words)
    named.set(words, { reasons: [...before?.reasons ?? [], reason], words, seconds: seconds + (before?.seconds ?? 0) })
  }
  return [...named.values()].filter(({ seconds }) => seconds >= 1).sort((a, b) => b.seconds - a.seconds)
}
