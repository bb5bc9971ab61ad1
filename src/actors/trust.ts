// What ends the distrust of a charger that nothing helped against, besides that it is seen to obey: it is another, or somebody has seen to it.
import type { ChargePointConfig, SiteConfig } from '../power/site.ts'
import type { Books } from './books.ts'

/** It booted as another model or with another firmware. */
export function trustAgain(books: Books, clientID: string): void {
  for (const { key } of books.outletsOf(clientID)) if (books.row(key)?.distrusted) books.book(key, { type: 'trusted' })
}

/** Takes a new configuration (see `Books.rewire`). A charge point whose entry is another is believed again, and one that is steered no more; connectors that were only met beside it change nothing. */
export function rewire(books: Books, site: SiteConfig, chargePoints: readonly ChargePointConfig[]): void {
  const before = books.chargePoints
  books.rewire(site, chargePoints)
  for (const { key, clientID, connectorId, control } of books.tree.outlets.values()) {
    if (!books.row(key)?.distrusted) continue
    const [was, is] = [before, chargePoints].map((list) => entryOf(list, clientID, connectorId))
    if (control === 'none' || was !== is) books.book(key, { type: 'trusted' })
  }
}

function entryOf(list: readonly ChargePointConfig[], clientID: string, connectorId: number): string | undefined {
  const entry = list.find(({ id }) => id === clientID)
  return entry === undefined ? undefined : JSON.stringify({ ...entry, connectors: entry.connectors.filter(({ id }) => id === connectorId) })
}
