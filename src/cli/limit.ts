// `kwota limit set`, `show` and `clear`: the standing limit of a site, followed until every charge point has confirmed it.
import type { Command } from 'commander'
import type { LimitPreview } from '../actors/limit-preview.ts'
import type { LimitStackView } from '../actors/limit-views.ts'
import type { GridLimitView } from '../actors/views.ts'
import type { Amount } from '../quantities.ts'
import { openClient, type Client, type ClientFlags } from './client.ts'
import { asking, ofSite } from './client-flags.ts'
import { Ended, exitCodes } from './endings.ts'
import { demandEnforceable, enforced, propagationWords, usualWaitS } from './enforcement.ts'
import { previewText } from './preview.ts'
import { plain, tableOf } from './table.ts'
import type { Terminal } from './terminal.ts'
import { timeWords, zoneWords } from './times.ts'
import { duration, standing } from './words.ts'

interface LimitFlags extends ClientFlags { readonly site?: string; readonly dryRun?: boolean; readonly wait?: boolean; readonly reason?: string; readonly ttl?: number }

export function addLimit(program: Command, terminal: Terminal): void {
  const limit = program.command('limit').description('the standing limit of a site: set, show, clear')
    .addHelpText('after', '\nExamples:\n  kwota limit set 40A --dry-run\n  kwota limit show')
  writing(limit.command('set').description('set the standing limit and follow it until it is enforced').argument('<limit>', '40A per phase, or 27.6kW in all', standing))
    .option('--reason <text>', 'why, for people').option('--ttl <duration>', 'lapses into the failsafe limit unless set again (2h)', duration)
    .action((amount: Amount, flags: LimitFlags) => set(amount, flags, terminal))
  asking(ofSite(limit.command('show').description('what limits a site now and next, and how far it is carried out')), 'kwota limit show\nkwota limit show --site main --json')
    .action((flags: LimitFlags) => show(flags, terminal))
  writing(limit.command('clear').description('lift the standing limit; the fuse remains'), 'kwota limit clear --dry-run\nkwota limit clear --site main')
    .action((flags: LimitFlags) => clear(flags, terminal))
}

const setExamples = 'kwota limit set 40A --reason "transformer maintenance"\nkwota limit set 27.6kW --site main --ttl 2h\nkwota limit set 20A --dry-run\nkwota limit set 20A --no-wait --json'

function writing(command: Command, examples = setExamples): Command {
  return asking(ofSite(command), examples).option('--dry-run', 'only say what it would come to; nothing is sent or stored').option('--no-wait', 'do not wait until it is enforced')
}

async function set(amount: Amount, flags: LimitFlags, terminal: Terminal): Promise<void> {
  const client = openClient(flags, terminal)
  const siteID = await client.siteID(flags.site)
  const body = { ...amount, ...(flags.reason === undefined ? {} : { reason: flags.reason }), ...(flags.ttl === undefined ? {} : { ttlS: flags.ttl }) }
  const path = pathOf(siteID)
  if (flags.dryRun === true) return tellPreview(await client.ask('PUT', path, { body, query: { dryRun: 'true' } }), flags, terminal)
  await follow(siteID, await client.ask<GridLimitView>('PUT', path, { body }), flags, client, terminal)
}

async function clear(flags: LimitFlags, terminal: Terminal): Promise<void> {
  const client = openClient(flags, terminal)
  const siteID = await client.siteID(flags.site)
  const path = pathOf(siteID)
  if (flags.dryRun === true) return tellPreview(await client.ask('DELETE', path, { query: { dryRun: 'true' } }), flags, terminal)
  await client.ask('DELETE', path)
  await follow(siteID, await client.ask<GridLimitView>('GET', path), flags, client, terminal)
}

/** Says on stdout how it stands when it is enforced, or at once with --no-wait. */
async function follow(siteID: string, now: GridLimitView, flags: LimitFlags, client: Client, terminal: Terminal): Promise<void> {
  const view = flags.wait === false ? now : await enforced({ client, siteID, clock: terminal.clock, stderr: terminal.stderr, timeoutS: flags.timeout ?? usualWaitS })
  terminal.stdout.write(flags.json === true ? `${JSON.stringify(view)}\n` : `${limitLines(siteID, view, terminal.clock.wall(), await client.timezoneOf(siteID)).join('\n')}\n`)
  if (view.setAt !== now.setAt) throw new Ended(exitCodes.conflict, 'Somebody has changed the limit while this one was carried out.', 'What holds now is above; kwota audit export says who it was.')
  demandEnforceable(view)
}

async function show(flags: LimitFlags, terminal: Terminal): Promise<void> {
  const client = openClient(flags, terminal)
  const siteID = await client.siteID(flags.site)
  const [view, { limits, outlook }] = await Promise.all([client.ask<GridLimitView>('GET', pathOf(siteID)), client.ask<LimitStackView>('GET', `/sites/${encodeURIComponent(siteID)}/limits`)])
  if (flags.json === true) return void terminal.stdout.write(`${JSON.stringify({ siteID, ...view, limits, outlook })}\n`)
  const nowMs = terminal.clock.wall()
  const timezone = await client.timezoneOf(siteID)
  const time = (at: string | null) => (at === null ? '' : timeWords(at, nowMs, timezone))
  const rows = limits.map(({ id, currentA, state, from, until, reason, source }) => [id, `${currentA} A`, state, time(from), time(until), [reason, source].filter((word) => word !== null).join(', ')])
  terminal.stdout.write(`${[...limitLines(siteID, view, nowMs, timezone), ...tableOf(['limit', 'amps', 'state', 'from', 'until', 'why'], rows), `  times are those of ${zoneWords(timezone)}`].join('\n')}\n`)
}

function limitLines(siteID: string, view: GridLimitView, nowMs: number, timezone: string | undefined): string[] {
  const { effective, next, currentA, powerW, reason, expiresAt } = view
  const standingWords = currentA === null ? 'no standing limit' : `standing limit ${powerW === undefined ? `${currentA} A` : `${powerW / 1_000} kW`}${reason === undefined ? '' : ` (${plain(reason)})`}${expiresAt === undefined ? '' : `, lapses ${timeWords(expiresAt, nowMs, timezone)}`}`
  return [
    `${siteID}: ${effective.currentA} A (${effective.powerW / 1_000} kW) by ${effective.binding}${next === null ? '' : `, from ${timeWords(next.at, nowMs, timezone)} ${next.currentA} A`}`,
    `  ${standingWords}`, `  ${propagationWords(view)}`,
  ]
}

/** For every command that can be tried first. */
export function tellPreview(preview: LimitPreview, { json }: ClientFlags, { stdout }: Pick<Terminal, 'stdout'>): void {
  stdout.write(json === true ? `${JSON.stringify(preview)}\n` : previewText(preview))
}

function pathOf(siteID: string): string {
  return `/sites/${encodeURIComponent(siteID)}/grid-limit`
}
