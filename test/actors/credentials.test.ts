// Passwords of charge points: hashed with a salt, compared against a decoy for nobody, and remembered once proven.
import { describe, expect, test } from 'vitest'
import { fitsPassword, hashPassword, PasswordCheck, readKey } from '../../src/actors/credentials.ts'

const right = Buffer.from('sixteen-letters!')

describe('passwords', () => {
  test('the hash does not hold the password, and no two are alike', async () => {
    const [one, two] = await Promise.all([hashPassword('sixteen-letters!'), hashPassword('sixteen-letters!')])
    expect(one).toMatch(/^scrypt\$[A-Za-z0-9+/=]{24}\$[A-Za-z0-9+/=]{44}$/)
    expect(one).not.toBe(two)
    expect(Buffer.from(one.split('$')[1]!, 'base64').length).toBe(16)
  })

  test('only the right one matches, at first and when it was proven before', async () => {
    const hash = await hashPassword('sixteen-letters!')
    const check = new PasswordCheck()
    for (let turn = 0; turn < 2; turn++) {
      expect(await check.matches(hash, right)).toBe(true)
      expect(await check.matches(hash, Buffer.from('sixteen-letterz!'))).toBe(false)
      expect(await check.matches(hash, Buffer.alloc(0))).toBe(false)
    }
  })

  test('what was proven for one hash proves nothing for another', async () => {
    const check = new PasswordCheck()
    const [mine, other] = [await hashPassword('sixteen-letters!'), await hashPassword('another-sixteen!')]
    await check.matches(mine, right)
    expect(await check.matches(other, right)).toBe(false)
  })

  test('nobody has no password, not even the one of the decoy', async () => {
    const check = new PasswordCheck()
    for (const password of [right, Buffer.alloc(0), Buffer.alloc(32)]) expect(await check.matches(null, password)).toBe(false)
  })

  test('a password of bytes that are no text can be right', async () => {
    const hash = await hashPassword('ÄÖÜäöüß€')
    expect(await new PasswordCheck().matches(hash, Buffer.from('ÄÖÜäöüß€'))).toBe(true)
  })
})

describe('several passwords of one charge point', () => {
  test('a hash beside another has its salt, and says which one it was', async () => {
    const old = await hashPassword('sixteen-letters!')
    const next = await hashPassword(Buffer.alloc(20, 7), old)
    expect(next.split('$')[1]).toBe(old.split('$')[1])
    const check = new PasswordCheck()
    for (let turn = 0; turn < 2; turn++) {
      expect(await check.find([old, next], right)).toBe(old)
      expect(await check.find([old, next], Buffer.alloc(20, 7))).toBe(next)
      expect(await check.find([old, next], Buffer.alloc(20, 8))).toBeNull()
    }
    expect(await check.find([old], Buffer.alloc(20, 7))).toBeNull()
  })

  test('with salts of their own as well', async () => {
    const [one, two] = [await hashPassword('sixteen-letters!'), await hashPassword('another-sixteen!')]
    expect(await new PasswordCheck().find([one, two], Buffer.from('another-sixteen!'))).toBe(two)
  })
})

describe('lengths and keys', () => {
  test.each([[15, false], [16, true], [20, true], [21, false], [0, false]])('%i bytes: %s', (length, fits) => expect(fitsPassword(Buffer.alloc(length))).toBe(fits))

  test.each([['ab'.repeat(16), 16], ['AB'.repeat(20), 20], ['ab'.repeat(15), null], ['ab'.repeat(21), null], ['a'.repeat(33), null], ['zz'.repeat(16), null], [` ${'ab'.repeat(16)}`, null]])('%j is a key of %s bytes', (text, length) => {
    expect(readKey(text)?.length ?? null).toBe(length)
  })
})
