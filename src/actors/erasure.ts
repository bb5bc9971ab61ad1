// Forgets a person's id tag on request: the tag goes, and in everything that is kept another name stands in its place; resumed after a crash.
import { z } from 'zod'
import type { TransactionRecord } from '../sessions/record.ts'
import { Archive } from './archive.ts'
import { ErasedFiles, erasurePrefix, filesRemain, type FilesDone } from './erased-files.ts'
import { textWithoutTag, withoutTag, wordsWithoutTag } from './erased-tag.ts'
import { eraseInReasons, eraseInScope, type Erased } from './erasure-in-scope.ts'
import type { Estate } from './estate.ts'
import { globalScope } from './global-scope.ts'
import { Refusal, type Caller } from './house.ts'
import { MessageBlocks, messageSeries, readBlock } from './message-block.ts'
import { write } from './records.ts'
import { hasFinished } from './command-record.ts'
import { isLive } from './reservation-record.ts'
import { openScope } from './scope.ts'
import type { SeriesEntry } from '../store/port.ts'

export interface ErasureView {
  /** What stands in its place. */
  readonly erasedAs: string
  readonly at: string
  /** How much was changed, by kind. */
  readonly changed: Erased
  /** Where it may still be found, and until when; null = not for kwota to say. */
  readonly remains: readonly { readonly what: string; readonly until: string | null }[]
}

export interface ErasureFace {
  /** Rejects with Refusal: conflict while it is in use or in the file (`transaction-running`, `reservation-held`, `command-waiting`, `id-tag-in-file`), store-down (asked again it goes on). */
  erase(idTag: string, reason: string, caller: Caller): Promise<ErasureView>
}

const markerSchema = z.object({ v: z.literal(1), idTag: z.string(), name: z.string(), by: z.string(), requestId: z.string(), reason: z.string(), atMs: z.number() })
type Marker = z.infer<typeof markerSchema>
const dayMs = 86_400_000
const blocksTogether = 200

export class Erasure implements ErasureFace {
  private readonly estate: Estate
  private readonly files: ErasedFiles
  private readonly blocks = new MessageBlocks()
  private readonly inWebhooks: (idTag: string, name: string) => void
  private last: Promise<unknown> = Promise.resolve()

  /** `inWebhooks` takes it out of what waits to be sent. */
  constructor(estate: Estate, inWebhooks: (idTag: string, name: string) => void = () => undefined) {
    this.estate = estate
    this.inWebhooks = inWebhooks
    this.files = new ErasedFiles(estate)
  }

  erase(idTag: string, reason: string, caller: Caller): Promise<ErasureView> {
    return this.alone(async () => {
      const { global, options: { ids, clock } } = this.estate
      const begun = this.begun().find((one) => one.idTag.toLowerCase() === idTag.toLowerCase())
      if (begun !== undefined) return this.carryOut(begun)
      this.refuseInUse(idTag)
      const name = `erased-${ids.opaque().slice(0, 12)}`
      // What somebody writes about it may name it.
      const marker: Marker = { v: 1, idTag, name, by: caller.name, requestId: caller.requestId, reason: wordsWithoutTag(reason, idTag, name), atMs: clock.wall() }
      await write(global, { [`erasing:${name}`]: marker })
      return this.carryOut(marker)
    })
  }

