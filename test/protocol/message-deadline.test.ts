// What counts as begun and as whole, however the bytes of the frames are cut up.
import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assemblyMs, boundAssembly, FrameTracker } from '../../src/protocol/message-deadline.ts'
import { VirtualClock, settle } from '../virtual-clock.ts'
import { maskedFrame } from './station-server.ts'

const lengths = fc.oneof(fc.constantFrom(0, 1, 125, 126, 127, 300), fc.nat(70))
const messages = fc.array(fc.oneof(
  fc.record({ control: fc.constantFrom(0x89, 0x8a), length: fc.nat(125) }),
  fc.record({ pieces: fc.array(lengths, { minLength: 1, maxLength: 4 }), ping: fc.boolean() }),
), { maxLength: 8 })

/** Frames, and after each whether a message is whole then. */
function framesOf(all: typeof messages extends fc.Arbitrary<infer T> ? T : never): { bytes: Buffer; whole: boolean }[] {
  return all.flatMap((message) => {
    if ('control' in message) return [{ bytes: maskedFrame(message.control, Buffer.alloc(message.length)), whole: true }]
    const last = message.pieces.length - 1
    return message.pieces.flatMap((length, at) => [
      { bytes: maskedFrame((at === last ? 0x80 : 0) | (at === 0 ? 0x01 : 0), Buffer.alloc(length)), whole: at === last },
      ...(message.ping && at < last ? [{ bytes: maskedFrame(0x89, Buffer.alloc(3)), whole: false }] : []),
    ])
  })
}

test('within a message exactly while one is begun and not whole, wherever the bytes are cut', () => {
  fc.assert(fc.property(messages, fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (all, sizes) => {
    const frames = framesOf(all)
    const bytes = Buffer.concat(frames.map((frame) => frame.bytes))
    const ends = new Map<number, boolean>()
    let length = 0
    for (const frame of frames) ends.set(length += frame.bytes.length, frame.whole)
    const tracker = new FrameTracker()
    for (let at = 0; at < bytes.length;) {
      const size = sizes.next().value as number
      tracker.push(bytes.subarray(at, at += size))
      at = Math.min(at, bytes.length)
      expect(tracker.isWithin).toBe(ends.get(at) !== true)
    }
    expect(tracker.whole).toBe(frames.filter((frame) => frame.whole).length)
  }))
})

test('lengths of 16 and 64 bits are read as they are', () => {
  const tracker = new FrameTracker()
  tracker.push(Buffer.from([0x81, 0x80 | 127, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4]))
  tracker.push(Buffer.alloc(65_535))
  expect(tracker.isWithin).toBe(true)
  tracker.push(Buffer.alloc(1))
  expect([tracker.isWithin, tracker.whole]).toEqual([false, 1])
})

test('whole messages start no timer; what is begun has ten seconds, more only while we do not read, and each message its own', async () => {
  const clock = new VirtualClock()
  const socket = new PassThrough()
  let isPaused = false
  let late = 0
  boundAssembly(socket, { clock, isPaused: () => isPaused, late: () => { late++ } })
  const feed = async (bytes: Buffer) => {
    socket.write(bytes)
    await settle()
  }
  const message = maskedFrame(0x81, Buffer.from('[2,"1","Heartbeat",{}]'))
  await feed(message)
  expect(clock.pending).toBe(0)
  await feed(Buffer.concat([message, message.subarray(0, 5)]))
  expect(clock.pending).toBe(1)
  await clock.advance(assemblyMs - 1)
  await feed(Buffer.concat([message.subarray(5), message.subarray(0, 3)]))
  await clock.advance(1)
  expect(late).toBe(0)
  isPaused = true
  await clock.advance(assemblyMs)
  expect(late).toBe(0)
  isPaused = false
  await clock.advance(assemblyMs)
  expect(late).toBe(1)
  await feed(message.subarray(3))
  await clock.advance(assemblyMs)
  expect([late, clock.pending]).toEqual([1, 0])
})
