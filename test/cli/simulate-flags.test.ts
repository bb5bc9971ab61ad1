// The flags of `kwota simulate`: which command they mean, and made-up sessions on stdout.
import { expect, test } from 'vitest'
import { isSessions, simulateSessions, type SessionsFlags } from '../../src/cli/simulate-flags.ts'
import { systemClock } from '../../src/clock.ts'

async function run(files: readonly string[], flags: SessionsFlags) {
  let out = ''
  let err = ''
  const fail = () => Promise.reject(new Error('not asked for'))
  const code = await simulateSessions(files, flags, {
    stdout: { write: (text: string) => { out += text } }, stderr: { write: (text: string) => { err += text } }, readBytes: fail, clock: systemClock, openHistory: fail,
  })
  return { code, out, err }
}

test('scenario files are none of theirs', () => {
  expect([isSessions({}), isSessions({ policy: 'equal' }), isSessions({ sessions: 'a.csv' }), isSessions({ fromHistory: 'data' }), isSessions({ syntheticSessions: 3 })]).toEqual([false, false, true, true, true])
})

test('made-up sessions, the same for the same seed', async () => {
  const { code, out } = await run([], { syntheticSessions: 20, seed: 4 })
  expect(code).toBe(0)
  expect(out.split('\n')[0]).toBe('arrival,departure,energy_kwh,station_id,estimated_departure')
  expect(out.trimEnd().split('\n').length).toBeGreaterThan(18)
  expect((await run([], { syntheticSessions: 20, seed: 4 })).out).toBe(out)
  expect((await run([], { syntheticSessions: 20 })).out).not.toBe(out)
})

test('one thing at a time', async () => {
  for (const [files, flags] of [[['a.yaml'], { sessions: 'a.csv' }], [[], { sessions: 'a.csv', fromHistory: 'data' }]] as const) {
    expect(await run(files, flags)).toEqual({ code: 2, out: '', err: 'simulate: play scenario files, --sessions, --from-history or --synthetic-sessions, one at a time\n' })
  }
})

test('sessions need a site', async () => {
  expect(await run([], { sessions: 'a.csv' })).toEqual({ code: 2, out: '', err: 'simulate: --sessions needs a site: add --site SITE.yaml\n' })
})
