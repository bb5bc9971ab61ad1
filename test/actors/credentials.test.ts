// Passwords of charge points: hashed with a salt, compared against a decoy for nobody, and remembered once proven.
import { describe, expect, test } from 'vitest'
import { hashPassword, PasswordCheck } from '../../src/actors/credentials.ts'

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
