// docs/cli.md is what the commands themselves say.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodesOf, treeOf } from '../../src/cli/command-tree.ts'
import { referencePage } from '../../src/cli/reference.ts'
import { tree } from './tree.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8')

test('docs/cli.md is fresh: npm run build && node dist/main.js reference > docs/cli.md', () => expect(page).toBe(referencePage(treeOf(tree()))))

test('every command has its place there, and no hidden one', () => {
  for (const { path } of nodesOf(treeOf(tree()))) if (path.length > 0) expect(page).toContain(`\n## kwota ${path.join(' ')}\n`)
  expect(page).not.toContain('## kwota reference')
})
