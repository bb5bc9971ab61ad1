// Takes what was dropped or replaced in a stretch of keys out of the files of the embedded store.
import type { GroupWriter } from './group-writer.ts'

/**
 * Nobody may read the keys `first` and `last`, the outermost of the stretch: they are put and go again. What a table got
 * straight from memory still has every version of a key, and the lowest level is only written anew where something
 * above it is in its way: so a second round with those two keys comes behind the first.
 */
export async function compactStretch(writer: GroupWriter, first: string, last: string, reading: <T>(read: () => Promise<T>) => Promise<T>): Promise<void> {
  const round = () => reading(() => writer.reader.compactRange(first, last))
  await round()
  await writer.submit(false, view => {
    view.put(first, '')
    view.put(last, '')
  })
  await round()
  await writer.submit(false, view => {
    view.del(first)
    view.del(last)
  })
}