  /** Goes on with what a crash has interrupted. */
  resume(): void {
    for (const marker of this.begun()) {
      void this.alone(() => this.carryOut(marker)).catch((error: unknown) => this.estate.options.log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'an id tag could not be erased; asked for again it goes on'))
    }
    void this.alone(async () => this.files.resume())
  }

  private begun(): Marker[] {
    return this.estate.global.entries('erasing:').flatMap(([, value]) => markerSchema.safeParse(value).data ?? [])
  }

  private async carryOut({ idTag, name, by, requestId, reason, atMs }: Marker): Promise<ErasureView> {
    const { idTags, messages, options: { store, clock, log }, global } = this.estate
    const changed = { idTags: 0, groupMembers: 0, cachedAnswers: 0, transactions: 0, orphans: 0, reservations: 0, commands: 0, messages: 0 }
    try {
      const tagCaller = { name: by, requestId }
      if (idTags.find(idTag) !== undefined) {
        await idTags.remove(idTag)
        changed.idTags++
      }
      for (const { value } of idTags.list()) {
        if (value.parentIdTag?.toLowerCase() !== idTag.toLowerCase()) continue
        await idTags.put({ ...value, parentIdTag: name }, tagCaller)
        changed.groupMembers++
      }
      await messages.flush()
      for (const siteID of (await store.scopes()).filter((one) => one !== globalScope)) {
        // What moves into the archive meanwhile has lost it before; what comes back out of it loses it after.
        add(changed, await this.inScope(siteID, idTag, name))
        changed.transactions += await this.inArchive(siteID, idTag, name)
        changed.messages += await this.inMessages(siteID, idTag, name, clock.wall())
        add(changed, await this.inScope(siteID, idTag, name))
      }
      this.inWebhooks(idTag, name)
      eraseInReasons(global, erasurePrefix, idTag, name)
      await write(global, { [`erasing:${name}`]: null, [`${erasurePrefix}${name}`]: { v: 1, name, by, requestId, reason, atMs, finishedAtMs: clock.wall(), changed } })
    } catch (error) {
      if (error instanceof Refusal && error.kind !== 'store-down') throw error
      throw new Refusal('store-down', 'store-down', `The store does not take it: ${error instanceof Error ? error.message : String(error)}. Some of it is done.`, { hint: 'Repeat the request when /readyz says the store is back: it goes on where it was.' })
    }
    log.info({ name, by }, 'an id tag was erased')
    return { erasedAs: name, at: new Date(clock.wall()).toISOString(), changed, remains: this.remains(await this.files.rewrite()) }
  }

  private async inArchive(siteID: string, idTag: string, name: string): Promise<number> {
    const { sites, options: { store, clock } } = this.estate
    const archive = sites.get(siteID)?.archive ?? new Archive({ siteID, store, clock })
    let changed = 0
    for (let fromMs: number | null = 0; fromMs !== null;) {
      const done: { readonly changed: number; readonly nextMs: number | null } = await archive.rewrite(fromMs, (record) => this.without(record, idTag, name))
      changed += done.changed
      fromMs = done.nextMs
      await this.pause()
    }
    return changed
  }

  /** Its tally may be at hand, for late readings: it would bring the tag back. */
  private without(record: TransactionRecord, idTag: string, name: string): TransactionRecord {
    const after = withoutTag(record, idTag, name)
    const tally = after === record ? undefined : this.estate.point(record.clientID)?.family?.station.tallies.find(record.id)
    if (tally !== undefined) tally.record = withoutTag(tally.record, idTag, name)
    return after
  }

  private async inMessages(siteID: string, idTag: string, name: string, untilMs: number): Promise<number> {
    const { store } = this.estate.options
    let changed = 0
    for (let fromMs = 0; ;) {
      const blocks = await store.range(siteID, messageSeries, fromMs, untilMs + 1, blocksTogether)
      const last = blocks.at(-1)
      if (last === undefined) return changed
      for (const atMs of new Set(blocks.map((block) => block.atMs))) {
        const before = await store.range(siteID, messageSeries, atMs, atMs + 1)
        let rows = 0
        const after = before.map((block) => this.blockWithout(siteID, block, idTag, name, () => { rows++ }))
        if (rows > 0) await store.replace(siteID, messageSeries, atMs, atMs + 1, after, { durable: true })
        changed += rows
      }
      fromMs = last.atMs + 1
      await this.pause()
    }
  }

  /** Itself where it does not hold the tag. */
  private blockWithout(siteID: string, block: SeriesEntry, idTag: string, name: string, changed: () => void): SeriesEntry {
    const rows = readBlock(siteID, block.atMs, block.value)
    const after = rows.map((row) => {
      const [request, answer] = [row.request, row.answer].map((text) => (text === null ? null : textWithoutTag(text, idTag, name))) as [string | null, string | null]
      if (request === row.request && answer === row.answer) return row
      changed()
      return { ...row, request, answer }
    })
    if (rows.every((row, index) => row === after[index])) return block
    return { atMs: block.atMs, value: this.blocks.at(block.atMs, after) }
  }

  /** Also of a site that is no more: what it did is still kept. */
  private async inScope(siteID: string, idTag: string, name: string): Promise<Partial<Erased>> {
    const { sites, options: { store, clock } } = this.estate
    const site = sites.get(siteID)
    const scope = site?.scope ?? await openScope({ store, clock, name: siteID })
    const done = eraseInScope(this.estate, scope, idTag, name)
    if (site === undefined) await scope.flush().finally(() => scope.close())
    else await scope.flush()
    return done
  }

  private refuseInUse(idTag: string): void {
    const { points, reservations, commands, options } = this.estate
    const is = (given: unknown): boolean => typeof given === 'string' && given.toLowerCase() === idTag.toLowerCase()
    for (const { family } of points.values()) {
      const running = [...family?.station.tallies.running.values() ?? []].find(({ record }) => is(record.idTag))
      if (running !== undefined) throw new Refusal('conflict', 'transaction-running', `Transaction ${running.record.id} of this id tag runs.`, { hint: 'Stop the transaction first.' })
      const waiting = family === null ? undefined : commands.liveOf(family.clientID).find((one) => !hasFinished(one) && is(one.request['idTag']))
      if (waiting !== undefined) throw new Refusal('conflict', 'command-waiting', `Command ${waiting.id} for this id tag has not ended.`, { hint: 'Wait until it has ended, or cancel it first.' })
    }
    const held = reservations.list().find((one) => isLive(one) && is(one.idTag))
    if (held !== undefined) throw new Refusal('conflict', 'reservation-held', `Reservation ${held.id} is held for this id tag.`, { hint: 'Cancel the reservation first.' })
    if ((options.idTags ?? []).some(({ id, parentIdTag }) => is(id) || is(parentIdTag))) throw new Refusal('conflict', 'id-tag-in-file', 'kwota.yaml names this id tag: it would be back at the next start.', { hint: 'Take it out of kwota.yaml, restart kwota, then ask again.' })
  }

  private remains(files: FilesDone): ErasureView['remains'] {
    const nowMs = this.estate.options.clock.wall()
    const { retention, options: { uploads } } = this.estate
    return [
      { what: 'recent events and alerts in memory: until newer ones take their place, at the latest until kwota restarts', until: null },
      { what: 'answers kept under an Idempotency-Key', until: new Date(nowMs + dayMs).toISOString() },
      ...(uploads === undefined ? [] : [{ what: 'files that charge points have sent (diagnostics, security logs)', until: new Date(nowMs + uploads.keepDays * dayMs).toISOString() }]),
      { what: filesRemain(files), until: null },
      { what: 'the log of this process, and backups of its store', until: null },
      { what: 'words of people anywhere but in reasons for erasing, and for putting transactions and orphans right: reasons of limits, names', until: null },
      { what: 'the local list of a charge point that was not reached yet: kwota keeps what it holds until it was taken out there', until: null },
      { what: 'hashes by which a start that is sent again is known, of charge point, connector, id tag, time and meter: nobody can turn one back, but who knows all the rest can try an id tag on it; they go with their transactions', until: new Date(nowMs + retention.days('transactions') * dayMs).toISOString() },
      { what: 'data of vendor messages (DataTransfer), which kwota does not read', until: null },
      { what: 'the charge points themselves: their own cache and logs are theirs', until: null },
    ]
  }

  private alone<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.last.then(act)
    this.last = mine.catch(() => undefined)
    return mine
  }

  private pause(): Promise<void> {
    const { pause, clock } = this.estate.options
    return pause?.() ?? new Promise((resolve) => { clock.after(0, resolve) })
  }
}

function add(sum: Record<keyof Erased, number>, more: Partial<Erased>): void {
  for (const [kind, count] of Object.entries(more)) sum[kind as keyof Erased] += count
}
