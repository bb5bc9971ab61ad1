// The help of kwota simulate, and what it is played with.
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { textOf } from './input.ts'
import type { ProgramPorts } from './program.ts'
import { seedFlags } from './seed-flags.ts'
import { sessionsFlags, simulate, type SimulateAllIo, type SimulateFlags } from './simulate-flags.ts'
import type { Finish, Terminal } from './terminal.ts'
import { positive } from './words.ts'

const help = `
Examples:
  kwota simulate test/scenarios/limit-cut.yaml
  kwota simulate --json - < my-site.yaml
  kwota simulate --sessions october.csv --site my-site.yaml --policy leastLaxity --limit 40kW
  kwota simulate --from-history ./data --site main --limit 20A
  kwota simulate --seeds 200 --jobs 2`

export function addSimulate(program: Command, terminal: Terminal, finish: Finish, ports: ProgramPorts): void {
  seedFlags(sessionsFlags(program.command('simulate').description('play scenario files on a virtual clock (exit 1 when an expectation fails), charging sessions through the engine, or random worlds full of faults').argument('[file...]', 'scenario files, - for standard input')))
    .option('--json', 'one JSON object per file on stdout').option('--seed <n>', 'seed for the random latencies', positive)
    .addHelpText('after', help)
    .action(async (files: string[], options: SimulateFlags) => finish(await simulate(files, options, simulateIo(terminal, ports))))
}

export function simulateIo({ stdout, stderr, stdin, clock }: Terminal, { openHistory }: ProgramPorts): SimulateAllIo {
  return {
    stdout, stderr, clock, openHistory, readFile: (path) => readFile(path, 'utf8'), readBytes: (path) => readFile(path), readStdin: () => textOf(stdin),
    command: { file: process.execPath, args: [...process.execArgv, process.argv[1] ?? ''] },
  }
}
