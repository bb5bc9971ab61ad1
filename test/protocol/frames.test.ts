// Frames: what is read, what is refused with which words, what is ignored; and that nothing makes the reader throw.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { errorCodes, isErrorCode, readErrorCode } from '../../src/protocol/errors.ts'
import { isTooDeep, readFrame, writeCall, writeEmptyResult, writeError, writeResult } from '../../src/protocol/frames.ts'

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
/** A CALL whose deepest bracket is at level `depth`; the frame's own array is level 1. */
const callOfDepth = (depth: number) => `[2,"a","X",${nested(depth - 1)}]`
const long = 'i'.repeat(37)

describe('reading', () => {
  test.each<[string, string, object]>([
    ['a CALL', '[2,"1","Heartbeat",{}]', { type: 'call', id: '1', action: 'Heartbeat', payload: {} }],
    ['a null payload', '[2,"1","Heartbeat",null]', { type: 'call', id: '1', action: 'Heartbeat', payload: {} }],
    ['the longest id', `[2,"${'i'.repeat(36)}","A",{}]`, { type: 'call', id: 'i'.repeat(36), action: 'A', payload: {} }],
    ['a CALLRESULT', '[3,"1",{"a":1}]', { type: 'result', id: '1', payload: { a: 1 } }],
    ['a null result', '[3,"1",null]', { type: 'result', id: '1', payload: {} }],
    ['a CALLERROR', '[4,"1","NotSupported","no",{}]', { type: 'error', id: '1', code: 'NotSupported', description: 'no' }],
    ['another spelling', '[4,"1","OccurrenceConstraintViolation","",{}]', { type: 'error', id: '1', code: 'OccurenceConstraintViolation', description: '' }],
    ['a CALLERROR without details', '[4,"1","formatviolation"]', { type: 'error', id: '1', code: 'FormationViolation', description: '' }],
    ['a CALLERROR with wrong types', '[4,"1",7,{},null]', { type: 'error', id: '1', code: 'GenericError', description: '' }],
    ['a code nobody knows', '[4,"1","Whatever","d",{}]', { type: 'error', id: '1', code: 'Whatever', description: 'd' }],
    ['an unknown message type', '[5,"1",{}]', { type: 'ignored' }],
    ['spacing', ' [ 2 , "1" , "A" , { } ] ', { type: 'call', id: '1', action: 'A', payload: {} }],
    ['depth 12', callOfDepth(12), { type: 'call', id: 'a', action: 'X' }],
  ])('%s', (_, text, expected) => {
    expect(readFrame(text)).toMatchObject(expected)
  })

  test.each<[string, string, object]>([
    ['no JSON', 'hello', { type: 'bad-call', description: 'not JSON' }],
    ['an empty text', '', { type: 'bad-call', description: 'not JSON' }],
    ['broken JSON with a readable id', '[2,"77","Heartbeat",{', { type: 'bad-call', id: '77', description: 'not JSON' }],
    ['broken answer', '[3,"77",{', { type: 'bad-answer', id: '77' }],
    ['a byte order mark', '\ufeff[2,"77","Heartbeat",{}]', { type: 'bad-call', id: '77', description: 'not JSON' }],
    ['an object', '{"a":1}', { type: 'bad-call', description: 'not an array' }],
    ['an empty array', '[]', { type: 'bad-call', description: 'message type missing' }],
    ['a string type', '["2","1","A",{}]', { type: 'bad-call', description: 'message type missing' }],
    ['too few elements', '[2,"1","Heartbeat"]', { type: 'bad-call', id: '1' }],
    ['too many elements', '[2,"1","Heartbeat",{},1]', { type: 'bad-call', id: '1' }],
    ['no id', '[2]', { type: 'bad-call', description: 'message id missing' }],
    ['a numeric id', '[2,1,"Heartbeat",{}]', { type: 'bad-call', description: 'message id missing' }],
    ['an id of 37', `[2,"${long}","Heartbeat",{}]`, { type: 'bad-call', id: long }],
    ['a numeric action', '[2,"1",7,{}]', { type: 'bad-call', id: '1', description: 'action is not a string' }],
    ['a short CALLRESULT', '[3,"1"]', { type: 'bad-answer', id: '1' }],
    ['depth 13', callOfDepth(13), { type: 'bad-call', id: 'a', description: 'nested deeper than 12 levels' }],
    ['depth 10,000', callOfDepth(10_000), { type: 'bad-call', id: 'a' }],
    ['unclosed depth', `[2,"q","X",${'{"a":'.repeat(5000)}`, { type: 'bad-call', id: 'q' }],
    ['deep in an answer', `[3,"q",${nested(40)}]`, { type: 'bad-answer', id: 'q' }],
  ])('%s is not', (_, text, expected) => {
    expect(readFrame(text)).toMatchObject(expected)
  })

  test('an id nobody could have meant is not echoed', () => {
    const reading = readFrame(`[2,"${'i'.repeat(60_000)}","Heartbeat",{}]`)
    expect(reading).toEqual({ type: 'bad-call', description: 'message id longer than 36 characters' })
  })
})

