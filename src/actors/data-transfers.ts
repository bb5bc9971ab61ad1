// What was exchanged with vendor messages, both ways: the newest 200 of each charge point.
import { z } from 'zod'
import type { Scope } from './scope.ts'

export const exchangeSchema = z.object({
  v: z.literal(1),
  seq: z.int(),
  atMs: z.number(),
  /** `in` = the charge point asked. */
  direction: z.enum(['in', 'out']),
  vendorId: z.string(),
  messageId: z.string().nullable(),
  data: z.string().nullable(),
  /** Of the data as it was sent, before it was cut. */
  dataLength: z.int(),
  /** Of the answer; null = there was none. */
  status: z.string().nullable(),
  response: z.string().nullable(),
  responseLength: z.int(),
  latencyMs: z.number().nullable(),
  /** What answered: accept, reject, webhook, none, charge-point. */
  handler: z.string(),
  /** Why the answer is what it is, where there is more to say. */
  note: z.string().nullable(),
})
export type Exchange = Readonly<z.infer<typeof exchangeSchema>>
type Told = Pick<Exchange, 'atMs' | 'direction' | 'vendorId' | 'messageId' | 'status' | 'latencyMs' | 'handler'> & { readonly data: string | undefined; readonly response: string | undefined; readonly note?: string }

const mostKept = 200
const longestData = 2_048

const prefixOf = (clientID: string): string => `data-transfer:${clientID}:`

/** Newest first. */
export function readExchanges(scope: Scope, clientID: string): readonly Exchange[] {
  const found = exchangeKeys(clientID).flatMap((key) => {
    const parsed = exchangeSchema.safeParse(scope.get(key))
    return parsed.success ? [parsed.data] : []
  })
  return found.toSorted((a, b) => b.seq - a.seq)
}

/** Every slot, for when the charge point goes. */
export function exchangeKeys(clientID: string): readonly string[] {
  return Array.from({ length: mostKept }, (_, slot) => prefixOf(clientID) + String(slot))
}

/** Keeps exchanges in a ring of slots; counts on from what the scope holds. */
export class Exchanges {
  private readonly scope: Scope
  private readonly clientID: string
  /** Looked up when the first one comes: most charge points have none. */
  private next: number | null = null

  constructor(scope: Scope, clientID: string) {
    this.scope = scope
    this.clientID = clientID
  }

  keep({ data, response, note, ...told }: Told): void {
    const seq = this.next ?? (readExchanges(this.scope, this.clientID)[0]?.seq ?? 0) + 1
    this.next = seq + 1
    const exchange: Exchange = {
      v: 1, seq, ...told, data: data?.slice(0, longestData) ?? null, dataLength: data?.length ?? 0,
      response: response?.slice(0, longestData) ?? null, responseLength: response?.length ?? 0, note: note ?? null,
    }
    this.scope.put(prefixOf(this.clientID) + String(seq % mostKept), exchange)
  }
}
