// Is an audit log whole? It is read from its first entry to its last; told is the first that does not fit, and what is wrong with it.
import { auditHeadSchema, auditRecordSchema, expiryAction, hashOf, type AuditRecord } from './audit-record.ts'

export type AuditFault = 'altered' | 'missing' | 'cut-off' | 'reordered'

export interface AuditVerdict {
  readonly ok: boolean
  /** Entries that fit, from the first on. */
  readonly records: number
  /** Of the last one that fits; null when there is none. */
  readonly hash: string | null
  /** The first entry that does not fit. */
  readonly fault: Fault | null
}

interface Fault { readonly sequence: number; readonly what: AuditFault; readonly detail: string }

/**
 * `head` = the end of the chain as it was noted beside it, `rows` = the entries oldest first, both as they were read. Rejects only with
 * what `rows` rejects with. `seen` is told after each that fits.
 */
export async function verifyChain(head: unknown, rows: AsyncIterable<unknown>, seen: (record: AuditRecord) => void = () => undefined): Promise<AuditVerdict> {
  const noted = auditHeadSchema.safeParse(head).data ?? null
  const first = noted?.first.sequence ?? 1
  let next = first
  let previousHash = noted?.first.previousHash ?? null
  /** What retention dropped is said by a later entry; where nothing was dropped there is nothing to say. */
  let explained = first === 1
  let records = 0
  let fault: Fault | null = null
  for await (const row of rows) {
    if (fault !== null) {
      // One that is missing may only have been put elsewhere.
      if (sequenceOf(row) !== fault.sequence) continue
      fault = { ...fault, what: 'reordered', detail: `entry ${fault.sequence} stands behind others` }
      break
    }
    fault = misfit(row, next, previousHash)
    if (fault?.what === 'missing') continue
    if (fault !== null) break
    const record = row as AuditRecord
    if (record.action === expiryAction && firstKept(record) === first) explained = true
    previousHash = record.hash
    next++
    records++
    seen(record)
  }
  const verdict = (found: Fault | null): AuditVerdict => ({ ok: found === null, records, hash: records === 0 ? null : previousHash, fault: found })
  if (fault !== null) return verdict(fault)
  if (noted === null) return verdict({ sequence: next, what: 'cut-off', detail: 'the head of the log is missing or cannot be read, so nobody can tell what is missing at its end' })
  if (next <= noted.sequence) return verdict({ sequence: next, what: 'cut-off', detail: `the head of the log says that ${noted.sequence} is the last entry` })
  if (next > noted.sequence + 1) return verdict({ sequence: noted.sequence + 1, what: 'altered', detail: `the head of the log says that ${noted.sequence} is the last entry` })
  if (noted.hash !== previousHash) return verdict({ sequence: Math.max(1, noted.sequence), what: 'altered', detail: 'the last entry has another hash than the head of the log says' })
  return verdict(explained ? null : { sequence: first - 1, what: 'missing', detail: `the log begins with entry ${first}, and no entry says that older ones were dropped by retention` })
}

/** What does not fit of an entry that should be number `sequence`, after one of that hash; `previousHash` null = not known. */
function misfit(row: unknown, sequence: number, previousHash: string | null): Fault | null {
  const say = (what: AuditFault, detail: string): Fault => ({ sequence, what, detail })
  if (!auditRecordSchema.safeParse(row).success) return say('altered', 'it is no entry of an audit log')
  const record = row as AuditRecord
  if (hashOf(record) !== record.hash) return say('altered', 'its hash is not that of what it says')
  if (record.sequence !== sequence) return say(record.sequence > sequence ? 'missing' : 'reordered', `entry ${record.sequence} stands in its place`)
  return previousHash === null || record.previousHash === previousHash ? null : say('altered', 'it does not follow from the entry before it, so that one or this one is another than it was')
}

function sequenceOf(row: unknown): number | null {
  return typeof row === 'object' && row !== null && 'sequence' in row && typeof row.sequence === 'number' ? row.sequence : null
}

function firstKept({ after }: AuditRecord): number | null {
  return typeof after === 'object' && after !== null && 'firstSequence' in after && typeof after.firstSequence === 'number' ? after.firstSequence : null
}
