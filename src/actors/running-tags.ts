// Which id tags are charging right now, and where.

/** Where a start wants to run: the same place again is not a second transaction. */
export interface Place { readonly clientID: string; readonly connectorId: number }

export class RunningTags {
  /** By transaction; as many as run. */
  private readonly places = new Map<number, Place & { readonly tag: string }>()

  started(idTag: string, { clientID, connectorId }: Place, transactionId: number): void {
    this.places.set(transactionId, { tag: idTag.toLowerCase(), clientID, connectorId })
  }

  stopped(transactionId: number): void {
    this.places.delete(transactionId)
  }

  elsewhere(idTag: string, here: Place): boolean {
    const tag = idTag.toLowerCase()
    for (const other of this.places.values()) {
      if (other.tag === tag && (other.clientID !== here.clientID || other.connectorId !== here.connectorId)) return true
    }
    return false
  }
}
