// The tree of commands as plain data: what completion and the reference page are made of.
import type { Command } from 'commander'

export interface Flag {
  /** `--dry-run`; `-h` where there is a short one. */
  readonly long: string
  readonly short: string | null
  /** As it is written: `--for <duration>`. */
  readonly written: string
  readonly takesValue: boolean
  readonly words: string
}

export interface Node {
  /** From below kwota: `['limit', 'set']`. */
  readonly path: readonly string[]
  readonly words: string
  /** `<limit>`, `[file]`. */
  readonly arguments: readonly { readonly written: string; readonly words: string }[]
  readonly flags: readonly Flag[]
  readonly children: readonly Node[]
  readonly help: string
}

/** Hidden commands are left out. */
export function treeOf(command: Command, path: readonly string[] = []): Node {
  const { visibleOptions, visibleCommands } = { visibleOptions: command.createHelp().visibleOptions(command), visibleCommands: command.createHelp().visibleCommands(command) }
  return {
    path, words: command.description(), help: helpOf(command),
    arguments: command.registeredArguments.map((each) => ({ written: each.required ? `<${each.name()}${each.variadic ? '...' : ''}>` : `[${each.name()}${each.variadic ? '...' : ''}]`, words: each.description })),
    flags: visibleOptions.map(({ long, short, flags, required, optional, description }) => ({ long: long ?? short ?? '', short: long === undefined ? null : short ?? null, written: flags, takesValue: required || optional, words: description })),
    children: visibleCommands.filter((each) => each.name() !== 'help').map((each) => treeOf(each, [...path, each.name()])),
  }
}

/** The node and all below it. */
export function nodesOf(node: Node): Node[] {
  return [node, ...node.children.flatMap(nodesOf)]
}

/** All that is printed for --help, 100 columns wide whatever the terminal. */
function helpOf(command: Command): string {
  let text = ''
  const { writeOut, getOutHelpWidth } = command.configureOutput()
  command.configureOutput({ writeOut: (more) => { text += more }, getOutHelpWidth: () => 100 })
  command.outputHelp()
  command.configureOutput({ ...(writeOut === undefined ? {} : { writeOut }), ...(getOutHelpWidth === undefined ? {} : { getOutHelpWidth }) })
  return text
}
