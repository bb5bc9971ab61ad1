// Looks every promise up again over REST: it is there as it was acknowledged, and what was to end by itself has ended at its time and not before.
import type { GridWitness } from './grid-witness.ts'
import { pause } from './program.ts'
import { field, listAll, type Rest } from './rest.ts'
import type { PromiseBook } from './torture-book.ts'
import type { Sessions } from './torture-sessions.ts'
import { annex, crowd, type Deadline, type TortureWrites } from './torture-writes.ts'

/** A read so near to a deadline may see either side of it. */
const nearMs = 1_500
const tries = 4
const atOnce = 8
const roundingMs = 1_100

type Read = (rest: Rest) => Promise<boolean>

export class TortureChecks {
  private readonly book: PromiseBook
  private readonly sessions: Sessions
  private readonly writes: TortureWrites
  private readonly witness: GridWitness
  /** Deadlines that were seen to have ended. */
  ended = 0

  constructor(options: { readonly book: PromiseBook; readonly sessions: Sessions; readonly writes: TortureWrites; readonly witness: GridWitness }) {
    this.book = options.book
    this.sessions = options.sessions
    this.writes = options.writes
    this.witness = options.witness
  }

  /** True when everything was looked up; false when the line was cut before. */
  async all(rest: Rest): Promise<boolean> {
    const reads: Read[] = [
      (now) => this.openSessions(now),
      (now) => this.limit(now, crowd.id),
      (now) => this.limit(now, annex.id),
      ...this.book.keys('tag ').map((key): Read => (now) => this.register(now, key, `/api/v1/id-tags/${key.slice(4)}`, (body) => String(field(body, 'parentIdTag')))),
      ...this.book.keys('entry ').map((key): Read => (now) => this.register(now, key, `/api/v1/chargepoints/${key.slice(6)}`, (body) => String(field(field(body, 'settings'), 'heartbeatIntervalS')))),
      ...this.writes.deadlines.map((deadline): Read => (now) => this.deadline(now, deadline)),
    ]
    let whole = true
    const next = reads.values()
    await Promise.all(Array.from({ length: atOnce }, async () => {
      for (const read of next) if (!(await read(rest))) whole = false
    }))
    return whole && await this.effective(rest, annex.id)
  }

  /** Every transaction there is; at the end of a run. */
  async everySession(rest: Rest): Promise<void> {
    const views = await listAll(rest, '/api/v1/transactions')
    if (views === null) return this.book.fault('the transactions cannot be listed at the end')
    this.sessions.checkAll(views)
  }

  private async openSessions(rest: Rest): Promise<boolean> {
    const expected = this.sessions.open().map((session) => ({ id: session.transactionId, check: this.sessions.expectation(session) }))
    const answer = await rest.ask('GET', '/api/v1/transactions?limit=500')
    const data = field(answer?.body, 'data')
    if (!Array.isArray(data)) return false
    const byId = new Map((data as unknown[]).map((view) => [field(view, 'id'), view]))
    for (const { id, check } of expected) {
      let view = byId.get(id)
      if (view === undefined) {
        const single = await rest.ask('GET', `/api/v1/transactions/${id}`)
        if (single === null || single.status >= 500) return false
        view = single.status === 200 ? single.body : null
      }
      check(view)
    }
    return true
  }

  private async register(rest: Rest, key: string, path: string, valueOf: (body: unknown) => string): Promise<boolean> {
    const answer = await rest.ask('GET', path)
    if (answer === null || answer.status >= 500 || (answer.status === 200 && answer.body === null)) return false
    this.book.found(key, answer.status === 200 ? valueOf(answer.body) : 'gone')
    return true
  }

  private async limit(rest: Rest, siteID: string): Promise<boolean> {
    const answer = await rest.ask('GET', `/api/v1/sites/${siteID}/grid-limit`)
    if (answer === null || answer.status !== 200 || answer.body === null) return false
    const { body } = answer
    const currentA = field(body, 'currentA')
    const reason = String(field(body, 'reason'))
    if (currentA === null) this.book.found(`limit ${siteID}`, 'gone')
    else this.book.found(`limit ${siteID}`, `${String(currentA)} ${reason}`)
    if (siteID === crowd.id && typeof currentA === 'number') this.witness.limitIs(currentA)
    const ttl = this.writes.ttls.get(reason)
    if (ttl === undefined) return true
    const expiresAtMs = Date.parse(String(field(body, 'expiresAt')))
    this.book.checked++
    if (!(expiresAtMs >= ttl.earliestMs - roundingMs && expiresAtMs <= ttl.latestMs + roundingMs)) this.book.fault(`limit ${siteID} ${reason}: it ends at ${String(field(body, 'expiresAt'))}, and was to end after ${new Date(ttl.earliestMs).toISOString()}`)
    return true
  }

