// The archive as charge points ask it: it answers once the store does.
import type { Clock } from '../clock.ts'
import type { Shelf } from './archive.ts'

const againMs = 1_000

/** As `shelf`, asking until the store answers: a charge point waits unanswered, it is not refused. */
export function patientShelf(shelf: Shelf, clock: Clock): Shelf {
  const patiently = async <T>(ask: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await ask()
      } catch {
        await new Promise<void>((resolve) => { clock.after(againMs, resolve) })
      }
    }
  }
  return { find: (id) => patiently(() => shelf.find(id)), startOf: (key) => patiently(() => shelf.startOf(key)) }
}
