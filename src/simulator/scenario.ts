// Reads a scenario file: YAML to a checked scenario, or every fault with its line, what is wrong and what to do.
import type { ChargePointConfig, SiteConfig } from '../power/site.ts'
import type { BehaviourName } from './behaviours.ts'
import { readYaml, type YamlFault } from '../yaml-file.ts'
import { scenarioSchema, type Expectation, type ScenarioEvent } from './scenario-schema.ts'

export interface ScenarioChargePoint {
  readonly config: ChargePointConfig
  readonly sampleS: number
  /** Null = there from the beginning. */
  readonly joinsAtS: number | null
  readonly behaviour: readonly BehaviourName[]
}

export interface Scenario {
  readonly name: string
  readonly site: SiteConfig
  readonly chargePoints: readonly ScenarioChargePoint[]
  /** In order of time. */
  readonly timeline: readonly ScenarioEvent[]
  /** In the order of the file. */
  readonly expect: readonly Expectation[]
}

export interface ScenarioProblem { readonly line: number; readonly message: string }

/** The file cannot be played. `problems` come in the order of the file, each one sentence with its line. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError'
  readonly problems: readonly ScenarioProblem[]
  constructor(file: string, problems: readonly ScenarioProblem[]) {
    super(problems.map((problem) => `${file}:${problem.line}: ${problem.message}`).join('\n'))
    this.problems = problems
  }
}

const longestText = 1_048_576

/** Throws ScenarioError. `file` names the source in messages. */
export function readScenario(text: string, file: string): Scenario {
  if (text.length > longestText) throw new ScenarioError(file, [{ line: 1, message: 'longer than 1 MiB; a scenario is a small file' }])
  const read = readYaml(text, scenarioSchema)
  if (!read.ok) throw new ScenarioError(file, read.faults.map((fault) => ({ line: fault.line, message: describe(fault) })).sort((a, b) => a.line - b.line))
  const { name, site, chargePoints, timeline, expect } = read.value
  return {
    name: name ?? file,
    site,
    chargePoints: chargePoints.map(({ sampleS, joinsAt, behaviour, ...config }) => (
      { config: { ...config, site: site.id }, sampleS, joinsAtS: joinsAt ?? null, behaviour })),
    timeline: timeline.map((event, at) => ({ event, at })).sort((a, b) => a.event.at - b.event.at || a.at - b.at).map(({ event }) => event),
    expect,
  }
}

function describe(fault: YamlFault): string {
  const where = fault.pointer === '' ? '' : `${fault.pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~')}: `
  if (fault.problem === 'Invalid key in record') return `${where}a connector is written as charge point, slash, number; write it like CP1/1`
  return fault.problem.includes('; ') ? `${where}${fault.problem}` : `${where}${fault.problem}; ${fault.fix}`
}
