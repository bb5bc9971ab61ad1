// What every command has in common that asks a running kwota: where it is, how long it may take, how it ends.
import type { Command } from 'commander'
import { usualUrl } from './client.ts'
import { duration } from './words.ts'

/** `--url`, `--timeout` and `--json`, and the help behind them. */
export function asking(command: Command, examples: string, jsonWords = 'one JSON object on stdout'): Command {
  return command
    .option('--url <url>', `a running kwota (KWOTA_URL, or ${usualUrl})`)
    .option('--timeout <duration>', 'how long an answer is waited for (30s)', duration)
    .option('--json', jsonWords)
    .addHelpText('after', `
Examples:
${examples.trim().split('\n').map((line) => `  ${line.trim()}`).join('\n')}

A key is taken from KWOTA_API_KEY or KWOTA_API_KEY_FILE.
Exit code: 0 ok, 1 failure, 2 usage, 3 not found, 4 key, 5 conflict or offline, 6 time-out.`)
}

/** `--site`; the only one where it is not given. */
export function ofSite(command: Command): Command {
  return command.option('--site <id>', 'which site (the only one there is)')
}
