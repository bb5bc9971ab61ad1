// Idempotency-Key on POST: the same request under the same key is done once and answered the same.
import { createHash } from 'node:crypto'
import type { ReplayFace } from '../actors/replays.ts'
import { Problem } from './problem.ts'
import type { Answer } from './route.ts'

interface Keyed {
  readonly key: string
  /** Who asks, the id of his API key: keys of others are other keys, whatever those are called. */
  readonly caller: string
  readonly method: string
  /** With its query. */
  readonly address: string
  readonly bodyText: string
}

const saneKey = /^[\x21-\x7e]{1,255}$/

/** Runs `act` at most once per key within 24 h. Problem 422 for the key with another request, 409 while the first is being done or when its end is not known. */
export async function once(replays: ReplayFace, { key, caller, method, address, bodyText }: Keyed, act: () => Promise<Answer>): Promise<Answer> {
  if (!saneKey.test(key)) throw new Problem(422, 'bad-idempotency-key', 'An Idempotency-Key has 1 to 255 printable characters and no space.')
  const kept = digest(`${caller}\n${key}`)
  const claim = await replays.claim(kept, digest(`${method} ${address}\n${bodyText}`))
  switch (claim.type) {
    case 'replay': return { ...claim.answer, headers: { ...claim.answer.headers, 'Idempotent-Replayed': 'true' } }
    case 'other-request': throw new Problem(422, 'idempotency-key-reused', 'This Idempotency-Key was used for another request.', { hint: 'Take a new key for every request.' })
    case 'under-way': throw new Problem(409, 'idempotency-key-under-way', 'The request with this Idempotency-Key is being done.', { hint: 'Ask again in a second.', headers: { 'Retry-After': '1' } })
    case 'unknown': throw new Problem(409, 'idempotency-key-unknown-end', 'kwota ended while it did the request with this Idempotency-Key; it may have been done.', { hint: 'Look at what stands now (for a command: GET /api/v1/commands), then take a new key.' })
    case 'mine': break
  }
  try {
    const answer = await act()
    // What a stream or a file says cannot be kept, and what a cookie opens must not be.
    const keeps = answer.stream === undefined && answer.text === undefined && answer.table === undefined && answer.headers?.['Set-Cookie'] === undefined
    await replays.conclude(kept, keeps ? { status: answer.status, headers: { ...answer.headers }, json: answer.keptJson ?? answer.json ?? null } : null)
    return answer
  } catch (error) {
    await replays.conclude(kept, null)
    throw error
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
