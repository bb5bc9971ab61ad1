// The table from what went wrong to the exit code of a command: every status and code that kwota answers with, every way a network fails.
import { describe, expect, test } from 'vitest'
import { exitCodeOfAnswer, exitCodeOfNetwork } from '../../src/cli/endings.ts'

describe('an answer', () => {
  test.each([
    [200, undefined, 0], [201, undefined, 0], [202, undefined, 0], [204, undefined, 0],
    [400, 'not-json', 2], [405, 'method-not-allowed', 2], [406, undefined, 2], [413, 'body-too-large', 2], [415, undefined, 2], [422, 'above-fuse', 2], [422, 'invalid', 2],
    [404, 'unknown-site', 3], [404, 'unknown-charge-point', 3], [404, undefined, 3],
    [401, 'unauthorized', 4], [403, 'missing-scope', 4], [403, 'needs-every-site', 4], [403, 'unknown-host', 2],
    [409, 'charge-point-offline', 5], [409, 'failsafe-holds', 5], [412, 'stale', 5], [503, 'store-down', 5], [503, 'starting', 5], [502, undefined, 5],
    [408, undefined, 6], [504, undefined, 6],
    [429, 'too-many-commands', 1], [500, 'internal', 1], [301, undefined, 1], [418, undefined, 1],
  ])('%i %s ends with %i', (status, code, exit) => expect(exitCodeOfAnswer(status, code)).toBe(exit))
})

describe('no answer', () => {
  test.each([
    ['ECONNREFUSED', 5], ['ECONNRESET', 5], ['ENOTFOUND', 5], ['EAI_AGAIN', 5], ['EHOSTUNREACH', 5], ['ENETUNREACH', 5], ['UND_ERR_SOCKET', 5],
    ['ETIMEDOUT', 6], ['UND_ERR_CONNECT_TIMEOUT', 6], ['UND_ERR_HEADERS_TIMEOUT', 6], ['UND_ERR_BODY_TIMEOUT', 6],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 1], [undefined, 1],
  ])('%s ends with %i', (code, exit) => expect(exitCodeOfNetwork(code)).toBe(exit))
})
