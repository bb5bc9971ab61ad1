// A dump in one order for all stores: they tell their pieces in different ones.
import type { DumpOptions, Piece, Store } from '../../src/store/port.ts'

/** Sorted; entries of one moment stay in the order in which they came. */
export async function dumped(store: Pick<Store, 'dump'>, options?: DumpOptions): Promise<Piece[]> {
  const pieces: Piece[] = []
  for await (const piece of store.dump(options)) pieces.push(piece)
  return pieces.map((piece) => ({ piece, by: orderOf(piece) })).sort((a, b) => (a.by < b.by ? -1 : a.by > b.by ? 1 : 0)).map(({ piece }) => piece)
}

export async function* piecesOf(pieces: readonly Piece[]): AsyncGenerator<Piece> {
  yield* pieces
}

function orderOf(piece: Piece): string {
  switch (piece.type) {
    case 'scope': return `scope\0${piece.scope}`
    case 'record': return `record\0${piece.scope}\0${piece.key}`
    case 'claim': return `claim\0${piece.space}\0${piece.key}`
    case 'entry': return `entry\0${piece.scope}\0${piece.series}\0${String(piece.atMs).padStart(16, '0')}`
  }
}
