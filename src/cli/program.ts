// The command line: names, flags and help of every command, over what main hands in.
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import type { House } from '../actors/house.ts'
import type { Clock } from '../clock.ts'
import type { Config, Flags } from '../config.ts'
import type { OpenHistory } from '../simulator/sessions/history.ts'
import { auditExport, auditExportHelp, auditVerify, auditVerifyHelp, type AuditOptions } from './audit.ts'
import { addBackupCommands } from './backup-commands.ts'
import type { BackupIo } from './backup-io.ts'
import { compositeCommand, compositeHelp, type CompositeOptions } from './composite.ts'
import { demo } from './demo.ts'
import { sessionsFlags, simulate, type SimulateFlags } from './simulate-flags.ts'
import { seedFlags } from './simulate-seeds.ts'

export type ServeOverrides = Partial<Pick<Config, 'sites' | 'chargePoints' | 'port' | 'dataDir' | 'logLevel' | 'engine' | 'redisUrl'>>

/** A running server. */
export interface Served {
  readonly url: string
  readonly ocppUrl: string
  /** The same over TLS, where that is configured. */
  readonly secureUrl?: string
  readonly secureOcppUrl?: string
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
  readonly openapi: () => unknown
  /** What kwota itself has stored in a directory or a Redis (`redis://…`), to read; to be closed. */
  readonly openHistory: OpenHistory
  readonly stores: BackupIo['stores']
  readonly clock: Clock
  readonly explain: (error: unknown) => string
  readonly exitCodeOf: (error: unknown) => number
}

