// docs/messages.md lists the messages that are there: its table is compared with what the message table generates.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { actions } from '../../src/protocol/messages/index.ts'
import { blockOf, closing, messageBlock, opening } from './readme-table.ts'

const root = new URL('../../', import.meta.url)
const readme = new URL('docs/messages.md', root)
const block = messageBlock((action) => `../test/protocol/samples/${action}.json`)
const howToRefresh = `run REFRESH_README=1 npx vitest run test/protocol/readme-table.test.ts; without the marks ${opening} and ${closing} in it, put them where the table belongs`

test('has 39 rows, each with samples that are there', () => {
  const rows = block.split('\n').filter((line) => /^\| [A-Z]/.test(line))
  expect(rows.map((row) => row.split(' | ')[0]?.slice(2))).toEqual(actions)
  expect(rows).toHaveLength(39)
  for (const row of rows) expect(existsSync(new URL(/\((\S+)\) \|$/.exec(row)?.[1] ?? 'nowhere', readme)), row).toBe(true)
  expect(block).toContain('39 of 39 messages: 14 that a charge point sends and 26 that kwota sends')
})

test('a block is found by its marks, and only a whole one', () => {
  expect(blockOf(`a\n${block}\nb`)).toBe(block)
  expect(blockOf('a')).toBe(null)
  expect(blockOf(`${closing}\n${opening}`)).toBe(null)
})

test('the page has exactly this', () => {
  const page = readFileSync(readme, 'utf8')
  const found = blockOf(page)
  if (process.env['REFRESH_README'] === '1' && found !== null) writeFileSync(readme, page.replace(found, () => block))
  else expect(found, howToRefresh).toBe(block)
})
