// `kwota simulate FILE…`: plays scenario files on a virtual clock and says whether what they expect came true.
import { resultJson, resultText } from '../simulator/report.ts'
import { playScenario } from '../simulator/run.ts'
import { readScenario, ScenarioError } from '../simulator/scenario.ts'

export interface SimulateIo {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  /** The text of a file; rejects when it cannot be read. */
  readonly readFile: (path: string) => Promise<string>
  readonly readStdin: () => Promise<string>
}

export interface SimulateOptions {
  /** One JSON object per file, each on a line of its own, and nothing else on stdout. */
  readonly json?: boolean
  /** For the random latencies; default 1. */
  readonly seed?: number
}

/** Exit code: 0 all came true, 1 an expectation failed, 2 a file could not be read or is no scenario (none is played then). `-` = stdin. */
export async function simulateCommand(files: string | readonly string[], options: SimulateOptions, io: SimulateIo): Promise<0 | 1 | 2> {
  const names = typeof files === 'string' ? [files] : files
  if (names.length === 0) {
    io.stderr.write('simulate: name a scenario file, or - for standard input\n')
    return 2
  }
  const scenarios = []
  let unreadable = false
  for (const name of names) {
    try {
      const text = name === '-' ? await io.readStdin() : await io.readFile(name)
      scenarios.push(readScenario(text, name === '-' ? 'standard input' : name))
    } catch (error) {
      unreadable = true
      io.stderr.write(error instanceof ScenarioError ? `${error.message}\n` : `simulate: cannot read ${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }
  if (unreadable) return 2
  let passed = true
  for (const scenario of scenarios) {
    const result = await playScenario(scenario, options.seed === undefined ? {} : { seed: options.seed })
    passed &&= result.passed
    io.stdout.write(options.json === true ? `${resultJson(result)}\n` : resultText(result))
    if (!result.passed && options.json === true) io.stderr.write(`simulate: ${result.name}: ${result.refused === null ? 'not as expected' : `the configuration was refused: ${result.refused}`}\n`)
  }
  return passed ? 0 : 1
}
