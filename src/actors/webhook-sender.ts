// Sends what waits for webhooks, a few at a time to each, and says what follows from the answer: done, again later, or never again.
import { randomInt } from 'node:crypto'
import type { Poster } from '../outgoing.ts'
import type { Estate } from './estate.ts'
import { globalScope } from './global-scope.ts'
import { mostQueued, mostQueuedBytes, type WebhookQueue } from './webhook-queue.ts'
import { deliveryKey, webhookKey, type DeliveryRecord, type WebhookRecord } from './webhook-record.ts'
import { retryDelayMs } from './webhook-schedule.ts'

export interface Hook {
  record: WebhookRecord
  readonly queue: WebhookQueue
  /** A test is under way. */
  testing: boolean
  /** Its timer. */
  cancel: () => void
}

const timeoutS = 15
const mostAtOnce = 4
const mostAtOnceInAll = 64
/** What is queued is on its way to the store after so long, ms: one commit holds the events of a moment. */
const flushAfterMs = 50
const goneStatus = 410
const changedBy = 'kwota'

interface Result { readonly responseStatus: number | null; readonly error: string | null; readonly retryAfterS: number | null }

export class WebhookSender {
  private readonly estate: Estate
  private readonly hooks: ReadonlyMap<string, Hook>
  private readonly post: Poster
  private readonly abort = new AbortController()
  private running = false
  private inFlight = 0
  private flushing = false

  constructor(estate: Estate, hooks: ReadonlyMap<string, Hook>) {
    this.estate = estate
    this.hooks = hooks
    this.post = estate.options.post ?? (() => Promise.reject(new Error('nothing is sent from here')))
  }

  begin(): void {
    this.running = true
    this.pumpAll()
  }

  stop(): void {
    this.running = false
    for (const hook of this.hooks.values()) hook.cancel()
    this.abort.abort()
  }

  /** Sends what is due, and comes back when the next one is. */
  pump(hook: Hook): void {
    const { clock } = this.estate.options
    hook.cancel()
    if (!this.running || !hook.record.enabled || this.estate.global.lost || this.hooks.get(hook.record.id) !== hook) return
    while (hook.queue.inFlight < mostAtOnce && this.inFlight < mostAtOnceInAll) {
      const record = hook.queue.take(clock.wall())
      if (record === undefined) break
      void this.attempt(hook, record)
    }
    const dueMs = hook.queue.nextDueMs
    // What is due already goes when one that is under way has ended.
    if (dueMs !== null && dueMs > clock.wall()) hook.cancel = clock.after(dueMs - clock.wall(), () => this.pump(hook))
  }

  /** Whatever waits is tried now: something has changed. */
  hurry({ queue }: Hook): void {
    for (const record of queue.hurry(this.estate.options.clock.wall())) this.keep(record)
  }

  /** Puts it into the store with the next commit. */
  keep(record: DeliveryRecord): void {
    const { global, options: { clock } } = this.estate
    global.put(deliveryKey(record), record)
    if (this.flushing) return
    this.flushing = true
    clock.after(flushAfterMs, () => {
      this.flushing = false
      global.flush().catch(() => undefined)
    })
  }

  /** Once, whatever comes of it. */
  async tryOnce(hook: Hook, record: DeliveryRecord): Promise<DeliveryRecord> {
    const result = await this.send(hook, record)
    const ended = this.attempted(record, result, isSuccess(result) ? 'delivered' : 'failed', null)
    this.finish(hook, ended)
    return ended
  }

  /** Raises or resolves what people are told of it, by how it stands. */
  tell({ record, queue }: Hook): void {
    const { alerts, options: { clock } } = this.estate
    const overfull = queue.dropped > 0 && (queue.size > mostQueued / 2 || queue.bytes > mostQueuedBytes / 2)
    const why = record.disabledReason !== null ? `was disabled: ${record.disabledReason}` : overfull ? `loses events: ${queue.dropped} were dropped, the oldest first, because more wait than are taken` : null
    alerts.set(causeOf(record), why === null ? null : `The webhook ${record.id} (${hostOf(record.url)}) ${why}.`, clock.wall())
  }

