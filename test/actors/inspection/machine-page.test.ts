// docs/machines.md says what the machines are now; KWOTA_DOCS=write (npm run docs:machines) makes it so.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { machinePage } from '../../../src/actors/inspection/machine-page.ts'

const path = join(import.meta.dirname, '../../../docs/machines.md')

it('the page of the machines is as old as they are: npm run docs:machines', () => {
  if (process.env['KWOTA_DOCS'] === 'write') writeFileSync(path, machinePage())
  expect(readFileSync(path, 'utf8')).toBe(machinePage())
})
