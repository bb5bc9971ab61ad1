// Says on stderr how far something is that takes long, every 2 s.
import type { Clock } from '../clock.ts'

const everyMs = 2_000

/** Call it often: what it is given is said when nothing was for 2 s. */
export function createProgress({ clock, stderr, name = 'simulate' }: { readonly clock: Clock; readonly stderr: { write(text: string): unknown }; readonly name?: string }): (words: () => string) => void {
  let saidMs = clock.mono()
  return (words) => {
    if (clock.mono() - saidMs < everyMs) return
    saidMs = clock.mono()
    stderr.write(`${name}: ${words()}\n`)
  }
}
