// `kwota status`: how a site stands, in one sentence, with a line for each connector and what is wrong.
import type { Command } from 'commander'
import { carWords, countDoing } from '../actors/doing.ts'
import { usedWords } from '../actors/used-words.ts'
import type { AlertView, PowerView } from '../actors/views.ts'
import { openClient, type ClientFlags } from './client.ts'
import { asking, ofSite } from './client-flags.ts'
import { paintFor, plain, tableOf } from './table.ts'
import type { Terminal } from './terminal.ts'
import { timeWords, zoneWords } from './times.ts'

export function addStatus(program: Command, terminal: Terminal): void {
  asking(ofSite(program.command('status').description('how a site stands: limit, load, connectors, open alerts')), 'kwota status\nkwota status --site main --json')
    .action((flags: ClientFlags & { readonly site?: string }) => status(flags, terminal))
}

async function status(flags: ClientFlags & { readonly site?: string }, terminal: Terminal): Promise<void> {
  const { stdout, env, clock } = terminal
  const client = openClient(flags, terminal)
  const siteID = await client.siteID(flags.site)
  const [power, { data }] = await Promise.all([client.ask<PowerView>('GET', `/sites/${encodeURIComponent(siteID)}/power`), client.ask<{ readonly data: readonly AlertView[] }>('GET', '/alerts', { query: { limit: 500 } })])
  const alerts = data.filter((alert) => alert.siteID === siteID && alert.resolvedAt === null && alert.severity !== 'info')
  if (flags.json === true) return void stdout.write(`${JSON.stringify({ ...power, alerts })}\n`)
  const paint = paintFor(stdout, env)
  const timezone = alerts.length === 0 ? undefined : await client.timezoneOf(siteID)
  const nowMs = clock.wall()
  const offline = power.connectors.filter(({ online }) => !online).length
  const late = power.connectors.filter(({ raising }) => raising !== undefined).length
  const amps = (value: number | null) => (value === null ? '–' : `${value} A`)
  const rows = power.connectors.map((one) => [`${one.clientID}/${one.connectorId}`, `${one.online ? one.status : 'offline'}${one.doing === null || one.doing === 'offline' || one.doing === one.status.toLowerCase() ? '' : ` (${one.doing})`}`, amps(one.requestedA), amps(one.allocatedA), amps(one.measuredA), one.binding])
  stdout.write(`${[
    `${paint.bold(siteID)}: ${usedWords(power)}, limited by ${power.effective.binding}; ${carWords(countDoing(power.connectors))}${offline === 0 ? '' : `; ${offline} of ${power.connectors.length} connectors offline`}; ${power.state}${late === 0 ? '' : `, ${late} to be raised soon`}${power.deficitA === undefined ? '' : `, ${power.deficitA} A are missing`}`,
    ...(rows.length === 0 ? ['  no connectors yet'] : tableOf(['connector', 'status', 'asked', 'allocated', 'measured', 'bound by'], rows, (text, _column, row) => (row < 0 ? paint.dim(text) : text))),
    ...alerts.map(({ severity, message, raisedAt }) => (severity === 'critical' ? paint.bad : paint.warn)(`  ${severity} since ${timeWords(raisedAt, nowMs, timezone)}: ${plain(message)}`)),
    ...(alerts.length === 0 ? [] : [`  times are those of ${zoneWords(timezone)}`]),
  ].join('\n')}\n`)
}
