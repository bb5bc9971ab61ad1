// `kwota curtail 20A --for 30m`, `curtail list` and `curtail end`: limits for a time that undo themselves.
import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import type { CurtailmentView } from '../actors/curtailment-record.ts'
import type { GridLimitView } from '../actors/views.ts'
import { amountWords, type Amount } from '../quantities.ts'
import { openClient, type ClientFlags } from './client.ts'
import { asking, ofSite } from './client-flags.ts'
import { Ended, exitCodes } from './endings.ts'
import { demandEnforceable, enforced, usualWaitS } from './enforcement.ts'
import { tellPreview } from './limit.ts'
import { plain, tableOf } from './table.ts'
import type { Terminal } from './terminal.ts'
import { timeWords, zoneWords } from './times.ts'
import { amount, duration } from './words.ts'

interface CurtailFlags extends ClientFlags {
  readonly site?: string
  /** Seconds. */
  readonly for?: number
  readonly reason?: string
  readonly source?: string
  readonly dimming?: boolean
  readonly dryRun?: boolean
  readonly wait?: boolean
  readonly all?: boolean
}

const examples = 'kwota curtail 20A --for 30m --reason "evening peak" --source "grid operator"\nkwota curtail 60% --for 2h --dry-run\nkwota curtail 4.2kW --for 1h --dimming\nkwota curtail list\nkwota curtail end cur_9f32578f8f9f'

export function addCurtail(program: Command, terminal: Terminal): void {
  // What stands behind `list` and `end` is theirs.
  const curtail = program.command('curtail').enablePositionalOptions().description('limit a site for a time; it undoes itself, also over a restart').argument('<limit>', '20A per phase, 13.8kW in all, or 60% of the fuse', amount)
  asking(ofSite(curtail), examples)
    .option('--for <duration>', 'how long, at most 7d; to be said', duration).option('--reason <text>', 'why, for people').option('--source <text>', 'who asked for it')
    .option('--dimming', 'of the charge points together, never below what is guaranteed to them')
    .option('--dry-run', 'only say what it would come to; nothing is sent or stored').option('--no-wait', 'do not wait until it is enforced')
    .action((wanted: Amount, flags: CurtailFlags) => begin(wanted, flags, terminal))
  asking(ofSite(curtail.command('list').description('curtailments that hold or will hold')), 'kwota curtail list\nkwota curtail list --all --json').option('--all', 'ended ones too')
    .action((flags: CurtailFlags) => list(flags, terminal))
  asking(ofSite(curtail.command('end').description('lift a curtailment before its time').argument('<id>', 'as kwota curtail list shows it')), 'kwota curtail end cur_9f32578f8f9f')
    .action((id: string, flags: CurtailFlags) => end(id, flags, terminal))
}

async function begin(wanted: Amount, flags: CurtailFlags, terminal: Terminal): Promise<void> {
  // A required option of a command would be asked of its subcommands too.
  if (flags.for === undefined) throw new Ended(exitCodes.usage, 'A curtailment has an end: say how long.', `For example: kwota curtail ${amountWords(wanted).replace(' ', '')} --for 30m`)
  const client = openClient(flags, terminal)
  const { clock, stdout, stderr } = terminal
  const siteID = await client.siteID(flags.site)
  const expiresAt = new Date(clock.wall() + flags.for * 1000).toISOString()
  const { reason, source } = flags
  const body = { ...wanted, expiresAt, ...(flags.dimming === true ? { kind: 'dimming' } : {}), ...(reason === undefined ? {} : { reason }), ...(source === undefined ? {} : { source }) }
  if (flags.dryRun === true) return tellPreview(await client.ask('POST', pathOf(siteID), { body, query: { dryRun: 'true' } }), flags, terminal)
  // Asked for at the same time: nothing may come before the limit, and nothing hold up what is said of it.
  const zone = client.timezoneOf(siteID)
  const made = await client.ask<CurtailmentView>('POST', pathOf(siteID), { body, headers: { 'Idempotency-Key': randomUUID() } })
  // Said at once: whoever is interrupted must know what to end.
  const timezone = await zone
  const said = `${made.id}: ${siteID} holds ${amountWords(wanted)} until ${timeWords(made.expiresAt, clock.wall(), timezone)} (${zoneWords(timezone)}); lift it before with kwota curtail end ${made.id}`
  if (flags.json !== true) stdout.write(`${said}\n`)
  const view: GridLimitView | null = flags.wait === false ? null : await enforced({ client, siteID, clock, stderr, timeoutS: flags.timeout ?? usualWaitS }).catch((error: unknown) => {
    if (flags.json === true) stdout.write(`${JSON.stringify(made)}\n`)
    throw error
  })
  if (flags.json === true) stdout.write(`${JSON.stringify(made)}\n`)
  if (view !== null) demandEnforceable(view)
}

async function list(flags: CurtailFlags, { clock, stdout, stderr, ...terminal }: Terminal): Promise<void> {
  const client = openClient(flags, { clock, stderr, ...terminal })
  const siteID = await client.siteID(flags.site)
  const { data } = await client.ask<{ readonly data: readonly CurtailmentView[] }>('GET', pathOf(siteID), { query: { limit: 500 } })
  const shown = data.filter(({ endedAt }) => flags.all === true || endedAt === null)
  if (flags.json === true) return void stdout.write(`${JSON.stringify({ siteID, data: shown })}\n`)
  if (shown.length === 0) return void stderr.write(`No curtailment of ${siteID} ${flags.all === true ? 'is kept' : 'holds or will hold'}.\n`)
  const nowMs = clock.wall()
  const timezone = await client.timezoneOf(siteID)
  const rows = shown.map((one) => [one.id, wantedOf(one), one.state, timeWords(one.startsAt, nowMs, timezone), timeWords(one.endedAt ?? one.expiresAt, nowMs, timezone), [one.kind === 'curtailment' ? undefined : one.kind, one.reason, one.source].filter((word) => word !== undefined).join(', ')])
  stdout.write(`${tableOf(['curtailment', 'limit', 'state', 'from', 'until', 'why'], rows).join('\n')}\n  times are those of ${zoneWords(timezone)}\n`)
}

async function end(id: string, flags: CurtailFlags, terminal: Terminal): Promise<void> {
  if (!/^[\w-]+$/.test(id)) throw new Ended(exitCodes.usage, `${JSON.stringify(plain(id).slice(0, 60))} is no id of a curtailment.`, 'kwota curtail list shows those there are.')
  const client = openClient(flags, terminal)
  const siteID = await client.siteID(flags.site)
  await client.ask('DELETE', `${pathOf(siteID)}/${id}`)
  const ended = await client.ask<CurtailmentView>('GET', `${pathOf(siteID)}/${id}`)
  terminal.stdout.write(flags.json === true ? `${JSON.stringify(ended)}\n` : `${id} is ${ended.state}\n`)
}

function wantedOf({ currentA, powerW, percent }: CurtailmentView): string {
  return amountWords(currentA !== undefined ? { currentA } : powerW !== undefined ? { powerW } : { percent: percent ?? 0 })
}

function pathOf(siteID: string): string {
  return `/sites/${encodeURIComponent(siteID)}/curtailments`
}
