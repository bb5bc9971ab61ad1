// `kwota tail CP-07`: what a charge point and kwota say to each other, as it happens.
import type { Command } from 'commander'
import type { MessageView } from '../actors/message-row.ts'
import { openClient, type Client, type ClientFlags } from './client.ts'
import { asking } from './client-flags.ts'
import { paintFor, plain, type Paint } from './table.ts'
import type { Terminal } from './terminal.ts'
import { momentWords } from './times.ts'
import { count } from './words.ts'

interface TailFlags extends ClientFlags { readonly errors?: boolean; readonly lines: number; readonly follow?: boolean }

const askEveryMs = 1_000
const pageSize = 200
/** Of one look; what comes faster than it can be shown is told as left out. */
const mostPages = 20
const mostShown = 4_000

export function addTail(program: Command, terminal: Terminal): void {
  asking(program.command('tail').description('the OCPP messages of a charge point, or of all, as they are answered; ends with Ctrl-C').argument('[charge point]', 'only of this one'),
    'kwota tail CP-07\nkwota tail CP-07 --errors --lines 50\nkwota tail --json | jq .action\nkwota tail CP-07 --lines 200 --no-follow', 'one JSON object per message')
    .option('--errors', 'only what was not answered with a result').option('--lines <n>', 'so many of the past first', count, 10).option('--no-follow', 'only those, and end')
    .action((clientID: string | undefined, flags: TailFlags) => tail(clientID, flags, terminal))
}

async function tail(clientID: string | undefined, flags: TailFlags, terminal: Terminal): Promise<void> {
  let over = false
  const interrupted = flags.follow === false ? null : terminal.interrupted().then(() => { over = true })
  const client = openClient(flags, terminal, interrupted ?? undefined)
  try {
    await follow(clientID, flags, client, terminal, interrupted)
  } catch (error) {
    if (!over) throw error
  }
}

/** Until `interrupted`; null = only what there is. */
async function follow(clientID: string | undefined, flags: TailFlags, client: Client, { stdout, stderr, env, clock }: Terminal, interrupted: Promise<void> | null): Promise<void> {
  if (clientID !== undefined) await client.ask('GET', `/chargepoints/${encodeURIComponent(clientID)}`)
  const of = clientID === undefined ? {} : { clientID }
  const paint = paintFor(stdout, env)
  const tell = (message: MessageView): void => {
    // What waits for its answer is told with it.
    if (message.status === 'waiting' || (flags.errors === true && message.status === 'answered')) return
    stdout.write(flags.json === true ? `${JSON.stringify(message)}\n` : `${messageLine(message, paint)}\n`)
  }
  const known = await newest(client, of, pageSize)
  const past = flags.lines === 0 ? [] : flags.errors !== true && flags.lines <= known.length ? known.slice(0, flags.lines) : await newest(client, { ...of, ...(flags.errors === true ? { errorsOnly: 'true' } : {}) }, flags.lines)
  for (const message of [...past].reverse()) tell(message)
  if (interrupted === null) return
  if (stderr.isTTY === true) stderr.write(`kwota: following ${clientID === undefined ? client.url : plain(clientID)}; Ctrl-C ends\n`)
  for (let done = doneOf(known, known.length < pageSize ? '' : known.at(-1)?.id ?? ''); ;) {
    let cancel = (): void => undefined
    const goesOn = await Promise.race([interrupted.then(() => false), new Promise<true>((then) => { cancel = clock.after(askEveryMs, () => then(true)) })])
    cancel()
    if (!goesOn) return
    const look = await since(client, of, done.floor)
    if (look.left) stderr.write('kwota: more messages came than can be shown; the older of them are left out\n')
    for (const message of [...look.messages].reverse()) if (!done.ids.has(message.id)) tell(message)
    done = doneOf(look.messages, done.floor)
  }
}

/** `floor` = nothing at or before it is looked at again; behind it those of `ids` are done. Newest first. */
export function doneOf(messages: readonly Pick<MessageView, 'id' | 'status'>[], floor: string): { readonly floor: string; readonly ids: ReadonlySet<string> } {
  const oldestWaiting = messages.findLastIndex(({ status }) => status === 'waiting')
  const behind = oldestWaiting === -1 ? messages[0]?.id ?? floor : messages[oldestWaiting + 1]?.id ?? floor
  return { floor: behind, ids: new Set(messages.flatMap(({ id, status }) => (status === 'waiting' || id <= behind ? [] : [id]))) }
}

type Page = { readonly data: readonly MessageView[]; readonly nextCursor: string | null }

/** Newest first. */
async function newest(client: Client, query: Readonly<Record<string, string>>, most: number): Promise<MessageView[]> {
  const found: MessageView[] = []
  for (let cursor: string | undefined; found.length < most;) {
    const page: Page = await client.ask<Page>('GET', '/messages', { query: { ...query, limit: Math.min(500, most - found.length), cursor } })
    found.push(...page.data)
    if (page.nextCursor === null) break
    cursor = page.nextCursor
  }
  return found
}

/** Newest first, those behind `floor`. */
async function since(client: Client, query: Readonly<Record<string, string>>, floor: string): Promise<{ readonly messages: MessageView[]; readonly left: boolean }> {
  const messages: MessageView[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < mostPages; pages++) {
    const page: Page = await client.ask<Page>('GET', '/messages', { query: { ...query, limit: pageSize, cursor } })
    const fresh = page.data.filter(({ id }) => id > floor)
    messages.push(...fresh)
    if (page.nextCursor === null || page.nextCursor <= floor || fresh.length < page.data.length) return { messages, left: false }
    cursor = page.nextCursor
  }
  return { messages, left: true }
}

/** `18:30:05.123  CP-07 > Heartbeat {} = {"currentTime":"…"} (3 ms)`; `>` asks kwota, `<` is asked by it. */
export function messageLine({ at, clientID, direction, action, request, response, error, status, latencyMs }: MessageView, paint: Paint): string {
  const answer = error !== null ? paint.bad(`! ${plain(`${error.code} ${error.description}`.trim())}`) : status === 'answered' ? `= ${payload(response)}` : paint.bad(`! ${status}`)
  return `${paint.dim(momentWords(at))}  ${plain(clientID)} ${direction === 'in' ? '>' : '<'} ${paint.bold(plain(action ?? '?'))} ${payload(request)} ${answer}${latencyMs === null ? '' : paint.dim(` (${Math.round(latencyMs)} ms)`)}`
}

function payload(value: unknown): string {
  const text = plain(typeof value === 'string' ? value : JSON.stringify(value) ?? '')
  return text.length > mostShown ? `${text.slice(0, mostShown)}… (${text.length} characters; --json has them all)` : text
}
