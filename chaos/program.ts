// What every chaos program shares at its edge: flags with help, talk on stderr, the summary on stdout, exit codes 0, 1 and 2.
import { randomInt } from 'node:crypto'
import { parseArgs, type ParseArgsConfig } from 'node:util'

export class UsageError extends Error {}

export interface Terminal {
  /** Progress, for people. */
  say(line: string): void
  /** s since the program began. */
  readonly atS: number
}

export interface Outcome {
  readonly seed: number
  /** What was lost, broken or too slow; any makes the exit code 1. */
  readonly faults: readonly string[]
  /** A sentence or a few lines for people; `--json` prints the whole outcome instead. */
  readonly summary: string
}

type Flags = NonNullable<ParseArgsConfig['options']>
export interface Given {
  readonly seed: number
  text(name: string): string | undefined
  flag(name: string): boolean
  /** What was slow is told as a figure, and is no fault: for machines that do other things as well. */
  readonly untimed: boolean
  /** A whole number of at least `least`. */
  whole(name: string, least?: number): number
}

const common: Flags = { untimed: { type: 'boolean', default: false }, seed: { type: 'string' }, json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } }

/** Runs one program and ends the process: 0 nothing was found, 1 something was, 2 the flags are wrong. */
export async function runProgram({ usage, flags, run }: { readonly usage: string; readonly flags: Flags; readonly run: (given: Given, terminal: Terminal) => Promise<Outcome> }): Promise<never> {
  process.exit(await ran(usage, { ...flags, ...common }, run))
}

async function ran(usage: string, flags: Flags, run: (given: Given, terminal: Terminal) => Promise<Outcome>): Promise<number> {
  const beganMs = performance.now()
  const terminal: Terminal = {
    get atS() { return (performance.now() - beganMs) / 1000 },
    say: (line) => void process.stderr.write(`${terminal.atS.toFixed(1).padStart(7)} s  ${line}\n`),
  }
  try {
    const given = read(flags)
    if (given.flag('help')) return await print(`${usage}\n`, 0)
    const outcome = await run(given, terminal)
    for (const fault of outcome.faults.slice(0, 50)) process.stderr.write(`FAULT  ${fault}\n`)
    const verdict = outcome.faults.length === 0 ? 'nothing was lost or broken' : `${outcome.faults.length} faults`
    return await print(given.flag('json') ? `${JSON.stringify(outcome, null, 2)}\n` : `${outcome.summary}\n${verdict}; seed ${outcome.seed}\n`, outcome.faults.length === 0 ? 0 : 1)
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n\n${usage}\n`)
      return 2
    }
    process.stderr.write(`FAULT  ${error instanceof Error ? error.stack ?? error.message : String(error)}\n`)
    return 1
  }
}

function read(options: Flags): Given {
  let values: Readonly<Record<string, unknown>>
  try {
    values = parseArgs({ options }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
  const text = (name: string): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined)
  const whole = (name: string, least = 1): number => {
    const given = text(name) ?? ''
    if (!/^\d{1,12}$/.test(given) || Number(given) < least) throw new UsageError(`--${name} needs a whole number from ${least}, not "${given}"`)
    return Number(given)
  }
  return { seed: text('seed') === undefined ? randomInt(1, 2 ** 31) : whole('seed', 0), text, whole, untimed: values['untimed'] === true, flag: (name) => values[name] === true }
}

function print(text: string, code: number): Promise<number> {
  return new Promise((resolve) => { process.stdout.write(text, () => resolve(code)) })
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, ms) })
}