  /** It is no more. */
  forget({ record }: Hook): void {
    this.estate.alerts.set(causeOf(record), null, this.estate.options.clock.wall())
  }

  private pumpAll(): void {
    for (const hook of this.hooks.values()) this.pump(hook)
  }

  private async attempt(hook: Hook, record: DeliveryRecord): Promise<void> {
    this.inFlight++
    const result = await this.send(hook, record)
    this.inFlight--
    // Killed or removed meanwhile: nobody may say anything of it.
    if (!this.running || this.hooks.get(hook.record.id) !== hook) return
    this.settle(hook, record, result)
    this.pumpAll()
  }

  private settle(hook: Hook, record: DeliveryRecord, result: Result): void {
    if (isSuccess(result)) {
      this.finish(hook, this.attempted(record, result, 'delivered', null))
      return this.tell(hook)
    }
    const delayMs = retryDelayMs(record.attempts + 1, randomInt(1_000_000) / 1_000_000, result.retryAfterS)
    const { clock, log } = this.estate.options
    const { id, url } = hook.record
    log.warn({ webhookID: id, host: hostOf(url), status: result.responseStatus, reason: result.error, attempts: record.attempts + 1 }, 'a webhook did not take an event')
    if (delayMs !== null) {
      this.keep(hook.queue.again(this.attempted(record, result, 'pending', clock.wall() + delayMs)))
    } else {
      const failed = this.attempted(record, result, 'failed', null)
      this.finish(hook, failed)
      // Nothing at all has arrived since it was tried first, three days ago.
      if ((hook.queue.lastDeliveredAtMs ?? 0) < (failed.firstAttemptAtMs ?? 0)) this.disable(hook, 'nothing was taken for three days')
    }
    if (result.responseStatus === goneStatus) this.disable(hook, 'it answered 410 Gone')
  }

  private disable(hook: Hook, disabledReason: string): void {
    const { global, options: { clock, log } } = this.estate
    if (!hook.record.enabled) return
    hook.record = { ...hook.record, enabled: false, disabledReason, version: hook.record.version + 1, changedAt: new Date(clock.wall()).toISOString(), changedBy }
    global.put(webhookKey(hook.record.id), hook.record)
    global.flush().catch(() => undefined)
    log.warn({ webhookID: hook.record.id, reason: disabledReason }, 'a webhook was disabled')
    this.tell(hook)
  }

  private finish(hook: Hook, record: DeliveryRecord): void {
    const { global } = this.estate
    for (const old of hook.queue.finish(record)) global.delete(deliveryKey(old))
    if (hook.queue.last !== undefined) this.keep(hook.queue.last)
  }

  private attempted(record: DeliveryRecord, { responseStatus, error }: Result, status: DeliveryRecord['status'], nextAttemptAtMs: number | null): DeliveryRecord {
    const nowMs = this.estate.options.clock.wall()
    return { ...record, status, attempts: record.attempts + 1, firstAttemptAtMs: record.firstAttemptAtMs ?? nowMs, lastAttemptAtMs: nowMs, nextAttemptAtMs, responseStatus, error }
  }

  /** Never rejects. */
  private async send({ record: { url, secret, former } }: Hook, { eventId, payload }: DeliveryRecord): Promise<Result> {
    const { clock, vendors } = this.estate.options
    const secrets = former !== null && former.untilMs > clock.wall() ? [secret, former.secret] : [secret]
    try {
      return await this.post({ url, id: eventId, secrets, body: payload ?? '', timeoutS, trusted: vendors?.allowPrivate === true, signal: this.abort.signal }, ({ status, retryAfterS }) => ({
        responseStatus: status, error: status >= 200 && status < 300 ? null : `it answered with status ${status}`, retryAfterS,
      }))
    } catch (error) {
      return { responseStatus: null, error: (error instanceof Error ? error.message : String(error)).slice(0, 256), retryAfterS: null }
    }
  }
}

function isSuccess({ error }: Result): boolean {
  return error === null
}

function causeOf({ id, siteID }: WebhookRecord) {
  return { code: 'webhook-failing', siteID: siteID ?? globalScope, about: id } as const
}

/** Whatever else is in its address may be a secret. */
function hostOf(url: string): string {
  return new URL(url).host
}
