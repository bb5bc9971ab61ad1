// What the torture writes over REST, all with values of their own: limits, curtailments, reservations, id tags, waiting commands, entries of charge points.
import type { GridWitness } from './grid-witness.ts'
import type { Random } from './random.ts'
import { field, type Answer, type Rest } from './rest.ts'
import { writtenBy, type PromiseBook } from './torture-book.ts'

/** Something with an end of its own. */
export interface Deadline {
  /** Where it is read. */
  readonly path: string
  readonly kind: 'curtailment' | 'reservation' | 'command'
  readonly endsAtMs: number
  /** The fields that were acknowledged. */
  readonly fields: Readonly<Record<string, unknown>>
  readonly siteID: string
  cancelled: 'no' | 'maybe' | 'yes'
  /** Ends the witness's word of it. */
  readonly lift: () => void
}

export interface Ttl { readonly reason: string; readonly earliestMs: number; readonly latestMs: number }

export interface WritesOptions {
  readonly random: Random
  readonly book: PromiseBook
  readonly witness: GridWitness
  /** Charge points that answer ReserveNow on connector 2, and those that never come. */
  readonly stations: readonly string[]
  readonly ghosts: readonly string[]
}

export const crowd = { id: 'main', fuseA: 200, leastA: 120 }
export const annex = { id: 'annex', fuseA: 300, failsafeA: 30 }
const idTags = 12
const extras = 8

export class TortureWrites {
  readonly deadlines: Deadline[] = []
  /** By the reason of the limit they belong to. */
  readonly ttls = new Map<string, Ttl>()
  private readonly options: WritesOptions
  /** Of acknowledged changes that belong into the audit log. */
  readonly audited: string[] = []
  private count = 0
  private changes = 0

  constructor(options: WritesOptions) {
    this.options = options
  }

  /** One write; false when the line was cut. */
  async one(rest: Rest): Promise<boolean> {
    const { random } = this.options
    const turn = random.next()
    const unique = ++this.count
    if (turn < 0.05) return this.limitCrowd(rest, unique)
    if (turn < 0.2) return this.limitAnnex(rest, unique)
    if (turn < 0.36) return this.curtail(rest, unique)
    if (turn < 0.42) return this.cancelCurtailment(rest)
    if (turn < 0.54) return this.reserve(rest, unique)
    if (turn < 0.72) return this.putTag(rest, unique)
    if (turn < 0.86) return this.queueCommand(rest, unique)
    return this.putEntry(rest, unique)
  }

  private async limitCrowd(rest: Rest, unique: number): Promise<boolean> {
    const { random, witness } = this.options
    // No two alike, so that what is found tells which request it was.
    const currentA = random.between(crowd.leastA, crowd.fuseA - 1) + (unique % 1_000) / 1_000
    witness.limitAsked(currentA)
    const answer = await this.write(rest, `limit ${crowd.id}`, 'PUT', `/api/v1/sites/${crowd.id}/grid-limit`, { currentA, reason: `w${unique}` }, `${currentA} w${unique}`)
    const written = writtenBy(answer)
    if (written === 'acknowledged') witness.limitIs(currentA)
    if (written === 'refused') witness.limitRefused(currentA)
    return answer !== null
  }

  private async limitAnnex(rest: Rest, unique: number): Promise<boolean> {
    const { random } = this.options
    const currentA = random.between(100, 250) + (unique % 1_000) / 1_000
    const reason = `w${unique}`
    const ttlS = random.chance(0.6) ? random.between(1, 6) : null
    const askedMs = Date.now()
    if (ttlS !== null) this.ttls.set(reason, { reason, earliestMs: askedMs + ttlS * 1000, latestMs: Infinity })
    const answer = await this.write(rest, `limit ${annex.id}`, 'PUT', `/api/v1/sites/${annex.id}/grid-limit`, { currentA, reason, ...(ttlS === null ? {} : { ttlS }) }, `${currentA} ${reason}`)
    if (ttlS !== null && writtenBy(answer) === 'acknowledged') this.ttls.set(reason, { reason, earliestMs: askedMs + ttlS * 1000, latestMs: Date.now() + ttlS * 1000 })
    return answer !== null
  }

  private async curtail(rest: Rest, unique: number): Promise<boolean> {
    const { random, witness } = this.options
    const crowded = random.chance(0.15)
    const site = crowded ? crowd.id : annex.id
    const currentA = random.between(crowded ? crowd.leastA : 40, 190) + (unique % 1_000) / 1_000
    const endsAtMs = Date.now() + random.between(500, crowded ? 4_000 : 9_000)
    const fields = { currentA, reason: `w${unique}`, expiresAt: new Date(endsAtMs).toISOString() }
    const answer = await this.change(rest, 'POST', `/api/v1/sites/${site}/curtailments`, fields)
    if (writtenBy(answer) === 'acknowledged' && answer?.location) this.keep({ path: answer.location, kind: 'curtailment', endsAtMs, fields, siteID: site, cancelled: 'no', lift: crowded ? witness.capped(currentA, endsAtMs) : () => undefined })
    else this.expect(answer, 'curtailment', [201, 422])
    return answer !== null
  }

