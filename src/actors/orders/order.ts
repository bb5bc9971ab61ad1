// What kwota knows of one action it may send: when it refuses to, what it fills in, and what follows from the answer.
import type { z } from 'zod'
import type { CentralAction, RequestOf, ResponseOf } from '../../protocol/messages/index.ts'
import type { CommandRecord } from '../command-record.ts'
import type { Station } from '../handlers/station.ts'
import { Refusal } from '../house.ts'

export interface Order<A extends CentralAction> {
  /** What REST takes instead of the request's own schema. */
  readonly body?: z.ZodType
  /** The request from what REST was given; runs before anything is recorded. Throws Refusal. */
  prepare?(station: Station, body: never): RequestOf<A> | Promise<RequestOf<A>>
  /** Why it must not be sent now: asked before it is recorded and once more as it leaves. */
  refuse?(station: Station, request: RequestOf<A>): Refusal | null
  /** Runs when the command is recorded, in the same commit. */
  issued?(station: Station, request: RequestOf<A>, command: CommandRecord): void
  /** The charge point has answered, perhaps after the time-out; its consequences land in the same commit as the answer. */
  answered?(station: Station, request: RequestOf<A>, response: ResponseOf<A>, command: CommandRecord): void
  /** It ended without an answer: `error`, `timed-out` (perhaps carried out), `unsent` (it never left). */
  unanswered?(station: Station, request: RequestOf<A>, how: 'error' | 'timed-out' | 'unsent', command: CommandRecord): void
}

/** A conflict with the present state that the caller can understand. */
export function conflict(code: string, detail: string, hint?: string): Refusal {
  return new Refusal('conflict', code, detail, hint === undefined ? {} : { hint })
}