/** Runs one command; resolves with the exit code: 0 ok, 1 failure, 2 usage or configuration. */
export async function runProgram(argv: readonly string[], ports: ProgramPorts): Promise<number> {
  let code = 0
  const program = new Command('kwota').description('OCPP 1.6-J central system that keeps a site under its grid limit.').version(ports.version).exitOverride().showHelpAfterError()
  const talk = (line: string) => void process.stderr.write(`${line}\n`)

  withServerFlags(program.command('serve').description('run the server'))
    .addHelpText('after', '\nExamples:\n  kwota serve\n  kwota serve --port 9000 --data-dir /var/lib/kwota\n  KWOTA_API_KEY=$(openssl rand -hex 24) kwota serve --host 0.0.0.0')
    .action(async (flags: Flags) => {
      const interruption = interrupted()
      const served = await ports.serve(flags, {}, interruption).catch((error: unknown) => {
        if (error instanceof Error && error.name === 'GivenUp') return null
        throw error
      })
      if (served === null) return talk('stopped while it waited for the store')
      talk(`kwota ${ports.version}`)
      talk(`  page     ${served.url}/`)
      const secure = served.secureUrl === undefined ? '' : `\n  over TLS ${served.secureUrl}/\n           ${served.secureOcppUrl}/<charge point id>`
      // One write: who waits for the first address finds the other with it.
      talk(`  chargers ${served.ocppUrl}/<charge point id>   (OCPP 1.6-J)${secure}`)
      talk(`  data     ${served.storedIn}`)
      if (served.loopback) talk('  Only this machine can reach it; see the README, "Connect a charger", to open it.')
      talk('  Stop with Ctrl-C.')
      await interruption
      talk('stopping: no more raisings, everything is written')
      await served.stop()
    })

  program.command('demo').description('the server with a simulated depot of 8 charge points beside it')
    .option('--port <port>', 'port to listen on (0 = a free one)', '8080')
    .option('--seconds <n>', 'end by itself after so many seconds', positive)
    .addHelpText('after', '\nExamples:\n  kwota demo\n  kwota demo --seconds 60 --port 0')
    .action(async (options: { port: string; seconds?: number }) => {
      code = await demo({ ...options, serve: ports.serve, clock: ports.clock, stdout: process.stdout, stderr: process.stderr, env: process.env, interrupted })
    })

  seedFlags(sessionsFlags(program.command('simulate').description('play scenario files on a virtual clock (exit 1 when an expectation fails), charging sessions through the engine, or random worlds full of faults').argument('[file...]', 'scenario files, - for standard input')))
    .option('--json', 'one JSON object per file on stdout').option('--seed <n>', 'seed for the random latencies', positive)
    .addHelpText('after', '\nExamples:\n  kwota simulate test/scenarios/limit-cut.yaml\n  kwota simulate --json - < my-site.yaml\n  kwota simulate --sessions october.csv --site my-site.yaml --policy leastLaxity --limit 40kW\n  kwota simulate --from-history ./data --site main --limit 20A\n  kwota simulate --seeds 200 --jobs 2')
    .action(async (files: string[], options: SimulateFlags) => {
      code = await simulate(files, options, {
        stdout: process.stdout, stderr: process.stderr, readFile: (path) => readFile(path, 'utf8'), readBytes: readFile, readStdin: () => text(process.stdin),
        clock: ports.clock, openHistory: ports.openHistory, command: { file: process.execPath, args: [...process.execArgv, process.argv[1] ?? ''] },
      })
    })

  program.command('composite').description('what a stack of charging profiles will do: the answer to every SetChargingProfile, and the composite schedule').argument('<file>', 'cases as JSON, - for standard input')
    .option('--json', 'one JSON array on stdout, one element per case').option('--svg', 'a picture of one case as SVG on stdout').option('--case <id>', 'only the case of this id')
    .addHelpText('after', compositeHelp)
    .action(async (file: string, options: CompositeOptions) => {
      code = await compositeCommand(file, options, { stdout: process.stdout, stderr: process.stderr, readFile: (path) => readFile(path, 'utf8'), readStdin: () => text(process.stdin), env: process.env })
    })

  const audit = program.command('audit').description('the audit log: who changed what')
  const auditIo = { stdout: process.stdout, stderr: process.stderr, stdin: process.stdin, readFile: (path: string) => readFile(path, 'utf8'), env: process.env, clock: ports.clock, openHistory: ports.openHistory }
  withSources(audit.command('verify').description('check that nothing of the audit log was changed (exit 1 when something was)').argument('[file]', 'what kwota audit export has written, - for standard input'))
    .option('--contains <hash>', 'some entry must have this hash, which was printed earlier').option('--json', 'one JSON object on stdout')
    .addHelpText('after', auditVerifyHelp)
    .action(async (file: string | undefined, options: AuditOptions) => {
      code = await auditVerify(file, options, auditIo)
    })
  withSources(audit.command('export').description('write the audit log to stdout as JSON lines'))
    .addHelpText('after', auditExportHelp)
    .action(async (options: AuditOptions) => {
      code = await auditExport(options, auditIo)
    })

  const { stdout, stderr, env } = process
  addBackupCommands(program, { stdout, stderr, env, cwd: process.cwd(), clock: ports.clock, stores: ports.stores, version: ports.version }, (ended) => { code = ended })

  program.command('openapi').description('print the OpenAPI 3.1 document of the REST API').action(() => {
    process.stdout.write(`${JSON.stringify(ports.openapi(), null, 2)}\n`)
  })

  try {
    await program.parseAsync(argv)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    talk(`kwota: ${ports.explain(error)}`)
    return ports.exitCodeOf(error)
  }
  return code
}

function withSources(command: Command): Command {
  return command
    .option('--data-dir <dir>', 'read the embedded store there (./data)').option('--redis-url <url>', 'read what is in Redis')
    .option('--url <url>', 'read from a running kwota')
}

function withServerFlags(command: Command): Command {
  return command
    .option('--host <address>', 'address to listen on (127.0.0.1)').option('--port <port>', 'port to listen on, 0 = a free one (8080)')
    .option('--data-dir <dir>', 'where the embedded store lies (./data)').option('--config <file>', 'configuration file (./kwota.yaml where there is one)')
    .option('--redis-url <url>', 'keep everything in Redis instead').option('--log-level <level>', 'debug, info, warn or error (info)')
}

function positive(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number <= 0) throw new InvalidArgumentError('a whole number above 0.')
  return number
}

/** Resolves at the first signal; the next ends the process at once, as it does by itself. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM'] as const
    const stop = (): void => {
      for (const signal of signals) process.off(signal, stop)
      resolve()
    }
    for (const signal of signals) process.on(signal, stop)
  })
}
