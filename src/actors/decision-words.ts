// A decision in one line: what set it off, and who has what now.
import type { DecisionCause } from './decision-reader.ts'
import type { DecisionView } from './decision-record.ts'

/** What sets a decision off, in words. */
export const causes: Readonly<Record<DecisionCause, string>> = {
  'station-connected': 'A charge point connected', 'station-booted': 'A charge point booted', 'station-online': 'A charge point is back', 'station-offline': 'A charge point went offline',
  'profiles-doubted': 'A charge point said something else than its profiles', 'status-changed': 'A connector changed its status', 'transaction-started': 'A car started', 'transaction-stopped': 'A car stopped',
  'profile-answered': 'A charge point answered', 'site-limit-set': 'The grid limit was changed', 'base-load-read': 'The load of the building changed', 'car-told': 'What is known of a car was changed',
  'check-cap-set': 'A commissioning check began or ended its limit test', 'transaction-withheld': 'A transaction reached its limit', reconfigured: 'The configuration was changed', due: 'A change that was due', quarantined: 'The engine failed and held its failsafe',
  start: 'kwota started', sample: 'A reading came', curtailment: 'A curtailment was changed', 'charging-profiles': 'Charging profiles were changed', 'quirks-learnt': 'A charge point was learnt to want other profiles',
}

const mostNamed = 2

function causeWords(cause: string): string {
  return Object.hasOwn(causes, cause) ? causes[cause as DecisionCause] : cause
}

/** Somebody has more or less than before. */
export function moves({ changes }: Pick<DecisionView, 'changes'>): boolean {
  return changes.some(({ before, after }) => (before?.allocatedA ?? 0) !== (after?.allocatedA ?? 0))
}

/** `The grid limit was changed: CP-03/1 16 → 10 A, CP-04/1 16 → 10 A.` */
export function decisionWords({ trigger, changes, state, deficitA }: Pick<DecisionView, 'trigger' | 'changes' | 'state' | 'deficitA'>): string {
  const moved = changes.filter(({ before, after }) => (before?.allocatedA ?? 0) !== (after?.allocatedA ?? 0))
  const missing = state === 'unenforceable' ? ` ${deficitA} A are missing.` : ''
  if (moved.length > 0 && moved.length <= mostNamed) return `${causeWords(trigger.cause)}: ${moved.map(named).join(', ')}.${missing}`
  const rises = moved.map(({ before, after }) => (after?.allocatedA ?? 0) - (before?.allocatedA ?? 0))
  return `${movedWords(trigger.cause, rises.filter((rise) => rise < 0).length, rises.filter((rise) => rise > 0).length)}${missing}`
}

/** `A reading came: 2 connectors lowered, 1 raised.` */
export function movedWords(cause: string, lowered: number, raised: number): string {
  const parts = [...(lowered > 0 ? [`${connectors(lowered)} lowered`] : []), ...(raised > 0 ? [`${lowered > 0 ? raised : connectors(raised)} raised`] : [])]
  return `${causeWords(cause)}: ${parts.length > 0 ? parts.join(', ') : 'everybody keeps what they have'}.`
}

function named({ clientID, connectorId, before, after }: DecisionView['changes'][number]): string {
  return `${clientID}/${connectorId} ${before?.allocatedA ?? 0} → ${after?.allocatedA ?? 0} A`
}

function connectors(count: number): string {
  return count === 1 ? '1 connector' : `${count} connectors`
}
