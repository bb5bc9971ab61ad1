// The flags and help of kwota doctor and kwota config print: what concerns this machine, before anything runs.
import type { Command } from 'commander'
import type { ConfigFlags } from './config-print.ts'
import type { DoctorFlags } from './doctor.ts'
import type { ProgramPorts } from './program.ts'
import { withServerFlags } from './serve-command.ts'
import type { Finish, Terminal } from './terminal.ts'

const doctorHelp = `
Looks at what kwota serve would need with the same flags, in order: Node.js, the
configuration, address, ports, disk, store, clock, and whether the fallbacks of
each site fit under its limits. Nothing is changed.

Exit code: 0 nothing fails (warnings do not count), 1 something fails, 2 the
configuration does.

Examples:
  kwota doctor
  kwota doctor --config /etc/kwota.yaml --data-dir /var/lib/kwota --json`

const printHelp = `
Prints what kwota serve would take with the same flags, as YAML with every
default, or with --origin value by value: flag, variable, file and line, or
default. Flags win over the environment, that over kwota.yaml, that over
defaults. Secrets are shown as ***.

Examples:
  kwota config print
  kwota config print --origin --port 9000
  kwota config print --origin --json | jq '.[] | select(.origin.source != "default")'`

export function addMachine(program: Command, terminal: Terminal, finish: Finish, { stores }: ProgramPorts): void {
  withServerFlags(program.command('doctor').description('check everything a start needs, and say what to do'))
    .option('--json', 'one JSON object on stdout').addHelpText('after', doctorHelp)
    .action(async (flags: DoctorFlags) => finish(await (await import('./doctor.ts')).doctor(flags, terminal, stores)))
  const config = program.command('config').description('the configuration, as flags, environment and kwota.yaml make it').addHelpText('after', '\nExamples:\n  kwota config print --origin')
  withServerFlags(config.command('print').description('print the configuration, and where each value comes from'))
    .option('--origin', 'value by value, with where it comes from').option('--json', 'as JSON on stdout').addHelpText('after', printHelp)
    .action(async (flags: ConfigFlags) => (await import('./config-print.ts')).configPrint(flags, terminal))
}
