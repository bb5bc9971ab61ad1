// Which id tags are charging right now, and where.

/** Where a start wants to run: the same place again is not a second transaction. */
export interface Place { readonly clientID: string; readonly connectorId: number }

export class RunningTags {
  /** By transaction; as many as run. */
  private readonly tags = new Map<number, string>()
  /** By tag, and then by transaction. */
  private readonly places = new Map<string, Map<number, Place>>()

  started(idTag: string, { clientID, connectorId }: Place, transactionId: number): void {
    this.stopped(transactionId)
    const tag = idTag.toLowerCase()
    this.tags.set(transactionId, tag)
    const places = this.places.get(tag)
    if (places === undefined) this.places.set(tag, new Map([[transactionId, { clientID, connectorId }]]))
    else places.set(transactionId, { clientID, connectorId })
  }

  stopped(transactionId: number): void {
    const tag = this.tags.get(transactionId)
    if (tag === undefined) return
    this.tags.delete(transactionId)
    const places = this.places.get(tag)
    places?.delete(transactionId)
    if (places?.size === 0) this.places.delete(tag)
  }

  elsewhere(idTag: string, here: Place): boolean {
    for (const other of this.places.get(idTag.toLowerCase())?.values() ?? []) {
      if (other.clientID !== here.clientID || other.connectorId !== here.connectorId) return true
    }
    return false
  }
}
