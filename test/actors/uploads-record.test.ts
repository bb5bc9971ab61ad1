// Names of uploaded files as they come in URLs, and what of a list is forgotten when.
import { describe, expect, test } from 'vitest'
import { fileNameFrom, noUploadsYet, retain, withAddress, type UploadedFile } from '../../src/actors/uploads-record.ts'

describe('a file name from the last part of a path', () => {
  test.each([
    ['diag.zip', 'diag.zip'], ['', ''], ['my%20log.tar.gz', 'my log.tar.gz'], ['%E2%82%AC.txt', '€.txt'], ['%252e', '%2e'], ['...', '...'], ['a;b=c', 'a;b=c'],
  ])('%j → %j', (segment, name) => expect(fileNameFrom(segment)).toBe(name))

  test.each(['..', '.', '%2e%2e', '..%2f..%2fetc%2fpasswd', 'a%2Fb', 'a%5Cb', 'a%00b', 'a%0d%0aSet-Cookie', '%zz', '%ff', 'x'.repeat(256)])('%j could mean something else', (segment) => expect(fileNameFrom(segment)).toBeNull())
})

const file = (id: string, uploadedAtMs: number): UploadedFile => ({ id, fileName: id, bytes: 1, contentType: '', kind: 'log', commandId: 'cmd_1', uploadedAtMs, sha256: '' })
const record = { ...noUploadsYet, files: [file('c', 300), file('b', 200), file('a', 100)] }

describe('of a list stays', () => {
  test.each([
    [{ nowMs: 300, keepMs: 1_000, most: 5 }, ['c', 'b', 'a']], [{ nowMs: 300, keepMs: 1_000, most: 2 }, ['c', 'b']], [{ nowMs: 300, keepMs: 150, most: 5 }, ['c', 'b']], [{ nowMs: 300, keepMs: 100, most: 5 }, ['c']],
    [{ nowMs: 9_000, keepMs: 1_000, most: 5 }, []],
  ])('%j → %j', (keep, ids) => expect(retain(record, keep).files.map(({ id }) => id)).toEqual(ids))

  test('the very same list when nothing goes', () => expect(retain(record, { nowMs: 300, keepMs: 1_000, most: 3 })).toBe(record))
})

test('at most 50 addresses are remembered, and none for longer than a day after its end', () => {
  const address = (digest: string, expiresAtMs: number) => ({ digest, kind: 'log' as const, commandId: 'cmd_1', expiresAtMs, endedAtMs: null })
  let many = withAddress(noUploadsYet, address('old', 1_000), 0)
  for (let i = 0; i < 60; i++) many = withAddress(many, address(`d${i}`, 90_000_000), 5_000)
  expect(many.addresses).toHaveLength(50)
  expect(many.addresses[0]?.digest).toBe('d59')
  const later = withAddress(many, address('new', 400_000_000), 200_000_000)
  expect(later.addresses.map(({ digest }) => digest)).toEqual(['new'])
})
