// The reader of README blocks finds them all, and sees where an example and the truth part.
import { expect, test } from 'vitest'
import { blocksOf, differenceInShape } from './readme-blocks.ts'

test('blocks with language, line and text', () => {
  expect(blocksOf('# A\n\n```sh\nnpm ci\n```\ntext\n```json\n{\n}\n```\n')).toEqual([
    { line: 3, language: 'sh', text: 'npm ci\n' },
    { line: 7, language: 'json', text: '{\n}\n' },
  ])
})

test('a block that is not closed', () => expect(() => blocksOf('```sh\nnpm ci\n')).toThrow('line 1 is not closed'))

test.each([
  [{ a: 1 }, { a: 2, b: 3 }, []],
  [{ a: null, b: 'x' }, { a: { c: 1 }, b: null }, []],
  [{ a: [] }, { a: [1] }, []],
  [{ a: 1 }, { b: 1 }, ['/a: only in the example']],
  [{ a: { b: 1 } }, { a: { b: 'x' } }, ['/a/b: number in the example, string in truth']],
  [{ a: [{ b: 1 }] }, { a: [{ c: 1 }] }, ['/a/0/b: only in the example']],
  [{ a: [1] }, { a: {} }, ['/a: a list in the example, object in truth']],
])('%j beside %j', (example, real, expected) => expect(differenceInShape(example, real)).toEqual(expected))
