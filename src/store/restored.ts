// What a backup is on its way back into a store: its epochs go on above all that were, and every scope says that it is older than it was.
import { olderKey, type Piece } from './port.ts'

/** `epochs` = of the scopes that were there before. */
export interface Restoring {
  readonly epochs: ReadonlyMap<string, number>
  readonly madeAt: string
  /** Now. */
  readonly at: string
}

export async function* restoredPieces(pieces: AsyncIterable<Piece>, { epochs, madeAt, at }: Restoring): AsyncGenerator<Piece> {
  for await (const piece of pieces) {
    if (piece.type === 'scope') {
      const { scope, epoch } = piece
      yield { type: 'scope', scope, epoch: Math.max(epoch, epochs.get(scope) ?? 0) + 1 }
      yield { type: 'record', scope, key: olderKey, value: { v: 1, at, madeAt } }
    } else if (piece.type !== 'record' || piece.key !== olderKey) {
      // One that was already in the backup may say that the worst is booked.
      yield piece
    }
  }
}

export async function epochsIn(pieces: AsyncIterable<Piece>): Promise<Map<string, number>> {
  const epochs = new Map<string, number>()
  for await (const piece of pieces) if (piece.type === 'scope') epochs.set(piece.scope, piece.epoch)
  return epochs
}
