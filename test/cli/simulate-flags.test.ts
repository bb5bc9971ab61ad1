// The flags of `kwota simulate`: which mode they mean, which go with it, progress of what takes long, and made-up sessions on stdout.
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { sessionsFlags, simulate, type SimulateFlags } from '../../src/cli/simulate-flags.ts'
import { seedFlags } from '../../src/cli/seed-flags.ts'
import { systemClock } from '../../src/clock.ts'
import { sessionsCsv, synthesise } from '../../src/simulator/sessions/synthetic-sessions.ts'

const scenario = 'name: good\nsite: { id: main, fuseA: 32 }\nchargePoints: [{ id: CP1 }]\ntimeline: [{ at: 0, plugIn: CP1/1 }]\nexpect:\n  - { at: 60, allocatedA: { CP1/1: 32 } }\n'
const files = new Map([
  ['good.yaml', scenario], ['site.yaml', 'id: main\nfuseA: 63\n'], ['package.json', '{ "name": "kwota" }'], ['broken.json', '{'],
  ['q.csv', sessionsCsv(synthesise({ sessions: 30, stations: 6, days: 2, seed: 1 }))],
])

/** Every look at its clock takes a while. */
async function run(names: readonly string[], flags: SimulateFlags, lookMs = 0) {
  let [out, err, nowMs] = ['', '', 0]
  const text = (path: string) => (files.has(path) ? Promise.resolve(files.get(path)!) : Promise.reject(new Error('no such file')))
  const code = await simulate(names, flags, {
    stdout: { write: (chunk: string) => { out += chunk } }, stderr: { write: (chunk: string) => { err += chunk } },
    readFile: text, readBytes: async (path) => Buffer.from(await text(path)), readStdin: () => text('-'),
    clock: { ...systemClock, mono: () => (nowMs += lookMs) }, openHistory: () => Promise.reject(new Error('not asked for')), command: { file: 'kwota', args: [] },
  })
  return { code, out, err }
}

test('made-up sessions, the same for the same seed', async () => {
  const { code, out } = await run([], { syntheticSessions: 20, seed: 4 })
  expect(code).toBe(0)
  expect(out.split('\n')[0]).toBe('arrival,departure,energy_kwh,station_id,estimated_departure')
  expect(out.trimEnd().split('\n').length).toBeGreaterThan(18)
  expect((await run([], { syntheticSessions: 20, seed: 4 })).out).toBe(out)
  expect((await run([], { syntheticSessions: 20 })).out).not.toBe(out)
})

test('scenario files', async () => {
  expect(await run(['good.yaml'], { seed: 2 })).toMatchObject({ code: 0, err: '' })
  expect(await run([], {})).toEqual({ code: 2, out: '', err: 'simulate: name a scenario file, or - for standard input\n' })
})

test('one thing at a time', async () => {
  for (const [names, flags] of [[['a.yaml'], { sessions: 'a.csv' }], [[], { sessions: 'a.csv', fromHistory: 'data' }], [[], { seeds: 2, replay: 'a' }], [[], { seeds: 2, only: [7] }], [[], { sessions: 'q.csv', seeds: 3, site: 'site.yaml' }], [['a.yaml'], { seeds: 2 }]] as const) {
    expect(await run(names, flags)).toEqual({ code: 2, out: '', err: 'simulate: play scenario files, --sessions, --from-history, --synthetic-sessions, --seeds, --only or --replay, one at a time\n' })
  }
})

