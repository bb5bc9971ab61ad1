// Commissioning checks as people ask for them: begun, looked at, cancelled; one at a time for each charge point.
import type { Estate } from '../estate.ts'
import { Refusal, type Caller } from '../house.ts'
import { pointEntry } from '../lookup.ts'
import { outOfReach } from '../reach.ts'
import { advance, beginCheck, checkKey, checkSchema, verdictOf, type CheckEvent, type CheckRecord, type StepRecord, type Verdict } from './check-record.ts'
import { runCheck } from './check-run.ts'

export interface CheckView {
  readonly id: string
  readonly clientID: string
  readonly state: CheckRecord['state']
  /** null while it runs. */
  readonly verdict: Verdict | null
  readonly startedAt: string
  readonly endedAt: string | null
  readonly startedBy: string
  readonly limitTest: boolean
  readonly steps: readonly (Pick<StepRecord, 'id' | 'state' | 'summary' | 'fix' | 'details'> & { readonly startedAt: string | null; readonly endedAt: string | null })[]
}

export interface CheckWanted { readonly connectorId?: number | undefined; readonly limitTest?: boolean | undefined }

/** All throw or reject with Refusal: not-found (`unknown-charge-point`). */
export interface CheckFace {
  /** Resolves once its beginning is durable; it goes on by itself. Refused: conflict (`charge-point-offline`, `check-running`, `too-many-checks`), not-found (`unknown-connector`), store-down. */
  start(clientID: string, wanted: CheckWanted, caller: Caller): Promise<CheckView>
  /** The last one. Refused: not-found (`no-check`). */
  latest(clientID: string): CheckView
  /** Undoes what it has changed at once. Refused: conflict (`no-check-running`). */
  cancel(clientID: string): Promise<CheckView>
}

interface Running { record: CheckRecord; over: boolean }

const mostRunning = 20

export class Commissioning implements CheckFace {
  private readonly estate: Estate
  /** By identity in lower case. */
  private readonly running = new Map<string, Running>()
  private stopped = false

  constructor(estate: Estate) {
    this.estate = estate
  }

  async start(clientID: string, { connectorId, limitTest = true }: CheckWanted, caller: Caller): Promise<CheckView> {
    const { estate } = this
    const { config } = pointEntry(estate, clientID).record
    if (connectorId !== undefined && !config.connectors.some(({ id }) => id === connectorId)) throw new Refusal('not-found', 'unknown-connector', `${config.id} has no connector ${connectorId}.`)
    const family = estate.familyOf(config.id)
    if (family === null) throw new Refusal('conflict', 'charge-point-changing', `${config.id} is being changed by somebody.`, { hint: 'Repeat the request.' })
    const away = outOfReach(family.station)
    if (away !== null) throw away
    const name = config.id.toLowerCase()
    if (this.running.has(name)) throw new Refusal('conflict', 'check-running', `A check of ${config.id} is under way.`, { hint: 'Look at it, or cancel it (DELETE).' })
    if (this.running.size >= mostRunning) throw new Refusal('conflict', 'too-many-checks', `${mostRunning} checks are under way.`, { hint: 'Wait until some have ended.' })
    const { clock, ids, log } = estate.options
    const run: Running = { over: false, record: beginCheck({ id: `chk_${ids.opaque().slice(0, 12)}`, clientID: config.id, startedAtMs: clock.wall(), startedBy: caller.name, connectorId: connectorId ?? null, limitTest }) }
    this.running.set(name, run)
    const { scope } = family.station
    const keep = (event: CheckEvent): void => {
      const before = run.record
      run.record = advance(before, event, clock.wall())
      if (run.record === before || this.stopped) return
      scope.put(checkKey(config.id), run.record)
      scope.flush().catch(() => undefined)
    }
    try {
      scope.put(checkKey(config.id), run.record)
      await scope.flush()
    } catch (error) {
      this.running.delete(name)
      scope.delete(checkKey(config.id))
      throw new Refusal('store-down', 'store-down', `The check was not begun: ${error instanceof Error ? error.message : String(error)}.`, { hint: 'Repeat the request when /readyz says the store is back.' })
    }
    void runCheck(estate, family, { record: run.record, caller, tell: keep, isOver: () => run.over || this.stopped })
      .catch((error: unknown) => {
        log.error({ clientID: config.id, error }, 'a commissioning check failed')
        keep({ type: 'LOST', why: 'The check itself failed; the log says why.' })
      })
      .finally(() => { if (this.running.get(name) === run) this.running.delete(name) })
    return viewOf(run.record)
  }

  latest(clientID: string): CheckView {
    const { config } = pointEntry(this.estate, clientID).record
    const record = this.running.get(config.id.toLowerCase())?.record ?? this.kept(config.id, config.site)
    if (record === null) throw new Refusal('not-found', 'no-check', `${config.id} was never checked.`, { hint: `POST /api/v1/chargepoints/${encodeURIComponent(config.id)}/check begins a check.` })
    return viewOf(record)
  }

  async cancel(clientID: string): Promise<CheckView> {
    const { config } = pointEntry(this.estate, clientID).record
    const name = config.id.toLowerCase()
    const run = this.running.get(name)
    if (run === undefined) throw new Refusal('conflict', 'no-check-running', `No check of ${config.id} is under way.`)
    run.over = true
    run.record = advance(run.record, { type: 'CANCELLED' }, this.estate.options.clock.wall())
    const site = this.estate.sites.get(config.site)
    for (const { id } of config.connectors) site?.room.capForCheck(`${config.id}/${id}`, null)
    site?.scope.put(checkKey(config.id), run.record)
    await site?.scope.flush().catch(() => undefined)
    return viewOf(run.record)
  }

  /** Nothing is put any more: what runs is found interrupted by whoever looks next. */
  stop(): void {
    this.stopped = true
  }

  /** As it is in the store; one that runs there and not here was interrupted. */
  private kept(clientID: string, siteID: string): CheckRecord | null {
    const scope = this.estate.sites.get(siteID)?.scope
    const parsed = checkSchema.safeParse(scope?.get(checkKey(clientID)))
    if (scope === undefined || !parsed.success) return null
    const record = advance(parsed.data, { type: 'RESTARTED' }, this.estate.options.clock.wall())
    if (record !== parsed.data) scope.put(checkKey(clientID), record)
    return record
  }
}

function viewOf(record: CheckRecord): CheckView {
  const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())
  return {
    id: record.id, clientID: record.clientID, state: record.state, verdict: verdictOf(record), startedAt: new Date(record.startedAtMs).toISOString(), endedAt: iso(record.endedAtMs), startedBy: record.startedBy, limitTest: record.limitTest,
    steps: record.steps.map(({ id, state, summary, fix, details, startedAtMs, endedAtMs }) => ({ id, state, summary, fix, details, startedAt: iso(startedAtMs), endedAt: iso(endedAtMs) })),
  }
}
