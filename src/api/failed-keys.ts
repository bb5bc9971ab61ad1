// Nobody guesses keys: who sends wrong ones is made to wait, and a right one from the same address still enters.
import { Buckets } from '../actors/failure-pace.ts'
import { networkOf } from '../addresses.ts'
import type { Clock } from '../clock.ts'
import { Problem } from './problem.ts'

const everyMs = 6_000

export interface FailedKeys {
  /** After a key that opened nothing: Problem 429 where too many came from there. */
  note(remoteAddress: string | undefined): void
}

/** `burst` wrong keys of one address at once (of IPv6, one /64), then one in 6 s. Of more than 10 000 addresses the longest silent is forgotten. */
export function createFailedKeys(clock: Clock, burst = 10): FailedKeys {
  const buckets = new Buckets(clock, burst, everyMs)
  return {
    note(remoteAddress = '') {
      const address = networkOf(remoteAddress)
      const waitMs = buckets.waitMs(address)
      if (waitMs > 0) {
        throw new Problem(429, 'too-many-wrong-keys', 'Too many wrong API keys came from this address.', {
          hint: 'Send the right key: it is taken at once.', headers: { 'Retry-After': String(Math.ceil(waitMs / 1000)) },
        })
      }
      buckets.take(address)
    },
  }
}
