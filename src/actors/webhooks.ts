// Webhooks: people name addresses, and what happens is put into a durable queue for each of them, at most so much, and sent from there.
import { randomBytes } from 'node:crypto'
import type { Subscription } from 'rxjs'
import { isInnerAddress } from '../addresses.ts'
import type { Estate } from './estate.ts'
import { textWithoutTag } from './erased-tag.ts'
import { globalScope } from './global-scope.ts'
import { Refusal, type KwotaEvent, type Versioned } from './house.ts'
import { write } from './records.ts'
import { maskTags } from './tag-mask.ts'
import { WebhookSender, type Hook } from './webhook-sender.ts'
import { WebhookQueue } from './webhook-queue.ts'
import { deliveriesPrefix, deliveryKey, deliveryRecordSchema, deliveryView, webhookKey, webhookRecordSchema, webhookView, type DeliveryRecord, type DeliveryView, type GivenWebhook, type WebhookFace, type WebhookRecord, type WebhookView } from './webhook-record.ts'

const mostWebhooks = 100
/** Of what waits for all of them together; the fullest queue loses its oldest. */
const mostQueuedInAll = 50_000
const mostQueuedBytesInAll = 64 * 1024 * 1024
/** A longer event is told without its data. */
const longestPayloadBytes = 64 * 1024

export class Webhooks implements WebhookFace {
  private readonly estate: Estate
  private readonly hooks = new Map<string, Hook>()
  private readonly sender: WebhookSender
  private unsubscribe: () => void = () => undefined
  private samples: Subscription | null = null
  private last: Promise<unknown> = Promise.resolve()

  constructor(estate: Estate) {
    this.estate = estate
    this.sender = new WebhookSender(estate, this.hooks)
    for (const [, value] of estate.global.entries('webhook:')) {
      const record = webhookRecordSchema.safeParse(value).data
      if (record !== undefined) this.hooks.set(record.id, this.restored(record))
    }
  }

  /** From now on what happens is queued, and what waits is sent. */
  begin(): void {
    for (const hook of this.hooks.values()) this.sender.tell(hook)
    const heard = this.estate.events.facts$.subscribe((event) => this.offer(event))
    this.unsubscribe = () => {
      heard.unsubscribe()
      this.samples?.unsubscribe()
    }
    this.hearSamples()
    this.sender.begin()
  }

  stop(): void {
    this.unsubscribe()
    this.sender.stop()
  }

  list(): readonly Versioned<WebhookView>[] { return [...this.hooks.values()].map((hook) => this.view(hook)) }

  get(id: string): Versioned<WebhookView> { return this.view(this.find(id)) }

  deliveries(id: string): readonly DeliveryView[] { return this.find(id).queue.list().map(deliveryView) }

  create(given: GivenWebhook, secret: string | undefined, by: string): Promise<{ readonly webhook: Versioned<WebhookView>; readonly secret: string }> {
    return this.inTurn(async () => {
      if (this.hooks.size >= mostWebhooks) throw new Refusal('conflict', 'too-many-webhooks', `At most ${mostWebhooks} webhooks are kept.`, { hint: 'DELETE those that nobody reads.' })
      this.check(given)
      const at = this.now()
      const record: WebhookRecord = {
        v: 1, id: `whk_${randomBytes(6).toString('hex')}`, ...plain(given), disabledReason: null, secret: secret ?? newSecret(), former: null,
        createdAt: at, createdBy: by, version: 1, changedAt: at, changedBy: by,
      }
      await write(this.estate.global, { [webhookKey(record.id)]: record })
      const hook = { record, queue: new WebhookQueue(), testing: false, cancel: () => undefined }
      this.hooks.set(record.id, hook)
      this.hearSamples()
      return { webhook: this.view(hook), secret: record.secret }
    })
  }

