// kwota completion, and kwota reference for whoever writes its documentation.
import { Argument, type Command } from 'commander'
import type { Shell } from './completion.ts'
import type { Terminal } from './terminal.ts'

const help = `
Examples:
  eval "$(kwota completion bash)"
  source <(kwota completion zsh)
  kwota completion fish > ~/.config/fish/completions/kwota.fish`

export function addCompletion(program: Command, { stdout }: Pick<Terminal, 'stdout'>): void {
  program.command('completion').description('print a script that completes commands and flags in a shell').addArgument(new Argument('<shell>', 'whose').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', help)
    .action(async (shell: Shell) => {
      const [{ completionFor }, { treeOf }] = await Promise.all([import('./completion.ts'), import('./command-tree.ts')])
      stdout.write(completionFor(shell, treeOf(program)))
    })
  program.command('reference', { hidden: true }).description('print docs/cli.md').addHelpText('after', '\nExamples:\n  kwota reference > docs/cli.md')
    .action(async () => {
      const [{ referencePage }, { treeOf }] = await Promise.all([import('./reference.ts'), import('./command-tree.ts')])
      stdout.write(referencePage(treeOf(program)))
    })
}
