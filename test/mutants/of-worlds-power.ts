// Planted bugs in what is decided: the ledger, the base load, what is shared, and what is sent when.
import type { WorldMutant } from './of-worlds.ts'

export const powerWorldMutants: readonly WorldMutant[] = [
  {
    id: 'raise-before-lower', breaks: 'a lowering frees what it takes away as soon as it is accepted',
    file: 'power/ledger.js', find: 'return row.settling !== null && nowMs < settledAtMs(row.settling, row.heldUntilMs);', replace: 'return false;',
    witness: 'I2', seed: 85,
  },
  {
    id: 'settled-after-a-second', breaks: 'a lowering counts as proven a second after it was accepted',
    file: 'power/ledger.js', find: 'export const settleMs = 10_000', replace: 'export const settleMs = 1_000',
    witness: 'I2', seed: 85,
  },
  {
    id: 'in-flight-is-nothing', breaks: 'what was sent and not answered is not reserved',
    file: 'power/ledger.js', find: 'for (const entry of slot.inFlight)\n        worst', replace: 'for (const entry of [])\n        worst',
    witness: 'ledger', seed: 90,
  },
  {
    id: 'unknown-is-nothing', breaks: 'a charger whose fallback was never confirmed counts nothing',
    file: 'power/ledger.js', find: 'return row.hardwareA;', replace: 'return 0;',
    witness: 'ledger', seed: 62,
  },
  {
    id: 'leases-end-early', breaks: 'a lease counts as over a minute before it ends',
    file: 'power/ledger.js', find: 'nowMs >= entry.leaseEndsAtMs + leaseMarginMs', replace: 'nowMs >= entry.leaseEndsAtMs - 60_000',
    witness: 'ledger', seed: 18,
  },
  {
    id: 'raised-without-room', breaks: 'a raising need not fit',
    file: 'power/raising.js', find: 'if ([...growth].some(', replace: 'if (false && [...growth].some(',
    witness: 'I1', seed: 85,
  },
  {
    id: 'pauses-never-end', breaks: 'a paused car waits a minute from now on, always',
    file: 'power/raising.js', find: 'row.pausedByLimit ? (wantedSinceMs ?? nowMs) + calm.pauseMs : 0', replace: 'row.pausedByLimit ? nowMs + calm.pauseMs : 0',
    witness: 'liveness', seed: 125,
  },
  {
    id: 'stale-meter-kept', breaks: 'the last reading of a silent meter counts for ever',
    file: 'power/base.js', find: 'return nowMs - state.meterAtMs > settings.staleAfterMs ? \'stale\' : \'fresh\';', replace: 'return \'fresh\';',
    witness: 'I4', seed: 125,
  },
  {
    id: 'export-is-credited', breaks: 'a negative base load makes room',
    file: 'power/base.js', find: 'settings.creditExport ? highest : Math.max(0, highest)', replace: 'highest',
    witness: 'I4', seed: 61,
  },
  {
    id: 'never-means-zero', breaks: 'a meter that never spoke or fell silent leaves no base load',
    file: 'power/base.js', find: 'return settings.worstCaseA;', replace: 'return state.meterA ?? nothing;',
    witness: 'I4', seed: 125,
  },
  {
    id: 'offline-is-nothing', breaks: 'who is out of reach is not reserved for',
    file: 'power/loads.js', find: 'const reserved = reservedA(place.row, nowMs);', replace: 'const reserved = place.online ? reservedA(place.row, nowMs) : noLoad;',
    witness: 'ledger', seed: 125,
  },
  {
    id: 'watts-of-one-phase', breaks: 'a limit in watts bounds one phase',
    file: 'power/loads.js', find: 'return (spread.L1 + spread.L2 + spread.L3) * ground.tree.site.voltage;', replace: 'return spread.L1 * ground.tree.site.voltage;',
    witness: 'I1', seed: 85,
  },
  {
    id: 'circuits-hang-nowhere', breaks: 'what a circuit draws is not counted above it',
    file: 'power/tree.js', find: 'path: [circuit.id, ...parent.path]', replace: 'path: [circuit.id]',
    witness: 'I2', seed: 85,
  },
  {
    id: 'ttl-never-ends', breaks: 'a limit with a time to live holds for ever',
    file: 'power/limits.js', find: 'return limit?.expiresAtMs !== undefined && nowMs >= limit.expiresAtMs;', replace: 'return false;',
    witness: 'alerted', seed: 122,
  },
  {
    id: 'grid-limit-not-kept', breaks: 'the standing grid limit is not kept',
    file: 'power/limits.js', find: 'onNode(site.id, \'grid-limit\', grid)', replace: '[]',
    witness: 'I2', seed: 83,
  },
  {
    id: 'minimum-ignored', breaks: 'a car may be given less than its minimum',
    file: 'power/participant.js', find: 'minA: startMinA(place)', replace: 'minA: 1',
    witness: 'I3', seed: 85,
  },
  {
    id: 'only-minimums', breaks: 'cars under a limit that is full are left at their minimum',
    file: 'power/filling.js', find: 'Math.max(leastOf(member), weights[who] * level)', replace: 'leastOf(member)',
    witness: 'feasible', seed: 164,
  },
  {
    id: 'default-not-sent', breaks: 'the TxDefaultProfile is never sent',
    file: 'power/zone-plan.js', find: 'for (const slot of [\'default\', \'tx\'])', replace: 'for (const slot of [\'tx\'])',
    witness: 'liveness', seed: 85,
  },
]