  change(id: string, given: Partial<GivenWebhook>, by: string): Promise<Versioned<WebhookView>> {
    return this.inTurn(async () => {
      const hook = this.find(id)
      this.check(given)
      await this.revise(hook, { ...plain({ ...hook.record, ...given } as GivenWebhook), ...(given.enabled === true && { disabledReason: null }) }, by)
      if (given.enabled === true || given.url !== undefined) this.sender.hurry(hook)
      this.sender.tell(hook)
      this.sender.pump(hook)
      return this.view(hook)
    })
  }

  rotate(id: string, given: string | undefined, keepFormerS: number, by: string): Promise<{ readonly webhook: Versioned<WebhookView>; readonly secret: string }> {
    return this.inTurn(async () => {
      const hook = this.find(id)
      const secret = given ?? newSecret()
      const former = keepFormerS === 0 ? null : { secret: hook.record.secret, untilMs: this.nowMs() + keepFormerS * 1000 }
      await this.revise(hook, { secret, former }, by)
      return { webhook: this.view(hook), secret }
    })
  }

  remove(id: string): Promise<void> {
    return this.inTurn(async () => {
      const hook = this.find(id)
      const { global } = this.estate
      await write(global, Object.fromEntries([webhookKey(id), ...global.entries(deliveriesPrefix(id)).map(([key]) => key)].map((key) => [key, null])))
      hook.cancel()
      this.hooks.delete(id)
      this.hearSamples()
      this.sender.forget(hook)
      // What was under way meanwhile has left a record of its end.
      for (const [key] of global.entries(deliveriesPrefix(id))) global.delete(key)
    })
  }

  async test(id: string): Promise<DeliveryView> {
    const hook = this.find(id)
    if (hook.testing) throw new Refusal('conflict', 'test-running', 'A test of this webhook is under way.', { hint: 'Wait for its end; it takes 15 s at most.' })
    hook.testing = true
    try {
      // One that takes the events of every site is shown one of the first.
      const siteID = hook.record.siteID ?? [...this.estate.sites.keys()].toSorted()[0] ?? globalScope
      const event = { id: `test-${this.estate.options.ids.opaque()}`, type: 'webhook.test', at: this.now(), siteID, data: { webhookID: id } }
      return deliveryView(await this.sender.tryOnce(hook, { ...this.newDelivery(hook, event, JSON.stringify(event)), nextAttemptAtMs: null }))
    } finally {
      hook.testing = false
    }
  }

  /** Takes an id tag out of what waits. */
  erase(idTag: string, name: string): void {
    for (const { queue } of this.hooks.values()) for (const record of queue.rewrite((payload) => textWithoutTag(payload, idTag, name))) this.estate.global.put(deliveryKey(record), record)
  }

  /** Readings come by the thousand: they are heard while somebody has asked for them by name. */
  private hearSamples(): void {
    const wanted = [...this.hooks.values()].some(({ record: { types } }) => types?.includes('meter.sample') === true)
    if (wanted) this.samples ??= this.estate.events.samples$.subscribe((event) => this.offer(event))
    else {
      this.samples?.unsubscribe()
      this.samples = null
    }
  }

  private offer(event: KwotaEvent): void {
    for (const hook of this.hooks.values()) {
      if (!wants(hook.record, event)) continue
      const shown = hook.record.showIdTags ? event : maskTags(event, (idTag) => this.estate.tagMask.of(idTag))
      const delivery = this.newDelivery(hook, event, textOf(shown))
      hook.queue.add(delivery)
      this.sender.keep(delivery)
      this.makeRoom(hook)
      this.sender.pump(hook)
    }
  }

  private makeRoom(hook: Hook): void {
    while (hook.queue.isOver) if (!this.drop(hook)) break
    const all = [...this.hooks.values()]
    const sum = (of: (one: Hook) => number): number => all.reduce((total, one) => total + of(one), 0)
    while (sum(({ queue }) => queue.size) > mostQueuedInAll || sum(({ queue }) => queue.bytes) > mostQueuedBytesInAll) {
      const fullest = all.reduce((most, one) => (one.queue.bytes > most.queue.bytes ? one : most))
      if (!this.drop(fullest)) break
    }
  }

