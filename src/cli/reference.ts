// The page docs/cli.md: every command with its help, made from the tree of commands.
import { nodesOf, type Node } from './command-tree.ts'

export function referencePage(tree: Node): string {
  const nodes = nodesOf(tree).filter(({ path }) => path.length > 0)
  const nameOf = ({ path }: Node) => ['kwota', ...path].join(' ')
  const row = (node: Node) => `| [\`${nameOf(node)}${node.arguments.map(({ written }) => ` ${written}`).join('')}\`](#${nameOf(node).replaceAll(' ', '-')}) | ${node.words.replaceAll('|', '\\|')} |`
  return `# Commands

Data goes to stdout, everything else to stderr; \`--json\` makes data JSON. Colours are for terminals, and not with \`NO_COLOR\`.

| exit code | means |
|---|---|
| 0 | done as asked; \`tail\`, \`serve\` and \`demo\` also when Ctrl-C ended them |
| 1 | failure: the message says what to do |
| 2 | usage or configuration |
| 3 | not found |
| 4 | no key, a wrong one, or one that may not |
| 5 | a conflict with how things stand, or offline: a charge point, or kwota itself |
| 6 | no answer in time, or a limit not proven in time |

Commands that ask a running kwota find it by \`--url\` or \`KWOTA_URL\` (http://127.0.0.1:8080), take the key from \`KWOTA_API_KEY\` or \`KWOTA_API_KEY_FILE\`, and the site from \`--site\`, else the only one there is.
Limits are written \`40A\` (per phase), \`27.6kW\` or \`27600W\` (in all) and, for \`curtail\`, \`60%\` (of the fuse); durations \`90s\`, \`30m\`, \`2h\`, \`1d\`, \`1h30m\`.
Completion: \`eval "$(kwota completion bash)"\`; zsh and fish are known too.

| command | what it does |
|---|---|
${nodes.map(row).join('\n')}

This page is made from the commands themselves: \`npm run build && node dist/main.js reference > docs/cli.md\`.

${nodes.map((node) => `## ${nameOf(node)}\n\n\`\`\`text\n${node.help.trimEnd()}\n\`\`\``).join('\n\n')}
`
}
