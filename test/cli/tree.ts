// The tree of all commands, without anything behind it.
import type { Command } from 'commander'
import { createProgram, type ProgramPorts } from '../../src/cli/program.ts'
import { processTerminal } from '../../src/cli/terminal.ts'
import { systemClock as clock } from '../../src/clock.ts'

const nothing = (): never => { throw new Error('only the tree is looked at') }
const ports: ProgramPorts = {
  version: '0.0.0', clock, serve: nothing, openapi: nothing, openHistory: nothing, explain: nothing,
  stores: { openToDump: nothing, openToLook: nothing, openToReplace: nothing },
}

export const tree = (): Command => createProgram(ports, processTerminal(clock), () => undefined)

/** Every command and subcommand with its full name, kwota itself first. */
export function commandsBelow(command: Command, path: readonly string[] = [command.name()]): { readonly name: string; readonly command: Command }[] {
  return [{ name: path.join(' '), command }, ...command.commands.flatMap((each) => commandsBelow(each, [...path, each.name()]))]
}

/** What is printed for --help, with what is added behind it. */
export function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (more) => { text += more } })
  command.outputHelp()
  return text
}
