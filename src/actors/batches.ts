// One command to many charge points: each item on its own, so many at a time, and what became of every one of them.
import { z } from 'zod'
import type { CommandRecord } from './command-record.ts'
import type { Scope } from './scope.ts'
import { Refusal } from './house.ts'

export const itemStatuses = ['waiting', 'running', 'queued', 'accepted', 'rejected', 'failed', 'timed-out', 'expired', 'cancelled', 'refused', 'interrupted'] as const
export type ItemStatus = (typeof itemStatuses)[number]

const itemSchema = z.object({
  clientID: z.string(),
  status: z.enum(itemStatuses),
  commandId: z.string().nullable(),
  /** Why it was refused or failed. */
  error: z.object({ code: z.string(), description: z.string() }).nullable(),
})
export const batchSchema = z.object({
  v: z.literal(1),
  id: z.string(),
  operation: z.string(),
  createdAtMs: z.number(),
  createdBy: z.string(),
  finishedAtMs: z.number().nullable(),
  items: z.array(itemSchema),
})
export type BatchItem = z.infer<typeof itemSchema>
type BatchRecord = z.infer<typeof batchSchema>

export interface BatchView {
  readonly id: string
  readonly operation: string
  readonly status: 'running' | 'finished' | 'interrupted'
  readonly createdAt: string
  readonly createdBy: string
  readonly finishedAt: string | null
  readonly counts: Readonly<Partial<Record<ItemStatus, number>>>
  readonly items: readonly Readonly<BatchItem>[]
}

export interface BatchOrder {
  readonly operation: string
  readonly clientIDs: readonly string[]
  readonly maxParallel: number
  readonly createdBy: string
  /** Does one item to its end; a Refusal refuses it alone. */
  run(clientID: string, batchId: string): Promise<Omit<BatchItem, 'clientID'>>
}

/** Finished ones beyond that go, oldest first. */
const mostKept = 200
const mostRunning = 10

export interface BatchPorts {
  readonly scope: Scope
  readonly wall: () => number
  readonly newId: () => string
  /** How a command stands; undefined when it is no longer held. */
  readonly command: (id: string) => Pick<CommandRecord, 'status' | 'error'> | undefined
}

export class Batches {
  private readonly ports: BatchPorts
  private readonly records = new Map<string, BatchRecord>()
  private stopped = false

  /** What ran when the process ended is interrupted: its commands can be looked up by the batch's id. */
  constructor(ports: BatchPorts) {
    this.ports = ports
    const found = ports.scope.entries('batch:').flatMap(([, value]) => {
      const parsed = batchSchema.safeParse(value)
      return parsed.success ? [parsed.data] : []
    })
    for (const record of found.toSorted((a, b) => a.createdAtMs - b.createdAtMs)) {
      this.records.set(record.id, record)
      if (record.finishedAtMs !== null) continue
      const items = record.items.map((item) => (item.status === 'waiting' || item.status === 'running' ? { ...item, status: 'interrupted' as const } : item))
      this.put({ ...record, items, finishedAtMs: ports.wall() })
    }
  }

  /** Newest first. */
  list(): BatchView[] {
    return [...this.records.values()].map((record) => this.view(record)).reverse()
  }

  get(id: string): BatchView {
    const record = this.records.get(id)
    if (record === undefined) throw new Refusal('not-found', 'unknown-batch', `There is no batch ${id}; the newest ${mostKept} are kept.`)
    return this.view(record)
  }

  /** Resolves when the batch is durable; its items run on. */
  async start(order: BatchOrder): Promise<BatchView> {
    const running = [...this.records.values()].filter(({ finishedAtMs }) => finishedAtMs === null).length
    if (running >= mostRunning) throw new Refusal('conflict', 'too-many-batches', `${running} batches run already.`, { hint: 'Wait until one has finished: GET /api/v1/batches.' })
    const record: BatchRecord = {
      v: 1, id: `bat_${this.ports.newId()}`, operation: order.operation, createdAtMs: this.ports.wall(), createdBy: order.createdBy, finishedAtMs: null,
      items: order.clientIDs.map((clientID) => ({ clientID, status: 'waiting', commandId: null, error: null })),
    }
    this.put(record)
    try {
      await this.ports.scope.flush()
    } catch (error) {
      this.ports.scope.delete(`batch:${record.id}`)
      this.records.delete(record.id)
      throw new Refusal('store-down', 'store-down', `The store does not take writes: ${error instanceof Error ? error.message : String(error)}. Nothing was sent.`, { hint: 'Repeat the request when /readyz says the store is back.' })
    }
    void this.work(record.id, order)
    return this.get(record.id)
  }

  stop(): void {
    this.stopped = true
  }

  private async work(id: string, order: BatchOrder): Promise<void> {
    const next = order.clientIDs.entries()
    const lane = async (): Promise<void> => {
      // One iterator for all lanes: each takes the next item that nobody has.
      for (const [index, clientID] of next) {
        if (this.stopped) return
        this.change(id, index, { status: 'running' })
        const outcome = await attempt(() => order.run(clientID, id)).catch((error: unknown) => ({
          status: 'refused' as const, commandId: null,
          error: error instanceof Refusal ? { code: error.code, description: error.message } : { code: 'internal', description: 'it failed inside kwota; the log has the details' },
        }))
        if (this.stopped) return
        this.change(id, index, outcome)
      }
    }
    await Promise.all(Array.from({ length: order.maxParallel }, lane))
    const record = this.records.get(id)
    if (record === undefined || this.stopped) return
    this.put({ ...record, finishedAtMs: this.ports.wall() })
    await this.ports.scope.flush().catch(() => undefined)
    this.dropOldest()
  }

  private change(id: string, index: number, changes: Partial<BatchItem>): void {
    const record = this.records.get(id)
    if (record === undefined) return
    // The list is this record's own: copying it for every item of a large batch would cost the square of it.
    const item = record.items[index]
    if (item !== undefined) record.items[index] = { ...item, ...changes }
  }

  private put(record: BatchRecord): void {
    this.records.set(record.id, record)
    this.ports.scope.put(`batch:${record.id}`, { ...record, items: [...record.items] })
  }

  private dropOldest(): void {
    for (const [id, { finishedAtMs }] of this.records) {
      if (this.records.size <= mostKept) return
      if (finishedAtMs === null) continue
      this.records.delete(id)
      this.ports.scope.delete(`batch:${id}`)
    }
  }

  private view({ id, operation, createdAtMs, createdBy, finishedAtMs, items: kept }: BatchRecord): BatchView {
    const items = kept.map((item) => this.asItStands(item))
    const counts: Partial<Record<ItemStatus, number>> = {}
    for (const { status } of items) counts[status] = (counts[status] ?? 0) + 1
    return {
      id, operation, status: finishedAtMs === null ? 'running' : counts.interrupted === undefined ? 'finished' : 'interrupted',
      createdAt: new Date(createdAtMs).toISOString(), createdBy, finishedAt: finishedAtMs === null ? null : new Date(finishedAtMs).toISOString(), counts, items,
    }
  }

  /** What waited for its charge point when its turn was over may have ended since. */
  private asItStands(item: BatchItem): BatchItem {
    const command = item.status !== 'queued' || item.commandId === null ? undefined : this.ports.command(item.commandId)
    if (command === undefined || command.status === 'queued' || command.status === 'sent') return item
    return { ...item, status: command.status, error: command.error }
  }
}

/** What throws at once is a rejection too. */
async function attempt<T>(act: () => Promise<T>): Promise<T> {
  return act()
}
