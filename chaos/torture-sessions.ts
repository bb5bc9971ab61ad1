// The promises about charging sessions: every start and stop as charge points have sent them, and the ids they were answered.
import type { PromiseBook } from './torture-book.ts'
import { field } from './rest.ts'

export interface Session {
  readonly clientID: string
  readonly start: { readonly connectorId: number; readonly idTag: string; readonly meterStart: number; readonly timestamp: string }
  /** Null = the start was never answered. */
  transactionId: number | null
  stop: { readonly meterStop: number; readonly timestamp: string; readonly reason: string } | null
  stopAcknowledged: boolean
  /** Found whole after its stop was acknowledged and another life had begun. */
  proven: number
}

/** So often a finished session is looked up again before it waits for the end of the run. */
const enough = 3

export class Sessions {
  readonly all: Session[] = []
  private readonly book: PromiseBook
  private readonly byId = new Map<number, Session>()

  constructor(book: PromiseBook) {
    this.book = book
  }

  begin(clientID: string, start: Session['start']): Session {
    const session: Session = { clientID, start, transactionId: null, stop: null, stopAcknowledged: false, proven: 0 }
    this.all.push(session)
    return session
  }

  started(session: Session, transactionId: number, status: string): void {
    const where = nameOf(session)
    const other = this.byId.get(transactionId)
    if (other !== undefined && other !== session) this.book.fault(`${where}: transaction ${transactionId} was given to ${nameOf(other)} before`)
    if (session.transactionId !== null && session.transactionId !== transactionId) this.book.fault(`${where}: the same start was answered ${session.transactionId} and ${transactionId}`)
    if (status !== 'Accepted') this.book.fault(`${where}: the start was answered ${status}`)
    this.book.made++
    session.transactionId = transactionId
    this.byId.set(transactionId, session)
  }

  stopped(session: Session): void {
    this.book.made++
    session.stopAcknowledged = true
  }

  /** Those to be looked up in this life. */
  open(): Session[] {
    return this.all.filter(({ transactionId, proven }) => transactionId !== null && proven < enough)
  }

  /** What has to hold when the question leaves; more may have happened when the answer comes. */
  expectation(session: Session): (view: unknown) => void {
    const mustBeStopped = session.stopAcknowledged
    return (view) => this.check(session, view, mustBeStopped)
  }

  /** Every transaction that REST lists, at the end: each start has one, and no start has two. */
  checkAll(views: readonly unknown[]): void {
    const seen = new Map<string, unknown>()
    for (const view of views) {
      const key = `${String(field(view, 'clientID'))} from ${String(field(view, 'meterStartWh'))} Wh`
      if (seen.has(key)) this.book.fault(`${key}: one start became transactions ${String(seen.get(key))} and ${String(field(view, 'id'))}`)
      seen.set(key, field(view, 'id'))
    }
    const byId = new Map(views.map((view) => [field(view, 'id'), view]))
    for (const session of this.all) if (session.transactionId !== null) this.check(session, byId.get(session.transactionId) ?? null, session.stopAcknowledged)
  }

  private check(session: Session, view: unknown, mustBeStopped: boolean): void {
    const { book } = this
    const where = `${nameOf(session)}, transaction ${session.transactionId}`
    book.checked++
    if (view === null) return book.fault(`${where}: acknowledged, and gone`)
    const say = (name: string, wanted: unknown): void => {
      const found = field(view, name)
      if (found !== wanted) book.fault(`${where}: ${name} is ${String(found)}, not ${String(wanted)}`)
    }
    say('clientID', session.clientID)
    say('connectorId', session.start.connectorId)
    say('idTag', session.start.idTag)
    say('meterStartWh', session.start.meterStart)
    say('startedAt', session.start.timestamp)
    const { stop } = session
    const isStopped = field(view, 'stoppedAt') !== null
    if (stop === null && isStopped) return book.fault(`${where}: stopped, and nobody stopped it`)
    if (mustBeStopped && !isStopped) return book.fault(`${where}: its stop was acknowledged, and it runs`)
    if (stop === null || !isStopped) return
    say('meterStopWh', stop.meterStop)
    say('stoppedAt', stop.timestamp)
    say('stopReason', stop.reason)
    if (mustBeStopped) session.proven++
  }
}

function nameOf({ clientID, start }: Session): string {
  return `${clientID} from ${start.meterStart} Wh`
}
