// The flags and help of kwota backup and kwota restore.
import type { Command } from 'commander'
import { backup, backupHelp, type BackupFlags } from './backup.ts'
import type { BackupIo } from './backup-io.ts'
import { restore, restoreHelp, type RestoreFlags } from './restore.ts'

export function addBackupCommands(program: Command, io: BackupIo, ended: (code: number) => void): void {
  withPlace(program.command('backup').description('write everything in the store into one file').argument('[file]', 'what to write, - for standard output'))
    .option('--url <url>', 'of a running kwota, which is asked for it').option('--without-history', 'without readings, messages and decisions; transactions and the audit log are always in it')
    .option('--json', 'one JSON object on stdout').addHelpText('after', backupHelp)
    .action(async (file: string | undefined, flags: BackupFlags) => ended(await backup(file, flags, io)))
  withPlace(program.command('restore').description('put a backup in the place of what the store holds').argument('<file>', 'what kwota backup has written'))
    .option('--dry-run', 'only say what would come and what would go').option('--force', 'also when the store holds data')
    .option('--json', 'one JSON object on stdout').addHelpText('after', restoreHelp)
    .action(async (file: string, flags: RestoreFlags) => ended(await restore(file, flags, io)))
}

function withPlace(command: Command): Command {
  return command.option('--data-dir <dir>', 'where the embedded store lies (./data)').option('--config <file>', 'configuration file (./kwota.yaml where there is one)').option('--redis-url <url>', 'the store is in Redis')
}
