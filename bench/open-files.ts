// How many sockets a process may have open here: with too few, large figures are left out, and it is said what to do.
import { readFileSync } from 'node:fs'

/** Beside the sockets: the store, the program, pipes. */
const others = 500

/** Node.js raises the soft limit to the hard one by itself; null where nobody tells. */
export function mostSockets(): number | null {
  try {
    const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return hard === undefined || hard === 'unlimited' ? null : Number(hard) - others
  } catch {
    return null
  }
}

/** Those of the numbers of sockets that are possible; `progress` hears of the others. */
export function withinOpenFiles(counts: readonly number[], progress: (line: string) => void): number[] {
  const most = mostSockets()
  return counts.filter((count) => {
    const possible = most === null || count <= most
    if (!possible) progress(`${count} sockets are left out: a process may have too few files open; raise the hard limit to ${count + others} (ulimit -Hn) and run it again`)
    return possible
  })
}
