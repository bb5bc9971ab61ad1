// The command line: every command with what it is given; what a command is made of is loaded when it runs.
import { Command, CommanderError } from 'commander'
import type { House } from '../actors/house.ts'
import type { Clock } from '../clock.ts'
import type { Config, Flags } from '../config.ts'
import type { OpenHistory } from '../simulator/sessions/history.ts'
import { addAudit } from './audit-commands.ts'
import { addBackupCommands } from './backup-commands.ts'
import type { BackupIo } from './backup-io.ts'
import { addCheck } from './check.ts'
import { addComposite } from './composite-command.ts'
import { addCompletion } from './completion-command.ts'
import { addCurtail } from './curtail.ts'
import { Ended, exitCodes } from './endings.ts'
import { addLimit } from './limit.ts'
import { addLobby } from './lobby.ts'
import { addReplay } from './replay-command.ts'
import { addDemo, addServe } from './serve-command.ts'
import { addSimulate } from './simulate-command.ts'
import { addStatus } from './status.ts'
import { addTail } from './tail.ts'
import { addMachine } from './machine-commands.ts'
import { processTerminal, type Finish, type Terminal } from './terminal.ts'
import { addWhy } from './why.ts'

export type ServeOverrides = Partial<Pick<Config, 'sites' | 'chargePoints' | 'tariffs' | 'port' | 'dataDir' | 'logLevel' | 'engine' | 'redisUrl'>>

/** A running server. */
export interface Served {
  readonly url: string
  readonly ocppUrl: string
  /** The same over TLS, where that is configured. */
  readonly secureUrl?: string
  readonly secureOcppUrl?: string
  /** Where it listens at every address of the machine: what can be typed elsewhere, `http://host:port`, other machines' way first; empty = `url` is one. */
  readonly urls?: readonly string[]
  readonly storedIn: string
  readonly loopback: boolean
  readonly house: House
  readonly config: Config
  stop(): Promise<void>
}

export interface ProgramPorts {
  /** Rejects with an error named GivenUp when `givenUp` resolves before it serves. */
  readonly serve: (flags: Flags, overrides?: ServeOverrides, givenUp?: Promise<void>) => Promise<Served>
  readonly version: string
  readonly openapi: () => Promise<unknown>
  /** What kwota itself has stored in a directory or a Redis (`redis://…`), to read; to be closed. */
  readonly openHistory: OpenHistory
  readonly stores: BackupIo['stores']
  readonly clock: Clock
  /** What is said of an error that ends a command, and the exit code. */
  readonly explain: (error: unknown) => Promise<{ readonly words: string; readonly exitCode: number }>
}

const help = `
Examples:
  kwota serve
  kwota limit set 40A --dry-run
  kwota why CP-03/1
  kwota tail CP-07 --errors

What is asked of a running kwota goes to --url or KWOTA_URL. Data goes to stdout, all else to stderr.
Exit code: 0 ok, 1 failure, 2 usage or configuration, 3 not found, 4 key, 5 conflict or offline, 6 time-out.`

/** The tree of all commands. `finish` hears the exit code of the one that ran, where it has one. */
export function createProgram(ports: ProgramPorts, terminal: Terminal, finish: Finish): Command {
  const program = new Command('kwota').description('OCPP 1.6-J central system that keeps a site under its grid limit.').version(ports.version).exitOverride().enablePositionalOptions().showHelpAfterError('Add --help to see what it takes.')
  program.addHelpText('after', help)
  addServe(program, terminal, ports)
  addDemo(program, terminal, finish, ports)
  addStatus(program, terminal)
  addLimit(program, terminal)
  addCurtail(program, terminal)
  addWhy(program, terminal)
  addTail(program, terminal)
  addLobby(program, terminal)
  addCheck(program, terminal, finish)
  addSimulate(program, terminal, finish, ports)
  addReplay(program, terminal, finish, ports)
  addComposite(program, terminal, finish)
  addMachine(program, terminal, finish, ports)
  addAudit(program, terminal, finish, ports)
  addBackupCommands(program, terminal, ports)
  addCompletion(program, terminal)
  program.command('openapi').description('print the OpenAPI 3.1 document of the REST API').option('--json', 'it is JSON in any case').addHelpText('after', '\nExamples:\n  kwota openapi > kwota-openapi.json').action(async () => {
    terminal.stdout.write(`${JSON.stringify(await ports.openapi(), null, 2)}\n`)
  })
  return program
}

/** Runs one command; resolves with the exit code (endings.ts). */
export async function runProgram(argv: readonly string[], ports: ProgramPorts): Promise<number> {
  let code = 0
  const terminal = processTerminal(ports.clock)
  try {
    await createProgram(ports, terminal, (ended) => { code = ended }).parseAsync(argv)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    if (error instanceof Ended) {
      terminal.stderr.write(`kwota: ${error.message}\n${error.hint === undefined ? '' : `hint: ${error.hint}\n`}`)
      return error.exitCode
    }
    const { words, exitCode } = await ports.explain(error)
    terminal.stderr.write(`kwota: ${words}\n`)
    return exitCode
  }
  return code
}
