// docs/machines.md: every machine as a chart, made from the machines themselves.
import { chartOf, type Chart } from './machine-chart.ts'
import { mermaidOf } from './machine-drawings.ts'
import { machineDefinitions, machineTypes, type MachineType } from './machine-types.ts'

const whatItIs: Readonly<Record<MachineType, string>> = {
  site: 'Every fact is taken by the engine beside the machine; the states only say how the site stands.',
  'charge-point': 'The root of a family: its connectors, transactions, reservations and commands are its children.',
  connector: 'Two regions at the same time: what the charge point last said, and a mirror of its ledger row for people to see.',
  transaction: 'One running transaction; its record is in the context, its readings are counted beside it.',
  reservation: 'One reservation, until how it ended.',
  command: 'One command to a charge point; request and answer are in its record.',
}

export function machinePage(): string {
  return `${[
    '# The machines', '',
    'Made by `npm run docs:machines` from the machines that run; a test fails where this page is older than they are. The same charts come from `GET /api/v1/machines/{type}` as XState JSON, Mermaid (`Accept: text/vnd.mermaid`) and Graphviz (`Accept: text/vnd.graphviz`).', '',
    'An arrow carries its event (none: at once), its guard in brackets (`…` is one without a name) and what it does behind a slash. "in any state" has the arrows of every state beside it.',
    ...machineTypes.flatMap(sectionOf),
  ].join('\n')}\n`
}

function sectionOf(type: MachineType): string[] {
  const chart = chartOf(machineDefinitions[type])
  return ['', `## ${type}`, '', whatItIs[type], '', '```mermaid', mermaidOf(chart).trimEnd(), '```', ...takenIn(chart)]
}

function takenIn({ taken }: Chart): string[] {
  return taken.flatMap(({ at, events }) => ['', `Taken ${at === '' ? 'anywhere' : `in ${at}`}, and the state stays: ${events.map((event) => `\`${event}\``).join(', ')}.`])
}
