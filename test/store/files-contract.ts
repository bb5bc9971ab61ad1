// What every keeper of files must do, whatever it is made of.
import { beforeEach, expect, test } from 'vitest'
import type { Files } from '../../src/store/files.ts'

export async function* chunks(...parts: readonly (string | Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const one of parts) {
    if (one instanceof Error) throw one
    yield typeof one === 'string' ? Buffer.from(one) : one
  }
}

export async function textOf(content: AsyncIterable<Uint8Array> | null): Promise<string | null> {
  if (content === null) return null
  const all: Uint8Array[] = []
  for await (const chunk of content) all.push(chunk)
  return Buffer.concat(all).toString()
}

export function filesContract(start: () => Promise<Files>): void {
  let files: Files
  beforeEach(async () => { files = await start() })

  test('nothing is there at first', async () => {
    expect(await files.list()).toEqual([])
    expect(await files.read('file_1')).toBeNull()
    await files.remove('file_1')
  })

  test('what was written is read back, chunk after chunk', async () => {
    await files.write('file_1', chunks('what ', '', 'happened'))
    await files.write('file_2', chunks())
    expect(await textOf(await files.read('file_1'))).toBe('what happened')
    expect(await textOf(await files.read('file_2'))).toBe('')
    expect([...await files.list()].sort()).toEqual(['file_1', 'file_2'])
  })

  test('a megabyte of bytes, none of them text', async () => {
    const bytes = Buffer.alloc(1 << 20, 0xff)
    await files.write('big', chunks(bytes.subarray(0, 700_000), bytes.subarray(700_000)))
    let length = 0
    for await (const chunk of (await files.read('big'))!) length += chunk.length
    expect(length).toBe(bytes.length)
  })

  test('a content that fails leaves nothing, and its error is told', async () => {
    await expect(files.write('file_1', chunks('half', new Error('cut short')))).rejects.toThrow('cut short')
    expect(await files.list()).toEqual([])
    expect(await files.read('file_1')).toBeNull()
    await files.write('file_1', chunks('whole'))
    expect(await textOf(await files.read('file_1'))).toBe('whole')
  })

  test('removed is gone', async () => {
    await files.write('file_1', chunks('x'))
    await files.remove('file_1')
    expect(await files.read('file_1')).toBeNull()
    expect(await files.list()).toEqual([])
  })

  test.each(['..', '../x', 'a/b', 'a\\b', '', 'x'.repeat(65), 'a.part', 'a\0b', '%2e'])('%j is no name', async (name) => {
    await expect(files.write(name, chunks('x'))).rejects.toThrow(RangeError)
    await expect(files.read(name)).rejects.toThrow(RangeError)
    await expect(files.remove(name)).rejects.toThrow(RangeError)
  })
}
