// The pieces of a dump on their way into a store: checked as whatever else a store is given, and taken some at a time.
import { checkName, checkTime } from './batch.ts'
import type { Piece } from './port.ts'

/** Throws TypeError for what no store can hold. */
export function checkPiece(piece: Piece): void {
  if (piece.type === 'claim') {
    checkName('a space', piece.space)
    checkName('a key', piece.key)
    return checkName('an owner', piece.owner)
  }
  checkName('a scope', piece.scope)
  if (piece.type === 'record') checkName('a key', piece.key)
  if (piece.type === 'entry') {
    checkName('a series', piece.series)
    checkTime(piece.atMs)
  }
  if (piece.type === 'scope' && !(Number.isSafeInteger(piece.epoch) && piece.epoch > 0)) throw new TypeError(`an epoch is a whole number above 0, not ${piece.epoch}`)
}

const takenTogether = 1_000

/** The pieces in their order, so many at once that a write of them is worth it. */
export async function* togetherFrom(pieces: AsyncIterable<Piece>): AsyncGenerator<readonly Piece[]> {
  let some: Piece[] = []
  for await (const piece of pieces) {
    checkPiece(piece)
    some.push(piece)
    if (some.length < takenTogether) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
}
