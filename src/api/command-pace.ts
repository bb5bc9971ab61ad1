// One key cannot set everything going at once: mass commands and remote starts come so many a minute, whoever has taken it.
import { Buckets } from '../actors/failure-pace.ts'
import type { Clock } from '../clock.ts'
import { Problem } from './problem.ts'

export type PacedCommand = 'bulk' | 'remote-start'
/** How many of each one key may ask for in a minute, and as many at once. */
export interface CommandPace { readonly bulkPerMinute: number; readonly remoteStartsPerMinute: number }

const words: Readonly<Record<PacedCommand, { readonly key: keyof CommandPace; readonly what: string }>> = {
  bulk: { key: 'bulkPerMinute', what: 'mass commands' }, 'remote-start': { key: 'remoteStartsPerMinute', what: 'remote starts' },
}

/** Takes one of `who`; Problem 429 when there is none left. Without a pace there are always more. */
export function createCommandPace(clock: Clock, pace: CommandPace | undefined): (command: PacedCommand, who: string) => void {
  if (pace === undefined) return () => undefined
  const bucketsOf = (command: PacedCommand) => new Buckets(clock, pace[words[command].key], 60_000 / pace[words[command].key])
  const buckets: Readonly<Record<PacedCommand, Buckets>> = { bulk: bucketsOf('bulk'), 'remote-start': bucketsOf('remote-start') }
  return (command, who) => {
    const waitMs = buckets[command].waitMs(who)
    if (waitMs === 0) return buckets[command].take(who)
    const { key, what } = words[command]
    throw new Problem(429, 'too-many-commands', `One key may ask for ${pace[key]} ${what} a minute.`, {
      hint: `Ask again after the seconds that Retry-After names; commandPace.${key} in kwota.yaml says how many.`, headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) },
    })
  }
}
