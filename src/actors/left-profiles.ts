// Profiles of ours that stand where none goes any more: cleared by their id once what takes their place has been accepted, so that they neither rule nor starve a car.
import type { Left, Row } from '../power/ledger.ts'
import { mayTakeAway } from '../power/relearning.ts'
import type { Outlet } from '../power/tree.ts'
import { statusOf } from './verdict.ts'
import type { Books } from './books.ts'
import type { StationLink } from './station-link.ts'
import { engineProfileIds } from './translate.ts'

export interface LeftOptions {
  readonly books: Books
  readonly now: () => number
  readonly link: (clientID: string) => StationLink
  readonly answered: (key: string, fact: { readonly type: 'cleared'; readonly what: Left | 'tx'; readonly atMs: number }) => void
  readonly refused: (clientID: string, what: string, why: string) => void
}

/** After no answer, and after one that says that it cannot. */
const pace = { unansweredMs: 60_000, refusedMs: 3_600_000 }

export class LeftProfiles {
  private readonly options: LeftOptions
  /** When each may be tried again, by charge point and id: at most three a connector, and only while they may stand. */
  private readonly nextAtMs = new Map<string, number>()

  constructor(options: LeftOptions) {
    this.options = options
  }

  /** Clears what may be cleared now. */
  look(): void {
    const { books, link, now } = this.options
    const due = new Set<string>()
    for (const outlet of books.tree.outlets.values()) {
      const row = books.row(outlet.key)
      if (row === undefined || outlet.control !== 'engine' || !mayHaveLeft(row)) continue
      for (const what of mayTakeAway(row)) {
        const mark = `${outlet.clientID} ${idOf(outlet, what)}`
        if (due.has(mark)) continue
        due.add(mark)
        if (now() < (this.nextAtMs.get(mark) ?? 0) || !this.isDue(outlet, what) || !link(outlet.clientID).online) continue
        this.nextAtMs.set(mark, now() + pace.unansweredMs)
        void this.clear(outlet, what, mark)
      }
    }
    for (const mark of this.nextAtMs.keys()) if (!due.has(mark) && now() >= this.nextAtMs.get(mark)!) this.nextAtMs.delete(mark)
  }

  private async clear(outlet: Outlet, what: Left | 'tx', mark: string): Promise<void> {
    const { clientID, key } = outlet
    const { answered, books, link, now, refused } = this.options
    const outcome = await link(clientID).clear(idOf(outlet, what), () => this.isDue(outlet, what)).catch(() => null)
    if (outcome === null) return void this.nextAtMs.delete(mark)
    const status = outcome.type === 'result' ? statusOf(outcome.payload) : outcome.type === 'error' ? outcome.code : null
    if (status === 'Accepted' || status === 'Unknown') {
      for (const one of what === 'zero' ? books.outletsOf(clientID) : [outlet]) answered(one.key, { type: 'cleared', what, atMs: now() })
    } else if (status !== null) {
      this.nextAtMs.set(mark, now() + pace.refusedMs)
      refused(clientID, `ClearChargingProfile for ${key}`, status)
    }
  }

  /** What stands on connector 0 may hold for every connector: each must have something else. */
  private isDue({ clientID, key }: Outlet, what: Left | 'tx'): boolean {
    const { books } = this.options
    const keys = what === 'zero' ? books.outletsOf(clientID).map((one) => one.key) : [key]
    return keys.every((one) => {
      const row = books.row(one)
      return row !== undefined && (one === key ? mayTakeAway(row).includes(what) : row.default.confirmed !== null && row.doubtSinceMs === null)
    })
  }
}

function mayHaveLeft({ left, quirks, transactionId, tx }: Row): boolean {
  return left.length > 0 || ((quirks.ladder !== 'tx' || transactionId === null) && (tx.confirmed !== null || tx.inFlight.length > 0))
}

function idOf({ connectorId }: Outlet, what: Left | 'tx'): number {
  return engineProfileIds + (what === 'zero' ? 1 : connectorId * 10 + (what === 'own' ? 1 : 2))
}
