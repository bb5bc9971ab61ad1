// Frames made in one piece against those made of bytes, and where they cannot be made so.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textFrames } from '../../src/api/text-frames.ts'
import { textFrame } from '../../src/protocol/text-frame.ts'

const ascii = fc.string({ unit: 'binary-ascii', maxLength: 200 })

test('the bytes of a frame of ASCII are those of the frame', () => {
  fc.assert(fc.property(fc.oneof(ascii, fc.tuple(ascii, fc.nat(70_000)).map(([text, times]) => text.padEnd(times, 'x'))), (text) => {
    const frame = textFrame(text)
    if (text.length > 0xffff) expect(frame).toBeNull()
    else expect(Buffer.from(frame ?? '', 'latin1').equals(textFrames([text]))).toBe(true)
  }))
  for (const length of [0, 1, 125, 126, 127, 255, 256, 0xffff]) expect(Buffer.from(textFrame('x'.repeat(length)) ?? '', 'latin1').equals(textFrames(['x'.repeat(length)]))).toBe(true)
})

test('what is not ASCII is left to those who write UTF-8', () => {
  for (const text of ['ü', 'x\u00ff', '🚗', '\u2028']) expect(textFrame(text)).toBeNull()
})
