// The messages of a tenth of a second as the store keeps them: each frame as what it has in common with others, written once, and its values.
import { z } from 'zod'
import { FrameTemplates, separator, type Template } from './frame-templates.ts'
import { messageStatuses, stamp, type MessageRow, type MessageStatus } from './message-row.ts'

/** The series of a site that holds its messages. An entry is a block: some rows of the same tenth of a second, standing at its beginning. */
export const messageSeries = 'messages'
export const blockMs = 100

/** A row that is not short, as all were up to 0.7. */
type Plain = readonly [
  id: string, atMs: number, clientID: string, direction: 0 | 1, action: string | null, messageId: string | null, status: MessageStatus,
  latencyMs: number | null, bytes: number, cut: 0 | 1, request: string | null, answer: string | null,
]
const plainFields = 12
const blockSchema = z.object({ names: z.array(z.string()), templates: z.array(z.array(z.string()).min(1)), rows: z.array(z.unknown()) })

/** Whole by itself. A short row is one text, see `short`; what it says by number stands in `names` and `templates`. Up to 0.7 a block was a list of plain rows. */
export interface Block { readonly names: readonly string[]; readonly templates: readonly Template[]; readonly rows: readonly (string | Plain)[] }

export class MessageBlocks {
  private readonly asked = new FrameTemplates()
  private readonly answered = new FrameTemplates()

  /** Blocks that hold these rows, in their order. */
  of(rows: readonly MessageRow[]): { atMs: number; value: Block }[] {
    const blocks = new Map<number, BlockWriter>()
    for (const row of rows) {
      const slotMs = Math.floor(row.atMs / blockMs) * blockMs
      let block = blocks.get(slotMs)
      if (block === undefined) blocks.set(slotMs, block = new BlockWriter(slotMs, this.asked, this.answered))
      block.add(row)
    }
    return [...blocks].map(([atMs, { block }]) => ({ atMs, value: block }))
  }

  /** One that stands at `slotMs`, whatever the times of its rows are. */
  at(slotMs: number, rows: readonly MessageRow[]): Block {
    const writer = new BlockWriter(slotMs, this.asked, this.answered)
    for (const row of rows) writer.add(row)
    return writer.block
  }
}

class BlockWriter {
  private readonly names: string[] = []
  private readonly templates: Template[] = []
  private readonly rows: (string | Plain)[] = []
  readonly block: Block = { names: this.names, templates: this.templates, rows: this.rows }
  private readonly places = new Map<string | Template, number>()
  private readonly slotMs: number
  private readonly asked: FrameTemplates
  private readonly answered: FrameTemplates
  private stamped = { atMs: -1, text: '' }

  constructor(slotMs: number, asked: FrameTemplates, answered: FrameTemplates) {
    this.slotMs = slotMs
    this.asked = asked
    this.answered = answered
  }

  add(row: MessageRow): void {
    this.rows.push(this.short(row) ?? plain(row))
  }

  /**
   * Its fields between separators: what follows the time in its id, ms since the slot began, place of the client, place of the action, marks, latency, bytes where
   * they are not those of the texts, message id, place of the request's template and its values, place of the answer's (nothing = no answer) and its values. Null
   * where something of it is not as it usually is.
   */
  private short({ id, atMs, clientID, direction, action, messageId, status, latencyMs, bytes, cut, request, answer }: MessageRow): string | null {
    if (action === null || messageId === null || request === null || !Number.isInteger(atMs)) return null
    if (this.stamped.atMs !== atMs) this.stamped = { atMs, text: stamp(atMs) }
    if (!id.startsWith(this.stamped.text) || id.includes(separator)) return null
    const asked = this.asked.find(action, request, askedHead(messageId, action))
    if (asked === null) return null
    const failed = answer?.charAt(1) === '4'
    const answered = answer === null ? null : this.answered.find(action, answer, answeredHead(messageId, failed))
    if (answer !== null && answered === null) return null
    const marks = (direction === 'in' ? 0 : 1) + (cut ? 2 : 0) + (failed ? 4 : 0) + 8 * messageStatuses.indexOf(status)
    const usualBytes = request.length + (answer?.length ?? 0)
    return id.slice(this.stamped.text.length) + separator + (atMs - this.slotMs) + separator + this.placeOf(clientID, this.names) + separator + this.placeOf(action, this.names) + separator +
      marks + separator + (latencyMs ?? '') + separator + (bytes === usualBytes ? '' : bytes) + separator + messageId + separator +
      this.placeOf(asked.template, this.templates) + asked.values + separator + (answered === null ? '' : this.placeOf(answered.template, this.templates) + answered.values)
  }

