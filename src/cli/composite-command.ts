// The flags and help of kwota composite.
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { CompositeOptions } from './composite.ts'
import { textOf } from './input.ts'
import type { Finish, Terminal } from './terminal.ts'

const help = `
FILE holds { "cases": [...] }, a list of cases, or one case:
  { "id": "evening", "start": "2026-01-01T18:00:00Z", "duration": 3600,
    "rateUnit": "A", "connectorId": 1, "connectors": 1,
    "transactions": [
      { "connectorId": 1, "transactionId": 7, "start": "2026-01-01T17:00:00Z" }],
    "profiles": [{ "connectorId": 1, "csChargingProfiles": { ... } }],
    "clears": [{ "request": { "id": 2 } }],
    "defaults": { "voltage": 230, "phases": 3 } }
The profiles are offered one after the other as SetChargingProfile, then come
the clears, and the schedule is taken at start. No clock is looked at.
Left out: rateUnit A, one connector, no transactions, 230 V, 3 phases.

Exit code: 0, or 1 when a case is broken, or 2 when the file cannot be read.

Examples:
  kwota composite profiles.json
  kwota composite profiles.json --case evening --svg > evening.svg
  kwota composite --json - < profiles.json`

export function addComposite(program: Command, { stdout, stderr, stdin, env }: Terminal, finish: Finish): void {
  program.command('composite').description('what a stack of charging profiles will do: the answer to every SetChargingProfile, and the composite schedule').argument('<file>', 'cases as JSON, - for standard input')
    .option('--json', 'one JSON array on stdout, one element per case').option('--svg', 'a picture of one case as SVG on stdout').option('--case <id>', 'only the case of this id')
    .addHelpText('after', help)
    .action(async (file: string, options: CompositeOptions) => {
      const { compositeCommand } = await import('./composite.ts')
      finish(await compositeCommand(file, options, { stdout, stderr, env, readFile: (path) => readFile(path, 'utf8'), readStdin: () => textOf(stdin) }))
    })
}