test('the depth scan knows strings and escapes', () => {
  expect(isTooDeep(JSON.stringify(['[[[[[[[[[[[[[[', '\\"[[[[[[[[[[[[[[[', '\\']))).toBe(false)
  expect(isTooDeep(nested(12))).toBe(false)
  expect(isTooDeep(nested(13))).toBe(true)
  expect(isTooDeep(nested(1_000_000))).toBe(true)
  expect(isTooDeep('[],'.repeat(1000))).toBe(false)
})

test('what is parsed is as deep as its text', () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 16 }), (value) => {
    const text = JSON.stringify([2, 'a', 'X', value])
    const reading = readFrame(text)
    expect(reading.type === 'bad-call' && reading.description.startsWith('nested')).toBe(isTooDeep(text))
  }), { numRuns: 300 })
  for (let depth = 9; depth <= 13; depth++) expect(readFrame(callOfDepth(depth)).type).toBe(depth > 12 ? 'bad-call' : 'call')
})

test('an empty result is written as any other', () => {
  fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.uuid(), fc.nat().map(String)), (id) => {
    expect(writeEmptyResult(id)).toBe(writeResult(id, {}))
  }))
})

test('writing', () => {
  expect(writeCall('1', 'Reset', { type: 'Hard' })).toBe('[2,"1","Reset",{"type":"Hard"}]')
  expect(writeResult('1', {})).toBe('[3,"1",{}]')
  expect(writeError('1', 'OccurenceConstraintViolation', 'x')).toBe('[4,"1","OccurenceConstraintViolation","x",{}]')
  expect(writeError('i'.repeat(5000), 'InternalError', '\u0000"'.repeat(5000)).length).toBeLessThan(3000)
  expect(JSON.parse(writeError('\ud800', 'InternalError', '\udfff\u202e'))).toHaveLength(5)
})

test('error codes are read liberally and never invented', () => {
  for (const code of errorCodes) {
    expect(readErrorCode(code)).toBe(code)
    expect(readErrorCode(code.toUpperCase())).toBe(code)
    expect(isErrorCode(code)).toBe(true)
  }
  expect(readErrorCode('x'.repeat(500))).toHaveLength(64)
  expect(isErrorCode('OccurrenceConstraintViolation')).toBe(false)
})

test('no text makes the reader throw', () => {
  const almostFrame = fc.tuple(fc.constantFrom(2, 3, 4, 5, '2', null), fc.jsonValue(), fc.jsonValue(), fc.jsonValue())
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.json(), almostFrame.map((frame) => JSON.stringify(frame)),
    fc.tuple(almostFrame, fc.nat()).map(([frame, cut]) => JSON.stringify(frame).slice(0, cut % 80)))
  fc.assert(fc.property(text, (frame) => {
    expect(readFrame(frame)).toHaveProperty('type')
  }), { numRuns: 500 })
})
