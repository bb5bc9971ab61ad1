// `kwota composite FILE`: what would every SetChargingProfile be answered, and what does the stack of profiles permit?
import { CasesError, computeCase, readCases, type Broken, type Computed } from './composite-cases.ts'
import { pictureOf } from './composite-picture.ts'
import { pictureSvg } from './composite-svg.ts'
import { caseText } from './composite-text.ts'
import { plain } from './table.ts'

export interface CompositeIo {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: { write(text: string): unknown }
  /** The text of a file; rejects when it cannot be read. */
  readonly readFile: (path: string) => Promise<string>
  readonly readStdin: () => Promise<string>
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface CompositeOptions {
  /** One JSON array, one element per case, and nothing else on stdout. */
  readonly json?: boolean
  /** A picture of one case. */
  readonly svg?: boolean
  /** Only the case of this id. */
  readonly case?: string
}

const usualColumns = 80
const mostColumns = 120

/** Exit code: 0 computed, whatever came out; 1 a case is broken or has no picture; 2 the file could not be read or holds no such case. `-` = stdin. */
export async function compositeCommand(file: string, options: CompositeOptions, io: CompositeIo): Promise<0 | 1 | 2> {
  const fail = (line: string): 2 => (io.stderr.write(`composite: ${line}\n`), 2)
  const name = file === '-' ? 'standard input' : file
  let cases: readonly unknown[]
  try {
    cases = readCases(file === '-' ? await io.readStdin() : await io.readFile(file))
  } catch (error) {
    return fail(error instanceof CasesError ? `${name}: ${error.message}` : `cannot read ${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (options.json === true && options.svg === true) return fail('choose --json or --svg, not both')
  const wanted = options.case
  const results = cases.map((one, place) => computeCase(one, place)).filter((one) => wanted === undefined || idOf(one) === wanted)
  if (wanted !== undefined && results.length === 0) return fail(`${name} holds no case ${wanted}`)
  if (options.svg === true) return drawOne(results[0], name, io)
  if (options.json === true) io.stdout.write(`${JSON.stringify(results.map((one) => ('error' in one ? one : one.answer)), null, 2)}\n`)
  else {
    const look = { columns: Math.min(mostColumns, io.stdout.columns ?? usualColumns), colour: io.stdout.isTTY === true && (io.env['NO_COLOR'] ?? '') === '' }
    for (const [index, one] of results.entries()) io.stdout.write(`${index === 0 ? '' : '\n'}${caseText(one, look)}`)
  }
  const broken = results.filter((one): one is Broken => 'error' in one)
  if (options.json === true) for (const { id, error } of broken) io.stderr.write(`composite: ${plain(id)}: ${plain(error)}\n`)
  return broken.length > 0 ? 1 : 0
}

function drawOne(result: Computed | Broken | undefined, name: string, { stdout, stderr }: CompositeIo): 0 | 1 | 2 {
  if (result === undefined) {
    stderr.write(`composite: ${name} holds no case\n`)
    return 2
  }
  if ('error' in result || result.answer.status !== 'Accepted') {
    stderr.write(`composite: ${plain(idOf(result))}: ${'error' in result ? plain(result.error) : `there is no connector ${result.answer.connectorId}`}\n`)
    return 1
  }
  stdout.write(pictureSvg(pictureOf(result)))
  return 0
}

function idOf(one: Computed | Broken): string {
  return 'error' in one ? one.id : one.answer.id
}
