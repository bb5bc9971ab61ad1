// The flags and help of kwota backup and kwota restore.
import type { Command } from 'commander'
import type { BackupFlags } from './backup.ts'
import type { BackupIo } from './backup-io.ts'
import type { ProgramPorts } from './program.ts'
import type { RestoreFlags } from './restore.ts'
import type { Terminal } from './terminal.ts'

const backupHelp = `
Writes everything in the store into one file, which only its owner may read: it
holds all that kwota knows, secrets too. It is there whole or not at all.
Without a name it is called kwota-<site or host>-<time>.kwota-backup.gz; - is
standard output. Files that charge points have uploaded are not in it.

No kwota may run on the store meanwhile. A running one is asked with --url, and
a key of the scope admin in KWOTA_API_KEY or KWOTA_API_KEY_FILE.

Exit code: 0 written, 1 failure, 2 usage or configuration, 4 the key is not
good for it, 5 a running kwota holds the store or makes a backup already, or
none answers at --url.

Examples:
  kwota backup
  kwota backup --data-dir /var/lib/kwota /mnt/backups/kwota.kwota-backup.gz
  KWOTA_API_KEY=… kwota backup --url http://127.0.0.1:8080 --json
  kwota backup --without-history - | ssh vault 'cat > kwota.kwota-backup.gz'`

const restoreHelp = `
Puts a backup in the place of what the store holds. The whole file is read and
checked first. A store that holds data is only replaced with --force, and what
it held is kept: beside it as store.before-restore-<time>, or for Redis as a
backup beside the file. No kwota may run on it.

What has happened since the backup is not known any more. So at the next start
every site holds its failsafe limit, and counts every connector at its hardware
maximum, until somebody sets a grid limit; the alert store-rolled-back says so.

Exit code: 0 restored, 1 failure (a file that is torn, altered, or none of
kwota: nothing is changed), 2 usage or configuration, 5 a running kwota holds
the store, or it holds data and --force is not there.

Examples:
  kwota restore kwota-main-20261123T193000Z.kwota-backup.gz --dry-run
  kwota restore kwota.kwota-backup.gz --data-dir /var/lib/kwota
  kwota restore kwota.kwota-backup.gz --redis-url redis://127.0.0.1:6379 --force`

export function addBackupCommands(program: Command, { stdout, stderr, env, cwd, clock }: Terminal, { stores, version }: ProgramPorts): void {
  const io: BackupIo = { stdout, stderr, env, cwd, clock, stores, version }
  withPlace(program.command('backup').description('write everything in the store into one file').argument('[file]', 'what to write, - for standard output'))
    .option('--url <url>', 'of a running kwota, which is asked for it').option('--without-history', 'without readings, messages and decisions; transactions and the audit log are always in it')
    .option('--json', 'one JSON object on stdout').addHelpText('after', backupHelp)
    .action(async (file: string | undefined, flags: BackupFlags) => (await import('./backup.ts')).backup(file, flags, io))
  withPlace(program.command('restore').description('put a backup in the place of what the store holds').argument('<file>', 'what kwota backup has written'))
    .option('--dry-run', 'only say what would come and what would go').option('--force', 'also when the store holds data')
    .option('--json', 'one JSON object on stdout').addHelpText('after', restoreHelp)
    .action(async (file: string, flags: RestoreFlags) => (await import('./restore.ts')).restore(file, flags, io))
}

function withPlace(command: Command): Command {
  return command.option('--data-dir <dir>', 'where the embedded store lies (./data)').option('--config <file>', 'configuration file (./kwota.yaml where there is one)').option('--redis-url <url>', 'the store is in Redis')
}
