// The flags and help of kwota audit verify and kwota audit export.
import type { Command } from 'commander'
import type { AuditIo, AuditOptions } from './audit.ts'
import type { ProgramPorts } from './program.ts'
import type { Finish, Terminal } from './terminal.ts'

const verifyHelp = `
Reads the whole log and checks that every entry says what was written and
follows from the one before it, up to the end that is noted beside it.
Reads ./data, or what is named: a file that kwota audit export has written
(- for standard input), a data directory, Redis, or a running kwota with
--url and a key of the scope admin in KWOTA_API_KEY or KWOTA_API_KEY_FILE.

Whoever can write the store can write a whole new log. Keep the hash that this
prints somewhere else: --contains says later whether it is still in the log.

Exit code: 0 whole, 1 not: then the first entry that does not fit is named, and
whether it was altered, is missing, was reordered or the end was cut off; 2
when there is nothing to read.

Examples:
  kwota audit verify
  kwota audit verify --data-dir /var/lib/kwota --json
  KWOTA_API_KEY=… kwota audit verify --url http://127.0.0.1:8080
  kwota audit verify audit.jsonl --contains 5f1c…`

const exportHelp = `
Writes the log to stdout as JSON lines: first what the file is, with the end of
the log, then every entry. kwota audit verify reads it.

Examples:
  kwota audit export > audit.jsonl
  KWOTA_API_KEY=… kwota audit export --url http://127.0.0.1:8080 | gzip > audit.jsonl.gz`

export function addAudit(program: Command, { stdout, stderr, stdin, env, cwd, clock }: Terminal, finish: Finish, { openHistory }: ProgramPorts): void {
  const io: AuditIo = { stdout, stderr, stdin, env, cwd, clock, openHistory }
  const audit = program.command('audit').description('the audit log: who changed what').addHelpText('after', '\nExamples:\n  kwota audit verify\n  kwota audit export > audit.jsonl')
  withSources(audit.command('verify').description('check that nothing of the audit log was changed (exit 1 when something was)').argument('[file]', 'what kwota audit export has written, - for standard input'))
    .option('--contains <hash>', 'some entry must have this hash, which was printed earlier').option('--json', 'one JSON object on stdout')
    .addHelpText('after', verifyHelp)
    .action(async (file: string | undefined, options: AuditOptions) => {
      const { auditVerify } = await import('./audit.ts')
      finish(await auditVerify(file, options, io))
    })
  withSources(audit.command('export').description('write the audit log to stdout as JSON lines'))
    .addHelpText('after', exportHelp)
    .action(async (options: AuditOptions) => {
      const { auditExport } = await import('./audit.ts')
      finish(await auditExport(options, io))
    })
}

function withSources(command: Command): Command {
  return command
    .option('--data-dir <dir>', 'read the embedded store there (./data)').option('--redis-url <url>', 'read what is in Redis')
    .option('--url <url>', 'read from a running kwota')
}
