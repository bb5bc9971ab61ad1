// The flags and help of kwota replay.
import type { Command } from 'commander'
import type { ProgramPorts } from './program.ts'
import type { ReplayFlags } from './replay.ts'
import { simulateIo } from './simulate-command.ts'
import type { Finish, Terminal } from './terminal.ts'

const help = `
FILE is one of:
  a backup (kwota backup), a data directory no kwota runs on, or redis://…
      what kwota has stored of a site (its transactions, samples, the load of
      the building) is played again through the engine, and what each car gets
      is set beside what it truly got
  a scenario file (YAML)
      is played as it is written and again with --limit or --policy, and what
      differs is shown; without either it is played as kwota simulate does
  a world (JSON) that kwota simulate --seeds has saved
      is played again, with its trace

Exit code: 0 played, 1 a scenario or world as it is written fails, 2 the file
or a flag cannot be used.

Examples:
  kwota replay kwota-main-20261123T193000Z.kwota-backup.gz --limit 30A
  kwota replay ./data --site main --policy leastLaxity --from 2026-11-01 --json
  kwota replay test/scenarios/limit-cut.yaml --policy fifo
  kwota replay sim-failures/seed-7.json`

export function addReplay(program: Command, terminal: Terminal, finish: Finish, ports: ProgramPorts): void {
  program.command('replay').description('play what was recorded again, with another limit or policy, and show what differs').argument('<file>', 'a backup, data directory, redis://…, scenario or saved world')
    .option('--site <id>', 'of a backup or store: which site (main)').option('--limit <limit>', 'under this standing limit: 40A per phase, or 27.6kW in all')
    .option('--policy <name>', 'share by this policy instead of the one of the site')
    .option('--from <time>', 'of a backup or store: only sessions that begin from then on').option('--to <time>', 'only those that begin before then')
    .option('--json', 'one JSON object on stdout').addHelpText('after', help)
    .action(async (file: string, flags: ReplayFlags) => finish(await (await import('./replay.ts')).replay(file, flags, simulateIo(terminal, ports))))
}
