// The terms of a transaction as people ask for them: what it costs, so that it can be worked out again, and the limits it has of its own.
import type { Cost } from '../sessions/price.ts'
import { withTrail } from '../sessions/record-parts.ts'
import { hasEnded, toView, type TransactionRecord } from '../sessions/record.ts'
import type { TariffVersion } from '../sessions/tariff.ts'
import type { Estate } from './estate.ts'
import { recordOf } from './handlers/counting.ts'
import { Refusal, type Caller } from './house.ts'
import { runningView } from './limits-in-force.ts'
import { storeDown } from './records.ts'
import { changeRunning } from './stop-cause.ts'
import { findRecord } from './transaction-reader.ts'
import type { TransactionView } from './views.ts'

/** What a transaction comes to: by these lines, this tariff and this energy anybody can work it out again (docs/transactions.md). */
export interface CostView {
  readonly transactionId: number
  readonly amountMinor: number
  readonly currency: string
  /** It has stopped: nothing changes any more but by late readings and corrections. */
  readonly final: boolean
  /** Up to when it is counted. */
  readonly at: string
  readonly startedAt: string
  readonly tariff: TariffVersion
  /** The clock that the blocks of the tariff go by. */
  readonly timezone: string
  readonly lines: Cost['lines']
  /** To a thousandth. */
  readonly energyWh: number
  readonly idleS: number
  /** Not 0 = the energy is doubtful, and so is what it costs. */
  readonly anomalies: number
  readonly rounding: 'half up, once, to a whole minor unit'
}

/** null = not limited by this any more; absent = as it is. */
export interface LimitsPatch { readonly energyWh?: number | null | undefined; readonly durationS?: number | null | undefined; readonly costMinor?: number | null | undefined }

export interface TermsFace {
  /** Rejects with Refusal: not-found, conflict (`no-tariff`, `not-counted-yet`), store-down. */
  cost(id: number): Promise<CostView>
  /** Durable, and kept in its trail. Rejects with Refusal: not-found, conflict (`transaction-ended`), invalid (`no-tariff`), store-down. */
  setLimits(id: number, patch: LimitsPatch, caller: Caller): Promise<TransactionView>
}

export class TermsOffice implements TermsFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  async cost(id: number): Promise<CostView> {
    const { record } = await findRecord(this.estate, id)
    const { tariff, cost, timezone, status, startedAtMs, stoppedAtMs, energyMWh, idleMs, anomalies } = record
    if (tariff === null) throw new Refusal('conflict', 'no-tariff', `Transaction ${id} began without a tariff, so it costs nothing.`, { hint: 'Give its site, its charge point or its id tag a tariffId; transactions that begin then have one.' })
    if (cost === null) throw new Refusal('conflict', 'not-counted-yet', `Transaction ${id} has not been counted since kwota started.`, { hint: 'Repeat the request in some seconds.' })
    return {
      transactionId: id, ...cost, final: status === 'stopped',
      at: iso(stoppedAtMs ?? this.estate.options.clock.wall()), startedAt: iso(startedAtMs), tariff, timezone,
      energyWh: energyMWh / 1000, idleS: Math.floor(idleMs / 1000), anomalies, rounding: 'half up, once, to a whole minor unit',
    }
  }

  async setLimits(id: number, patch: LimitsPatch, caller: Caller): Promise<TransactionView> {
    const { record } = await findRecord(this.estate, id)
    const station = hasEnded(record) ? undefined : this.estate.familyOf(record.clientID)?.station
    if (station === undefined || !station.tallies.running.has(id)) throw new Refusal('conflict', 'transaction-ended', `Transaction ${id} has ended${record.stoppedAtMs === null ? '' : ` at ${iso(record.stoppedAtMs)}`}: nothing limits it any more.`, { hint: 'GET /api/v1/transactions?status=charging lists some that run.' })
    if (typeof patch.costMinor === 'number' && record.tariff === null) throw new Refusal('invalid', 'no-tariff', `/limits/costMinor: transaction ${id} began without a tariff, so its cost limits nothing.`, { errors: [{ pointer: '/limits/costMinor', message: 'it has no tariff' }], hint: 'Limit its energy or its duration instead.' })
    const before = record.limits
    const limits = patched(before, patch)
    const { name: by, requestId } = caller
    changeRunning(station, id, (now) => withTrail({ ...now, limits }, { atMs: station.clock.wall(), by, requestId, what: 'limits', before, after: limits }))
    await station.scope.flush().catch((error: unknown) => {
      changeRunning(station, id, (now) => (now.limits === limits ? { ...now, limits: before, trail: now.trail.filter((entry) => entry.requestId !== requestId || entry.what !== 'limits') } : now))
      throw storeDown(error)
    })
    const after = recordOf(station, id) ?? (await findRecord(this.estate, id)).record
    const view = hasEnded(after) ? toView(after) : runningView(station, after)
    station.emit('transaction.updated', view, after.connectorId)
    return view
  }
}

function patched(limits: TransactionRecord['limits'], patch: LimitsPatch): TransactionRecord['limits'] {
  const said = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
  return Object.fromEntries(Object.entries({ ...limits, ...said }).filter(([, value]) => value !== null))
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