  private placeOf<One extends string | Template>(one: One, list: One[]): number {
    const known = this.places.get(one)
    if (known !== undefined) return known
    const place = list.push(one) - 1
    this.places.set(one, place)
    return place
  }
}

function plain({ id, atMs, clientID, direction, action, messageId, status, latencyMs, bytes, cut, request, answer }: MessageRow): Plain {
  return [id, atMs, clientID, direction === 'in' ? 0 : 1, action, messageId, status, latencyMs, bytes, cut ? 1 : 0, request, answer]
}

/** The rows of a block that stands at `slotMs`; none of what no version of ours has written. */
export function readBlock(siteID: string, slotMs: number, value: unknown): MessageRow[] {
  if (Array.isArray(value)) return (value as readonly unknown[]).flatMap((row) => readPlain(siteID, row) ?? [])
  const block = blockSchema.safeParse(value).data
  return block?.rows.flatMap((row) => (typeof row === 'string' ? readShort(siteID, slotMs, block, row) : readPlain(siteID, row)) ?? []) ?? []
}

function readPlain(siteID: string, row: unknown): MessageRow | null {
  if (!Array.isArray(row) || row.length !== plainFields || typeof row[0] !== 'string') return null
  const [id, atMs, clientID, direction, action, messageId, status, latencyMs, bytes, cut, request, answer] = row as readonly unknown[] as Plain
  return { id, atMs, sentMono: 0, clientID, siteID, direction: direction === 0 ? 'in' : 'out', action, messageId, status, latencyMs, bytes, cut: cut === 1, request, answer }
}

function readShort(siteID: string, slotMs: number, { names, templates }: z.infer<typeof blockSchema>, row: string): MessageRow | null {
  const fields = row.split(separator)
  const [idEnd, lateMs, client, named, marked, latency, bytes, messageId, asked, ...rest] = fields
  const [atMs, marks] = [slotMs + Number(lateMs), Number(marked)]
  const [clientID, action, status, template] = [names[Number(client)], names[Number(named)], messageStatuses[marks >>> 3], templates[Number(asked)]]
  if (idEnd === undefined || clientID === undefined || action === undefined || messageId === undefined || status === undefined || template === undefined || !Number.isInteger(atMs)) return null
  const [answered, ...answerValues] = rest.slice(template.length - 1)
  const answerTemplate = answered === undefined || answered === '' ? null : templates[Number(answered)]
  if (answered === undefined || answerTemplate === undefined || answerValues.length !== (answerTemplate?.length ?? 1) - 1) return null
  const request = filled(askedHead(messageId, action), template, rest)
  const answer = answerTemplate === null ? null : filled(answeredHead(messageId, (marks & 4) !== 0), answerTemplate, answerValues)
  return {
    id: stamp(atMs) + idEnd, atMs, sentMono: 0, clientID, siteID, direction: (marks & 1) === 0 ? 'in' : 'out', action, messageId, status, latencyMs: latency === '' ? null : Number(latency),
    bytes: bytes === '' ? request.length + (answer?.length ?? 0) : Number(bytes), cut: (marks & 2) !== 0, request, answer,
  }
}

function askedHead(messageId: string, action: string): string {
  return `[2,"${messageId}","${action}"`
}

function answeredHead(messageId: string, failed: boolean): string {
  return `[${failed ? 4 : 3},"${messageId}"`
}

/** `values` may be more than it takes. */
function filled(head: string, template: Template, values: readonly string[]): string {
  return template.reduce((text, piece, index) => text + (index === 0 ? '' : values[index - 1]!) + piece, head)
}
