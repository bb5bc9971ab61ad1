// Climbs the ladder of what is tried with chargers that disobey: each rung is decided before the plan and acted on after it.
import { climb, type Rung } from '../power/disobedience.ts'
import { expectedA, followMs, grantSlot, newest, type Fact, type Row } from '../power/ledger.ts'
import { provenPhases } from '../power/watts.ts'
import type { Books } from './books.ts'
import { readReported } from './reported-schedule.ts'
import type { StationLink } from './station-link.ts'

export interface LadderOptions {
  readonly books: Books
  readonly now: () => number
  readonly link: (clientID: string) => StationLink
  /** The limit that is confirmed in that slot goes out once more. */
  readonly repeat: (key: string, slot: 'default' | 'tx') => void
  readonly answered: (key: string, fact: Fact) => void
  /** Absent: nobody can end a transaction from here. */
  readonly stopTransaction?: ((clientID: string, transactionId: number) => void) | undefined
}

export class LadderDesk {
  private readonly options: LadderOptions
  /** Connectors whose row says that they draw, or drew, too much. */
  private readonly suspects = new Set<string>()
  private readonly due: { readonly key: string; readonly rung: Rung }[] = []
  /** Charge points whose maximum is held low. */
  private readonly held = new Set<string>()

  constructor(options: LadderOptions) {
    this.options = options
    for (const key of options.books.tree.outlets.keys()) this.suspect(key)
  }

  /** After a sample. */
  suspect(key: string): void {
    if (this.options.books.row(key)?.disobeying) this.suspects.add(key)
  }

  /** Books the rungs that are due now, so that the plan counts with them. */
  climb(isOnline: (clientID: string) => boolean): void {
    const { books, now } = this.options
    for (const key of this.suspects) {
      const outlet = books.tree.outlets.get(key)
      const row = books.row(key)
      if (outlet === undefined || !row?.disobeying) {
        this.suspects.delete(key)
        continue
      }
      if (outlet.control !== 'engine' || !isOnline(outlet.clientID)) continue
      const to = climb(row.disobeying, waysOf(row), now(), followMs)
      if (to === null || to.rung === null) continue
      books.book(key, { type: 'climbed', to })
      this.due.push({ key, rung: to.rung })
    }
  }

  /** Does what was booked, behind the lowerings of the plan. */
  act(): void {
    for (const { key, rung } of this.due.splice(0)) this.take(key, rung)
    this.keepMaxima()
  }

  private take(key: string, rung: Rung): void {
    const { books, repeat, stopTransaction } = this.options
    const outlet = books.tree.outlets.get(key)
    const row = books.row(key)
    if (outlet === undefined || row === undefined) return
    if (rung === 'again') repeat(key, row.transactionId === null ? 'default' : grantSlot(row))
    if (rung === 'default') repeat(key, 'default')
    if (rung === 'schedule') void this.ask(key)
    if (rung === 'stop' && row.transactionId !== null) stopTransaction?.(outlet.clientID, row.transactionId)
  }

  /** What it says may raise what is counted for it, never lower it. */
  private async ask(key: string): Promise<void> {
    const { books, link, answered } = this.options
    const outlet = books.tree.outlets.get(key)
    if (outlet === undefined) return
    const { dc = null } = outlet
    const reported = readReported(await link(outlet.clientID).askSchedule(outlet.connectorId, dc === null ? undefined : 'W'))
    const row = books.row(key)
    if (row === undefined || reported?.status !== 'Accepted' || reported.chargingSchedule === undefined) return
    const { chargingRateUnit: unit, chargingSchedulePeriod: periods } = reported.chargingSchedule
    const limits = periods.map(({ limit }) => (limit < 0 ? Infinity : dc !== null ? (unit === 'A' ? Infinity : limit / dc.wattsPerA) : unit === 'A' ? limit : limit / books.site.voltage / provenPhases(row)))
    answered(key, { type: 'reported', limitA: Math.min(outlet.maxA, periods.length === 0 ? Infinity : Math.max(...limits)) })
  }

  /** A maximum that was tried is held at what the charge point's connectors may have, and goes back to the hardware when nobody there needs it. */
  private keepMaxima(): void {
    const { books, link } = this.options
    const wanted = new Set([...this.suspects].flatMap((key) => {
      const clientID = books.tree.outlets.get(key)?.clientID
      return clientID !== undefined && books.row(key)?.disobeying?.tried.includes('maximum') === true ? [clientID] : []
    }))
    for (const clientID of wanted) {
      this.held.add(clientID)
      link(clientID).holdMaximum(books.outletsOf(clientID).reduce((sum, { key }) => sum + grantedA(books.row(key)!), 0))
    }
    for (const clientID of this.held) {
      if (wanted.has(clientID)) continue
      this.held.delete(clientID)
      link(clientID).holdMaximum(null)
    }
  }
}

/** What it may draw by the newest limits of ours. */
function grantedA(row: Row): number {
  if (row.disobeying) return expectedA(row)
  const [own, any] = [newest(row[grantSlot(row)]), newest(row.default)]
  return Math.max(expectedA(row), own?.limitA ?? 0, any?.limitA ?? 0)
}

/** The rungs there are for it: another purpose only where that is not the one it gets its limits in already, a stop only where something runs. */
function waysOf({ quirks: { ladder }, transactionId }: Row): readonly Rung[] {
  return [
    'again', ...(ladder === 'tx' && transactionId !== null ? ['default' as const] : []), ...(ladder === 'max-0' ? [] : ['maximum' as const]),
    'schedule', ...(transactionId === null ? [] : ['stop' as const]), 'operator',
  ]
}
