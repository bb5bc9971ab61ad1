// Everything in the embedded store, read through one iterator: all of it as of the moment in which it began.
import type { Level } from './level.ts'
import type { Piece } from './port.ts'

/** The kinds lie in the order of their letters: claims, epochs, what is ours alone, state, series. */
const behindState = 't'
const behindAll = 'u'

export async function* dumpLevel(level: Level, withoutSeries: boolean): AsyncGenerator<Piece> {
  for await (const [key, value] of level.iterator({ gte: 'c', lt: withoutSeries ? behindState : behindAll })) {
    const [kind, first = '', second = '', time = '', order] = key.split('\0')
    if (kind === 'c') yield { type: 'claim', space: first, key: second, owner: value }
    else if (kind === 'e') yield { type: 'scope', scope: first, epoch: Number(value) }
    // What compaction puts at the ends of a stretch for a moment has no key and no order.
    else if (kind === 's' && second !== '') yield { type: 'record', scope: first, key: second, value: JSON.parse(value) }
    else if (kind === 't' && order !== undefined) yield { type: 'entry', scope: first, series: second, atMs: Number(time), value: JSON.parse(value) }
  }
}
