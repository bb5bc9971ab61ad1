// `kwota check CP-07`: begins a commissioning check, says each step as it ends, and ends with its verdict.
import type { Command } from 'commander'
import type { CheckView } from '../actors/commissioning/check-face.ts'
import { openClient, type ClientFlags } from './client.ts'
import { asking } from './client-flags.ts'
import { Ended, exitCodes } from './endings.ts'
import { paintFor, plain } from './table.ts'
import type { Finish, Terminal } from './terminal.ts'
import { positive } from './words.ts'

interface CheckFlags extends ClientFlags { readonly limitTest: boolean; readonly connector?: number }

const lookMs = 1_000
/** Six steps, each of them bounded; with --timeout it is given up before. */
const longestS = 600

const incompleteHint = 'What was not gone through is not known to work. The limit test lowers a car that charges: plug in a car, let it charge, and run the check again; or leave that test out with --no-limit-test.'

const help = `
It exits with 0 only when every step was gone through and none has failed, with
or without warnings. An incomplete check exits with 1: plug in a car, let it
charge, and run it again, or leave the limit test out with --no-limit-test.`

export function addCheck(program: Command, terminal: Terminal, finish: Finish): void {
  asking(
    program.command('check').description('whether a charge point will do as it is told: six steps, the last of which lowers its car for a minute at most').argument('<charge-point>', 'CP-07')
      .option('--connector <number>', 'where its limit is tested (where most is drawn)', positive).option('--no-limit-test', 'lower no car'),
    'kwota check CP-07\nkwota check CP-07 --connector 2\nkwota check CP-07 --no-limit-test --json', 'the check as one JSON object on stdout',
  ).addHelpText('after', help).action(async (clientID: string, flags: CheckFlags) => {
    if (!await check(clientID, flags, terminal)) finish(exitCodes.failure)
  })
}

/** True = it has passed, perhaps with warnings. Interrupted, it is cancelled. */
async function check(clientID: string, flags: CheckFlags, terminal: Terminal): Promise<boolean> {
  const { stdout, stderr, env, clock } = terminal
  const client = openClient({ ...flags, timeout: Math.min(flags.timeout ?? 30, 30) }, terminal)
  const path = `/chargepoints/${encodeURIComponent(clientID)}/check`
  const paint = paintFor(stdout, env)
  const startedMs = clock.mono()
  let stopped = false
  void terminal.interrupted().then(() => { stopped = true })
  let view = await client.ask<CheckView>('POST', path, { body: { limitTest: flags.limitTest, ...(flags.connector === undefined ? {} : { connectorId: flags.connector }) } })
  const told = new Map<string, string>()
  const say = (): void => {
    for (const { id, state, summary, fix } of view.steps) {
      if (state === 'pending' || told.get(id) === `${state} ${summary}`) continue
      told.set(id, `${state} ${summary}`)
      const colour = state === 'failed' ? paint.bad : state === 'warning' ? paint.warn : paint.dim
      const lines = [`${id.padEnd(14)}${colour(state.padEnd(8))} ${plain(summary)}`, ...(fix === null ? [] : [`${' '.repeat(23)}→ ${plain(fix)}`])]
      const ended = state !== 'running'
      if (flags.json === true || !ended) stderr.write(`${lines.join('\n')}\n`)
      else stdout.write(`${lines.join('\n')}\n`)
    }
  }
  const end = async (): Promise<void> => {
    view = await client.ask<CheckView>('DELETE', path).catch(() => view)
    say()
  }
  for (say(); view.state === 'running'; say()) {
    if (stopped) {
      await end()
      throw new Ended(exitCodes.failure, 'The check was cancelled, and what it had changed is undone.')
    }
    if (clock.mono() - startedMs > (flags.timeout ?? longestS) * 1000) {
      await end()
      throw new Ended(exitCodes.timeout, `The check took longer than ${flags.timeout ?? longestS} s and was cancelled.`, 'Wait longer with --timeout 5m.')
    }
    await new Promise<void>((resolve) => void clock.after(lookMs, resolve))
    view = await client.ask<CheckView>('GET', path)
  }
  if (flags.json === true) stdout.write(`${JSON.stringify(view)}\n`)
  else stdout.write(`${paint.bold(plain(view.clientID))}: ${(view.verdict ?? view.state).replaceAll('-', ' ')}\n`)
  if (view.verdict === 'incomplete') stderr.write(`hint: ${incompleteHint}\n`)
  return view.verdict === 'passed' || view.verdict === 'passed-with-warnings'
}
