// Files on disk and in memory: the contract, and what a crash leaves on disk.
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { openFiles } from '../../src/store/files.ts'
import { chunks, filesContract, textOf } from './files-contract.ts'
import { createMemoryFiles } from './memory-files.ts'

const places: string[] = []
afterEach(async () => {
  for (const place of places.splice(0)) await rm(place, { recursive: true, force: true })
})

async function newDirectory(): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'kwota-files-'))
  places.push(place)
  return join(place, 'data', 'uploads')
}

describe('files contract, on disk', () => {
  filesContract(async () => openFiles(await newDirectory()))
})
describe('files contract, in memory', () => {
  filesContract(async () => createMemoryFiles())
})

test('no directory before the first file, and then one for this user alone', async () => {
  const directory = await newDirectory()
  const files = openFiles(directory)
  await files.list()
  expect(existsSync(directory)).toBe(false)
  await files.write('file_1', chunks('x'))
  expect((await stat(directory)).mode & 0o077).toBe(0)
  expect((await stat(join(directory, 'file_1'))).mode & 0o077).toBe(0)
})

test('another handle finds the file; what a crash left half-written is removed, what is being written stays', async () => {
  const directory = await newDirectory()
  await openFiles(directory).write('file_1', chunks('kept'))
  for (const name of ['file_2.part', 'file_3.part']) await writeFile(join(directory, name), 'half')
  const files = openFiles(directory)
  expect(await files.list(new Set(['file_3']))).toEqual(['file_1'])
  expect((await readdir(directory)).sort()).toEqual(['file_1', 'file_3.part'])
  expect(await textOf(await files.read('file_1'))).toBe('kept')
})