  private async cancelCurtailment(rest: Rest): Promise<boolean> {
    const running = this.deadlines.filter(({ kind, cancelled, endsAtMs }) => kind === 'curtailment' && cancelled === 'no' && endsAtMs > Date.now() + 500)
    if (running.length === 0) return true
    const one = this.options.random.pick(running)
    one.cancelled = 'maybe'
    one.lift()
    const answer = await this.change(rest, 'DELETE', one.path)
    if (writtenBy(answer) === 'acknowledged') {
      one.cancelled = 'yes'
      this.options.book.made++
    }
    return answer !== null
  }

  private async reserve(rest: Rest, unique: number): Promise<boolean> {
    const { random, stations } = this.options
    const endsAtMs = Date.now() + random.between(1_000, 12_000)
    const fields = { clientID: random.pick(stations), connectorId: 2, idTag: `R${unique}`, expiryDate: new Date(endsAtMs).toISOString() }
    const answer = await rest.ask('POST', '/api/v1/reservations', fields)
    if (writtenBy(answer) === 'acknowledged' && answer?.location) this.keep({ path: answer.location, kind: 'reservation', endsAtMs, fields, siteID: crowd.id, cancelled: 'no', lift: () => undefined })
    else this.expect(answer, 'reservation', [409])
    return answer !== null
  }

  private async queueCommand(rest: Rest, unique: number): Promise<boolean> {
    const { random, ghosts } = this.options
    const endsAtMs = Date.now() + random.between(1_000, 9_000)
    const clientID = random.pick(ghosts)
    const request = { vendorId: 'chaos', data: `w${unique}` }
    const expiresAt = new Date(endsAtMs).toISOString()
    const answer = await rest.ask('POST', `/api/v1/chargepoints/${clientID}/data-transfer`, { ...request, queue: true, expiresAt })
    if (writtenBy(answer) === 'acknowledged' && answer?.location) this.keep({ path: answer.location, kind: 'command', endsAtMs, fields: { clientID, request, expiresAt }, siteID: annex.id, cancelled: 'no', lift: () => undefined })
    else this.expect(answer, 'command', [409])
    return answer !== null
  }

  private async putTag(rest: Rest, unique: number): Promise<boolean> {
    const { random } = this.options
    const id = `KEPT-${random.between(1, idTags)}`
    const path = `/api/v1/id-tags/${id}`
    if (random.chance(0.15)) return (await this.write(rest, `tag ${id}`, 'DELETE', path, undefined, 'gone')) !== null
    return (await this.write(rest, `tag ${id}`, 'PUT', path, { parentIdTag: `P${unique}` }, `P${unique}`)) !== null
  }

  private async putEntry(rest: Rest, unique: number): Promise<boolean> {
    const { random } = this.options
    const id = `EXTRA-${random.between(1, extras)}`
    const path = `/api/v1/chargepoints/${id}`
    if (random.chance(0.15)) return (await this.write(rest, `entry ${id}`, 'DELETE', path, undefined, 'gone')) !== null
    const heartbeatIntervalS = 10 + unique % 80_000
    return (await this.write(rest, `entry ${id}`, 'PUT', path, { site: annex.id, settings: { heartbeatIntervalS } }, String(heartbeatIntervalS))) !== null
  }

  private async write(rest: Rest, key: string, method: string, path: string, body: unknown, value: string): Promise<Answer | null> {
    const { book } = this.options
    book.ask(key, value)
    const answer = await this.change(rest, method, path, body)
    book.answered(key, value, writtenBy(answer))
    this.expect(answer, key, [200, 201, 204, ...(method === 'DELETE' ? [404] : [])])
    return answer
  }

  private async change(rest: Rest, method: string, path: string, body?: unknown): Promise<Answer | null> {
    const requestId = `torture-${++this.changes}`
    const answer = await rest.ask(method, path, body, { 'x-request-id': requestId })
    if (writtenBy(answer) === 'acknowledged') this.audited.push(requestId)
    return answer
  }

  private keep(deadline: Deadline): void {
    this.options.book.made++
    this.deadlines.push(deadline)
  }

  /** A refusal that nothing asked for would mean that less is tested than it seems. */
  private expect(answer: Answer | null, what: string, statuses: readonly number[]): void {
    if (answer === null || answer.status === 503 || statuses.includes(answer.status)) return
    this.options.book.fault(`${what} was answered ${answer.status}: ${String(field(answer.body, 'detail') ?? '')}`)
  }
}
