// What the actors of a charge point's connectors and transactions are called.

/** Names as they were made: each reading asks for its connector and its transaction, and a new text has to be looked up first. */
const names = { connector: new Map<number, string>(), transaction: new Map<number, string>() }
const mostNames = 50_000

function nameOf(kind: keyof typeof names, id: number): string {
  const known = names[kind].get(id)
  if (known !== undefined) return known
  if (names[kind].size >= mostNames) names[kind].clear()
  const name = `${kind}-${id}`
  names[kind].set(id, name)
  return name
}

export const connectorName = (connectorId: number): string => nameOf('connector', connectorId)
export const transactionName = (transactionId: number): string => nameOf('transaction', transactionId)