  private async deadline(rest: Rest, deadline: Deadline): Promise<boolean> {
    const { path, kind, endsAtMs, fields } = deadline
    for (let left = tries; ; left--) {
      const askedMs = Date.now()
      const cancelled = deadline.cancelled
      const answer = await rest.ask('GET', path)
      if (answer === null || answer.status >= 500 || (answer.status === 200 && answer.body === null)) return false
      this.book.checked++
      if (answer.status !== 200) {
        this.book.fault(`${path}: acknowledged, and answered ${answer.status}`)
        this.drop(deadline)
        return true
      }
      for (const [name, wanted] of Object.entries(fields)) {
        if (JSON.stringify(field(answer.body, name)) !== JSON.stringify(wanted)) this.book.fault(`${path}: ${name} is ${JSON.stringify(field(answer.body, name))}, not ${JSON.stringify(wanted)}`)
      }
      const wrong = this.wrongState(deadline, String(field(answer.body, kind === 'curtailment' ? 'state' : 'status')), askedMs, Date.now(), cancelled)
      if (wrong === null) {
        if (askedMs > endsAtMs + nearMs) this.drop(deadline)
        return true
      }
      // A busy machine fires late: it counts when it stays so.
      if (left > 1) {
        await pause(500)
        continue
      }
      this.book.fault(`${path}: ${wrong}; it was to end at ${new Date(endsAtMs).toISOString()}`)
      this.drop(deadline)
      return true
    }
  }

  private wrongState({ kind, endsAtMs }: Deadline, state: string, fromMs: number, toMs: number, cancelled: Deadline['cancelled']): string | null {
    const over = fromMs > endsAtMs + nearMs
    const ahead = toMs < endsAtMs - nearMs
    if (kind === 'curtailment') {
      if (cancelled === 'yes') return state === 'cancelled' ? null : `cancelled, and ${state}`
      if (cancelled === 'maybe' && state === 'cancelled') return null
      if (over) return state === 'ended' ? null : `over, and ${state}`
      return ahead && state !== 'active' ? `not over, and ${state}` : null
    }
    const live = kind === 'command' ? ['queued'] : ['requesting', 'held']
    if (over) return live.includes(state) ? `over, and ${state}` : null
    // A reservation that was cut off on its way to the charge point may have come to nothing.
    return ahead && !live.includes(state) && !(kind === 'reservation' && state === 'refused') ? `not over, and ${state}` : null
  }

  private drop(deadline: Deadline): void {
    this.ended++
    const { deadlines } = this.writes
    const at = deadlines.indexOf(deadline)
    if (at >= 0) deadlines.splice(at, 1)
  }

  /** What is in effect is the lowest of what REST itself says is in force, where nothing begins or ends near by. */
  private async effective(rest: Rest, siteID: string): Promise<boolean> {
    const fromMs = Date.now()
    const [running, answer] = await Promise.all([rest.ask('GET', `/api/v1/sites/${siteID}/curtailments?state=active&limit=500`), rest.ask('GET', `/api/v1/sites/${siteID}/grid-limit`)])
    const toMs = Date.now()
    const data = field(running?.body, 'data')
    if (!Array.isArray(data) || answer?.status !== 200 || answer.body === null) return false
    const ends = (data as unknown[]).map((view) => Date.parse(String(field(view, 'expiresAt'))))
    const limitEnd = field(answer.body, 'expiresAt')
    if (typeof limitEnd === 'string') ends.push(Date.parse(limitEnd))
    if (ends.some((end) => end > fromMs - nearMs && end < toMs + nearMs)) return true
    const standing = typeof limitEnd === 'string' && Date.parse(limitEnd) < fromMs ? annex.failsafeA : field(answer.body, 'currentA') ?? annex.fuseA
    const lowestA = Math.min(Number(standing), annex.fuseA, ...(data as unknown[]).map((view) => Number(field(view, 'currentA'))))
    const shownA = Number(field(field(answer.body, 'effective'), 'currentA'))
    this.book.checked++
    if (Math.abs(shownA - lowestA) > 0.1) this.book.fault(`site ${siteID}: ${shownA} A are in effect, and the lowest of its limits is ${lowestA} A`)
    return true
  }
}
