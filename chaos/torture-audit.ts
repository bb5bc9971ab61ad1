// The audit log after a torture: its chain is whole, and every acknowledged change of a limit, an id tag or a charge point stands in it once.
import { field, listAll, type Rest } from './rest.ts'
import type { PromiseBook } from './torture-book.ts'

/** `requestIds` are those of acknowledged changes. */
export async function checkAudit(rest: Rest, book: PromiseBook, requestIds: readonly string[]): Promise<void> {
  const entries = await listAll(rest, '/api/v1/audit-log?order=oldest-first')
  if (entries === null) return book.fault('the audit log cannot be listed at the end')
  let [sequence, hash] = [field(entries[0], 'sequence'), field(entries[0], 'previousHash')]
  for (const entry of entries) {
    if (field(entry, 'sequence') !== sequence) return book.fault(`the audit log goes from its entry ${Number(sequence) - 1} to ${String(field(entry, 'sequence'))}`)
    if (field(entry, 'previousHash') !== hash) return book.fault(`entry ${String(sequence)} of the audit log does not follow the one before it`)
    sequence = Number(sequence) + 1
    hash = field(entry, 'hash')
  }
  const times = new Map<unknown, number>()
  for (const entry of entries) {
    const requestId = field(field(entry, 'cause'), 'requestId')
    times.set(requestId, (times.get(requestId) ?? 0) + 1)
  }
  for (const requestId of requestIds) {
    book.checked++
    if (times.get(requestId) !== 1) book.fault(`request ${requestId} was acknowledged, and stands in the audit log ${times.get(requestId) ?? 0} times`)
  }
}
