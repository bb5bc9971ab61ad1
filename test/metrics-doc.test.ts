// docs/metrics.md names every metric of ours as the registry has it, and no other.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exposed } from './exposed.ts'

const page = readFileSync(join(import.meta.dirname, '../docs/metrics.md'), 'utf8')

test('every metric, with its type, its labels and what it says', async () => {
  const ours = (await exposed()).filter(({ name }) => name.startsWith('kwota_'))
  const rows = [...page.matchAll(/^\| `(kwota_\w+)` \| (\w+) \|([^|]*)\| (.*) \|$/gm)].map(([, name, type, labels = '', help]) => ({ name, type, help, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).toSorted() }))
  const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }) => String(a.name).localeCompare(String(b.name))
  expect(rows.toSorted(byName)).toEqual(ours.map((each) => ({ ...each, labels: each.labels.toSorted() })).toSorted(byName))
})

test('those of the process that it names are there', async () => {
  const names = new Set((await exposed()).map(({ name }) => name))
  const named = [...page.matchAll(/`((?:process|nodejs)_\w+)`/g)].map(([, name = '']) => name)
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter((name) => !names.has(name))).toEqual([])
})

test('no label tells of a person', async () => {
  const labels = new Set((await exposed()).filter(({ name }) => name.startsWith('kwota_')).flatMap((each) => each.labels))
  expect([...labels].toSorted()).toEqual(['action', 'charge_point', 'code', 'connector', 'direction', 'phase', 'result', 'severity', 'site', 'version'])
})