  private drop(hook: Hook): boolean {
    const dropped = hook.queue.dropOldest()
    if (dropped === undefined) return false
    this.estate.global.delete(deliveryKey(dropped))
    this.sender.tell(hook)
    return true
  }

  private newDelivery({ record: { id }, queue }: Hook, event: { readonly id: string; readonly type: string; readonly at: string; readonly siteID: string }, payload: string): DeliveryRecord {
    return { v: 1, webhookID: id, seq: queue.takeSeq(), eventId: event.id, type: event.type, siteID: event.siteID, at: event.at, payload, status: 'pending', attempts: 0, firstAttemptAtMs: null, lastAttemptAtMs: null, nextAttemptAtMs: this.nowMs(), responseStatus: null, error: null }
  }

  private restored(record: WebhookRecord): Hook {
    const queue = new WebhookQueue()
    const kept = this.estate.global.entries(deliveriesPrefix(record.id)).flatMap(([, value]) => deliveryRecordSchema.safeParse(value).data ?? [])
    for (const delivery of kept.sort((a, b) => a.seq - b.seq)) queue.restore(delivery)
    return { record, queue, testing: false, cancel: () => undefined }
  }

  private async revise(hook: Hook, change: Partial<WebhookRecord>, by: string): Promise<void> {
    const after: WebhookRecord = { ...hook.record, ...change, version: hook.record.version + 1, changedAt: this.now(), changedBy: by }
    await write(this.estate.global, { [webhookKey(after.id)]: after })
    hook.record = after
    this.hearSamples()
  }

  private check({ url, siteID }: Partial<GivenWebhook>): void {
    if (typeof siteID === 'string' && !this.estate.sites.has(siteID)) throw new Refusal('invalid', 'unknown-site', `There is no site ${siteID}.`, { errors: [{ pointer: '/siteID', message: `there is no site ${siteID}` }] })
    if (url === undefined || this.estate.options.vendors?.allowPrivate === true) return
    const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')
    // Names are looked up when they are called.
    if (host !== 'localhost' && !(/^[\d.]+$|:/.test(host) && isInnerAddress(host))) return
    throw new Refusal('invalid', 'private-address', `${host} is no public address.`, { hint: 'Set webhooks.allowPrivate: true in kwota.yaml where receivers lie in your own network.', errors: [{ pointer: '/url', message: `${host} is no public address` }] })
  }

  private find(id: string): Hook {
    const hook = this.hooks.get(id)
    if (hook === undefined) throw new Refusal('not-found', 'unknown-webhook', `There is no webhook ${id}.`, { hint: 'GET /api/v1/webhooks lists them.' })
    return hook
  }

  private view({ record, queue }: Hook): Versioned<WebhookView> {
    return webhookView(record, { queued: queue.size, dropped: queue.dropped, lastDeliveredAtMs: queue.lastDeliveredAtMs }, this.nowMs())
  }

  private nowMs(): number { return this.estate.options.clock.wall() }

  private now(): string { return new Date(this.nowMs()).toISOString() }

  /** One change at a time, so that each sees what the one before has made of it. */
  private inTurn<T>(change: () => Promise<T>): Promise<T> {
    const mine = this.last.then(change)
    this.last = mine.catch(() => undefined)
    return mine
  }
}

function wants({ enabled, types, siteID }: WebhookRecord, event: KwotaEvent): boolean {
  return enabled && (siteID === null || siteID === event.siteID) && (types === null ? event.type !== 'meter.sample' : types.includes(event.type))
}

function textOf(event: KwotaEvent): string {
  const text = JSON.stringify(event)
  const bytes = Buffer.byteLength(text)
  return bytes <= longestPayloadBytes ? text : JSON.stringify({ ...event, data: { omitted: 'too-large', bytes } })
}

function plain({ url, description, types, siteID, showIdTags, enabled }: GivenWebhook): Pick<WebhookRecord, 'url' | 'description' | 'types' | 'siteID' | 'showIdTags' | 'enabled'> {
  return { url, description, types: types === null ? null : [...types], siteID, showIdTags, enabled }
}

function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}
