// Bulk: which charge points a selector means, and one operation done to each of them as a batch.
import type { CentralAction, RequestOf } from '../protocol/messages/index.ts'
import { faultOf } from '../configuration-check.ts'
import type { BatchView } from './batches.ts'
import { checkDeadline, type CommandView } from './command-record.ts'
import { CommandOffice } from './command-face.ts'
import type { Estate } from './estate.ts'
import { Refusal, type Caller } from './house.ts'
import { siteEntry } from './lookup.ts'

/** All that is said must hold. `status` = how its connection stands, or the status of one of its connectors. */
export interface Selector {
  readonly siteID?: string | undefined
  readonly circuitID?: string | undefined
  readonly clientIDs?: readonly string[] | undefined
  readonly status?: string | undefined
}

/** What is done to each: an action with its fields, or configuration keys. */
export type Operation =
  | { readonly name: string; readonly action: CentralAction; readonly fields: unknown; readonly expiresAt: string | undefined }
  | { readonly name: 'configuration'; readonly keys: Readonly<Record<string, string>>; readonly queue: boolean; readonly expiresAt: string | undefined }

/** Sets configuration keys of one charge point; answers each key's status. */
export type SetConfiguration = (clientID: string, keys: Readonly<Record<string, string>>, how: { readonly queue: boolean; readonly expiresAt: string | undefined }, caller: Caller) => Promise<Readonly<Record<string, string>>>

export interface BulkFace {
  /** Spellings on record, sorted; of clientIDs those that are unknown as they were given. */
  select(selector: Selector): readonly string[]
  /** Throws Refusal `invalid` for what no charge point could be sent, whatever is known of it. */
  check(operation: Operation): void
  start(operation: Operation, clientIDs: readonly string[], maxParallel: number, caller: Caller): Promise<BatchView>
  /** Newest first. */
  batches(): readonly BatchView[]
  batch(id: string): BatchView
}

/** Longer than any answer takes: a command ends by itself before. */
const patienceMs = 15 * 60_000

export class BulkOffice implements BulkFace {
  private readonly estate: Estate
  private readonly commands: CommandOffice
  private readonly setConfiguration: SetConfiguration

  constructor(estate: Estate, commands: CommandOffice, setConfiguration: SetConfiguration) {
    this.estate = estate
    this.commands = commands
    this.setConfiguration = setConfiguration
  }

  select({ siteID, circuitID, clientIDs, status }: Selector): readonly string[] {
    if (siteID !== undefined) siteEntry(this.estate, siteID)
    const named = clientIDs === undefined ? null : new Map(clientIDs.map((id) => [id.toLowerCase(), id]))
    const found: string[] = []
    for (const [key, { record: { config } }] of this.estate.points) {
      if (named !== null && !named.delete(key)) continue
      if ((siteID !== undefined && config.site !== siteID) || (circuitID !== undefined && config.circuit !== circuitID)) continue
      if (status === undefined || this.stands(config.id, status)) found.push(config.id)
    }
    // Who is named and unknown is shown as refused, not left out in silence.
    return [...found, ...(siteID === undefined && circuitID === undefined && status === undefined ? named?.values() ?? [] : [])].toSorted()
  }

  check(operation: Operation): void {
    if (operation.expiresAt !== undefined) checkDeadline(Date.parse(operation.expiresAt), this.estate.options.clock.wall(), '/body/expiresAt')
    const seen = new Set<string>()
    const errors = valuesOf(operation).flatMap(({ key, value, pointer }) => {
      const twice = seen.has(key.toLowerCase())
      seen.add(key.toLowerCase())
      const fault = twice ? 'is named twice; keys are compared without regard to case' : faultOf(key, value)
      return fault === null ? [] : [{ pointer, message: fault }]
    })
    const [first] = errors
    if (first !== undefined) throw new Refusal('invalid', 'invalid-value', `${first.pointer}: ${first.message}. Nothing was sent.`, { errors })
  }

  start(operation: Operation, clientIDs: readonly string[], maxParallel: number, caller: Caller): Promise<BatchView> {
    this.check(operation)
    if (clientIDs.length === 0) throw new Refusal('invalid', 'nothing-selected', 'The selector fits no charge point.', { errors: [{ pointer: '/selector', message: 'fits no charge point' }] })
    return this.estate.batches.start({
      operation: operation.name, clientIDs, maxParallel, createdBy: caller.name,
      run: async (clientID, batchId) => {
        if ('keys' in operation) return { ...summary(await this.setConfiguration(clientID, operation.keys, operation, caller)), commandId: null }
        const { action, fields, expiresAt } = operation
        // One that may wait for its charge point does not hold its lane until then.
        return outcomeOf(await this.commands.issue(clientID, action, fields, { expiresAt, waitMs: expiresAt === undefined ? patienceMs : 0, batchId }, caller))
      },
    })
  }

  batches(): readonly BatchView[] {
    return this.estate.batches.list()
  }

  batch(id: string): BatchView {
    return this.estate.batches.get(id)
  }

  private stands(clientID: string, status: string): boolean {
    const view = this.estate.familyOf(clientID)?.view()
    return view !== undefined && (view.connection.state === status || view.connectors.some((connector) => connector.status === status))
  }
}

/** The configuration values it would bring, each with its place in the request. */
function valuesOf(operation: Operation): { readonly key: string; readonly value: string; readonly pointer: string }[] {
  if ('keys' in operation) return Object.entries(operation.keys).map(([key, value]) => ({ key, value, pointer: `/body/keys/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` }))
  if (operation.action !== 'ChangeConfiguration') return []
  const { key, value } = operation.fields as RequestOf<'ChangeConfiguration'>
  return [{ key, value, pointer: '/body/value' }]
}

function outcomeOf({ id, status, error }: CommandView) {
  return { status: status === 'sent' ? 'queued' as const : status, commandId: id, error }
}

/** Every key must have been taken; what was not is named. */
function summary(keys: Readonly<Record<string, string>>) {
  const not = Object.entries(keys).filter(([, status]) => status !== 'Accepted' && status !== 'RebootRequired' && status !== 'Queued')
  if (not.length === 0) return { status: Object.values(keys).includes('Queued') ? 'queued' as const : 'accepted' as const, error: null }
  return { status: 'rejected' as const, error: { code: 'keys-not-set', description: not.map(([key, status]) => `${key}: ${status}`).join(', ') } }
}
