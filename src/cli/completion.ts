// Completion scripts for shells, made from the tree of commands.
import { nodesOf, type Node } from './command-tree.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

export function completionFor(shell: Shell, tree: Node): string {
  return { bash, zsh, fish }[shell](nodesOf(tree))
}

/** `/limit/set`; the root is ''. */
function placeOf({ path }: Pick<Node, 'path'>): string {
  return path.map((name) => `/${name}`).join('')
}

/** Every place but the root, as alternatives of a case. */
function places(nodes: readonly Node[]): string {
  return nodes.map(placeOf).filter((place) => place !== '').join('|')
}

function longs({ flags }: Node): string[] {
  return flags.map(({ long }) => long)
}

function bash(nodes: readonly Node[]): string {
  const valued = [...new Set(nodes.flatMap(({ flags }) => flags.filter(({ takesValue }) => takesValue).map(({ long }) => long)))]
  return `# Completion of kwota for bash. Add to ~/.bashrc: eval "$(kwota completion bash)"
_kwota() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}" at="" commands="" flags="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at/\${COMP_WORDS[i]}" in
      ${places(nodes)}) at="$at/\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at" in
${nodes.map((node) => `    "${placeOf(node)}") commands="${node.children.map(({ path }) => path.at(-1)).join(' ')}" flags="${longs(node).join(' ')}" ;;`).join('\n')}
  esac
  COMPREPLY=()
  case "$before" in
    ${valued.join('|')}) return ;;
  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif [[ -n "$commands" ]]; then
    COMPREPLY=($(compgen -W "$commands" -- "$word"))
  fi
}
complete -o default -F _kwota kwota
`
}

function zsh(nodes: readonly Node[]): string {
  const described = (name: string, words: string) => quoted(`${name}:${words.replaceAll(':', '\\:')}`)
  return `#compdef kwota
# Completion of kwota for zsh. Add to ~/.zshrc, behind compinit: source <(kwota completion zsh)
_kwota() {
  local at="" i
  local -a commands flags
  for ((i = 2; i < CURRENT; i++)); do
    case "$at/\${words[i]}" in
      (${places(nodes)}) at="$at/\${words[i]}" ;;
    esac
  done
  case "$at" in
${nodes.map((node) => `    (${quoted(placeOf(node))})
      commands=(${node.children.map(({ path, words }) => described(path.at(-1) ?? '', words)).join(' ')})
      flags=(${node.flags.map(({ long, words }) => described(long, words)).join(' ')}) ;;`).join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o flag flags
  elif (( \${#commands} )); then
    _describe command commands
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" == _kwota ]]; then _kwota "$@"; else compdef _kwota kwota; fi
`
}

function fish(nodes: readonly Node[]): string {
  const lines = nodes.flatMap((node) => {
    const here = `complete -c kwota -n ${quoted(`__kwota_at ${quotedTwice(placeOf(node))}`)}`
    return [
      ...node.children.map(({ path, words }) => `${here} -f -a ${path.at(-1)} -d ${quoted(words)}`),
      ...node.flags.map(({ long, takesValue, words }) => `${here} -l ${long.replace(/^--/, '')}${takesValue ? ' -r' : ''} -d ${quoted(words)}`),
    ]
  })
  return `# Completion of kwota for fish. Save as ~/.config/fish/completions/kwota.fish
function __kwota_at
  set -l at ""
  for each in (commandline -opc)[2..-1]
    switch "$at/$each"
      case ${places(nodes).replaceAll('|', ' ')}
        set at "$at/$each"
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`
}

/** For all three shells. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** Inside single quotes. */
function quotedTwice(text: string): string {
  return `"${text}"`
}
