// `kwota lobby` and `kwota lobby accept ID`: who could not connect or waits, with what to change, and letting one in.
import type { Command } from 'commander'
import type { LobbyEntry } from '../actors/lobby.ts'
import type { ChargePointView } from '../actors/views.ts'
import { openClient, type ClientFlags } from './client.ts'
import { asking, ofSite } from './client-flags.ts'
import { paintFor, plain, tableOf } from './table.ts'
import type { Terminal } from './terminal.ts'
import { timeWords } from './times.ts'

interface AcceptFlags extends ClientFlags { readonly site?: string; readonly generatePassword?: boolean }

const mostAsked = 500

export function addLobby(program: Command, terminal: Terminal): void {
  const lobby = program.command('lobby').enablePositionalOptions()
  asking(lobby.description('charge points that could not connect or wait to be accepted, with what to change'), 'kwota lobby\nkwota lobby --json\nkwota lobby accept CP-07 --site main')
    .action((flags: ClientFlags) => list(flags, terminal))
  asking(ofSite(lobby.command('accept').description('configure a charge point that waits or was refused, and let it in').argument('<id>', 'as kwota lobby shows it')), 'kwota lobby accept CP-07\nkwota lobby accept CP-07 --site main --generate-password')
    .option('--generate-password', 'have kwota draw its password, which is shown once')
    .action((id: string, flags: AcceptFlags) => accept(id, flags, terminal))
}

async function list(flags: ClientFlags, terminal: Terminal): Promise<void> {
  const { stdout, stderr, env, clock } = terminal
  const client = openClient(flags, terminal)
  const { data } = await client.ask<{ readonly data: readonly LobbyEntry[] }>('GET', '/lobby', { query: { limit: mostAsked } })
  if (flags.json === true) return void stdout.write(`${JSON.stringify({ data })}\n`)
  if (data.length === 0) return void stderr.write('The lobby is empty: nobody was refused, and nobody waits.\n')
  const paint = paintFor(stdout, env)
  const nowMs = clock.wall()
  const lines = data.map(({ clientID, verdict, reason, attempts, remoteAddress, path, lastAt, change }) => [plain(clientID) || '(none)', verdict, reason, String(attempts), remoteAddress, timeWords(lastAt, nowMs), plain(path), change])
  const rows = tableOf(['charge point', 'verdict', 'reason', 'attempts', 'from', 'last', 'path'], lines.map((line) => line.slice(0, 7)), (text, column, row) => (row < 0 ? paint.dim(text) : column === 1 && text.startsWith('waiting') ? paint.warn(text) : text))
  // The sentence is longer than a line: it stands below.
  stdout.write(`${rows.flatMap((row, index) => (index === 0 ? [row] : [row, `      ${plain(lines[index - 1]?.[7] ?? '')}`])).join('\n')}\n`)
}

async function accept(id: string, flags: AcceptFlags, terminal: Terminal): Promise<void> {
  const client = openClient(flags, terminal)
  const site = await client.siteID(flags.site)
  const made = await client.ask<ChargePointView & { readonly password?: string }>('POST', `/lobby/${encodeURIComponent(id)}/accept`, { body: { site, ...(flags.generatePassword === true ? { generatePassword: true } : {}) } })
  if (flags.json === true) return void terminal.stdout.write(`${JSON.stringify(made)}\n`)
  terminal.stdout.write(`${plain(made.id)} is accepted at ${made.site} and connects by itself, within a minute or so.\n${made.password === undefined ? '' : `Its password, shown only now: ${made.password}\n`}`)
}
