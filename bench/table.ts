// The figures as rows of a Markdown table: what, figure, beside, goal.
import { cpus, loadavg } from 'node:os'
import type { Part, Row } from './part.ts'

export interface Figures {
  readonly at: string
  readonly scale: string
  readonly machine: { readonly node: string; readonly cores: number; readonly model: string; readonly platform: string; readonly load: number }
  /** By name, in the order of the table; with how long each took. */
  readonly parts: Readonly<Record<string, Part & { readonly tookS: number }>>
}

/** `load` is the average of the last minute: what else the machine does, when asked before the bench begins. */
export function machineFacts(): Figures['machine'] {
  const list = cpus()
  return { node: process.version, cores: list.length, model: list[0]?.model.trim() || 'unknown', platform: `${process.platform} ${process.arch}`, load: loadavg()[0]! }
}

/** `brief` = what a README has room for. */
export function renderTable({ parts }: Figures, brief = false): string {
  const rows = Object.values(parts).flatMap((part) => part.rows).filter((row) => !brief || row.brief === true)
  return ['| what | figure | beside | goal |', '|---|---|---|---|', ...rows.map((row) => `| ${row.what} | ${row.figure} | ${row.beside} | ${goalOf(row)} |`)].join('\n')
}

function goalOf({ goal }: Row): string {
  return goal === undefined ? '' : `${goal.words}: ${goal.met ? 'met' : '**not met**'}`
}