test.each<[readonly string[], SimulateFlags, string]>([
  [['good.yaml'], { policy: 'fifo' }, '--policy does not go with scenario files; it goes with --sessions and --from-history'],
  [['good.yaml'], { limit: '20A' }, '--limit does not go with scenario files; it goes with --sessions and --from-history'],
  [[], { compare: true }, '--compare does not go with scenario files; it goes with --sessions --compare'],
  [[], { fromHistory: 'data', compare: true }, '--compare does not go with --from-history; it goes with --sessions --compare'],
  [[], { fromHistory: 'data', energy: 'delivered' }, '--energy does not go with --from-history; it goes with --sessions and --sessions --compare'],
  [[], { sessions: 'q.csv', site: 'site.yaml', limits: '20' }, '--limits does not go with --sessions; it goes with --sessions --compare'],
  [[], { sessions: 'q.csv', site: 'site.yaml', compare: true, policy: 'fifo' }, '--policy does not go with --sessions --compare; it goes with --sessions and --from-history'],
  [[], { sessions: 'q.csv', site: 'site.yaml', seed: 3 }, '--seed does not go with --sessions; it goes with scenario files and --synthetic-sessions'],
  [[], { replay: 'a', json: true }, '--json does not go with --replay; it goes with scenario files, --sessions, --sessions --compare, --from-history, --seeds and --only'],
  [[], { only: [7, 9], first: 2 }, '--first does not go with --only; it goes with --seeds'],
  [[], { seeds: 2, site: 'main' }, '--site does not go with --seeds; it goes with --sessions, --sessions --compare and --from-history'],
  [[], { syntheticSessions: 2, shrink: false }, '--no-shrink does not go with --synthetic-sessions; it goes with --seeds and --only'],
])('%j %j', async (names, flags, sentence) => {
  expect(await run(names, flags)).toEqual({ code: 2, out: '', err: `simulate: ${sentence}\n` })
})

/** What commander makes of the words after `simulate`. */
function read(...words: string[]): SimulateFlags {
  const quiet = { writeErr() {}, writeOut() {} }
  const command = seedFlags(sessionsFlags(new Command('simulate').argument('[file...]'))).option('--json').option('--seed <n>', '', Number).exitOverride().configureOutput(quiet)
  return command.parse(words, { from: 'user' }).opts<SimulateFlags>()
}

test('what commander makes of no flag at all goes with everything, and every flag is known to the table', async () => {
  expect((await run(['good.yaml'], read('good.yaml'))).code).toBe(0)
  for (const flag of ['--site', '--policy', '--limit', '--energy', '--from', '--to', '--skip-bad', '--compare', '--limits', '--json', '--seed', '--first', '--minutes', '--stations', '--jobs', '--save', '--no-shrink', '--each']) {
    const takes = ['--skip-bad', '--compare', '--json', '--no-shrink', '--each'].includes(flag) ? [flag] : [flag, '12']
    const modes = await Promise.all([['--replay', 'gone.json'], ['--synthetic-sessions', '2']].map((mode) => run([], read(...mode, ...takes))))
    expect(modes.map(({ err }) => err.startsWith(`simulate: ${flag} does not go with `)), flag).toContain(true)
  }
})

describe('seeds and replays', () => {
  test('no world is shorter than it takes to be put right, and what was played is said', async () => {
    expect(() => read('--seeds', '1', '--minutes', '1')).toThrow(/at least 5: a world warms up/)
    expect(read('--seeds', '1', '--minutes', '5').minutes).toBe(5)
    const { code, out } = await run([], { seeds: 1, minutes: 5, stations: 1, json: true })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ minutes: 5, simulatedS: 300 })
  }, 60_000)
  test.each(['package.json', 'broken.json'])('%s is no world: one sentence', async (name) => {
    expect(await run([], { replay: name })).toEqual({ code: 2, out: '', err: `simulate: ${name} holds no world to replay; name a file that a failing --seeds has saved, like sim-failures/seed-1.json\n` })
  })
  test('a file that is not there', async () => {
    expect(await run([], { replay: 'gone.json' })).toEqual({ code: 2, out: '', err: 'simulate: cannot read gone.json: no such file\n' })
  })
})

describe('what takes long says how far it is', () => {
  const flags = { sessions: 'q.csv', site: 'site.yaml', limit: '10kW' }
  test('sessions, every 2 s', async () => {
    const { code, err } = await run([], flags, 700)
    expect(code).toBe(0)
    expect(err).toMatch(/^simulate: \d+ % played, [\d.]+ s so far\n(simulate: \d+ % played, .*\n)+simulate: played in [\d.]+ s\n$/)
    expect((await run([], flags)).err).toBe('simulate: played in 0.0 s\n')
  })
  test('each row of a comparison', async () => {
    expect((await run([], { sessions: 'q.csv', site: 'site.yaml', compare: true, limits: '10' }, 700)).err).toMatch(/^simulate: 10 kW equal: \d+ %, [\d.]+ s so far\n/)
  }, 60_000)
  test('seeds: whenever one is done', async () => {
    expect((await run([], { seeds: 2, minutes: 5, stations: 1 }, 2_100)).err).toContain('simulate: 1 of 2 seeds\n')
  }, 60_000)
})
