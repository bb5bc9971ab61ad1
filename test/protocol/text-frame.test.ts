// What is written to a socket beside `ws`: one whole text frame, as RFC 6455 lays it out.
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { textFrame } from '../../src/protocol/web-socket.ts'

describe('a text frame', () => {
  test.each([
    [0, [0x81, 0]], [125, [0x81, 125]], [126, [0x81, 126, 0, 126]], [65_535, [0x81, 126, 255, 255]], [65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]], [70_000, [0x81, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70]],
  ])('of %d characters', (length, head) => {
    const text = 'x'.repeat(length)
    expect(textFrame(text).equals(Buffer.concat([Buffer.from(head), Buffer.from(text)]))).toBe(true)
  })
  test('counts bytes, not characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 25 }).filter((text) => Buffer.byteLength(text) < 126), (text) => {
      expect(textFrame(text).equals(Buffer.concat([Buffer.from([0x81, Buffer.byteLength(text)]), Buffer.from(text)]))).toBe(true)
    }))
  })
})
