// A tiny file of sessions with the figures worked out by hand, and what is refused of a file.
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { sessionsCommand, type SessionsOptions } from '../../../src/cli/simulate-sessions.ts'
import { fairnessOf } from '../../../src/simulator/sessions/score.ts'

const site = 'id: main\nfuseA: 63\n'
const header = 'arrival,departure,energy_kwh,station_id\n'
/** Two cars that could each have 22.08 kW, the second for less than it wants; a third that fits easily. */
const three = `${header}2026-01-05T08:00:00Z,2026-01-05T10:00:00Z,20,A\n2026-01-05T08:00:00Z,2026-01-05T09:00:00Z,30,B\n2026-01-05T12:00:00Z,2026-01-05T18:00:00Z,11.5,A\n`
const acn = 'arrival,departure,requested_energy (kWh),delivered_energy (kWh),station_id,session_id,estimated_departure,claimed\n'

const files = new Map<string, string | Uint8Array>([
  ['site.yaml', site], ['three.csv', three], ['three.csv.gz', gzipSync(three)],
  ['acn.csv', `${acn}2019-05-01 08:00:00-07:00,2019-05-01 10:00:00-07:00,20.0,7.5,CA-305,x,2019-05-01 09:30:00-07:00,True\n`],
  ['bad.csv', `${header}soon,2026-01-05T10:00:00Z,20,A\n2026-01-05T08:00:00Z,2026-01-05T07:00:00Z,20,A\n2026-01-05T08:00:00Z,2026-01-05T09:00:00Z,-3,A\n2026-01-05T08:00:00Z,2026-01-05T09:00:00Z,3,\n2026-01-05T08:00:00Z,2026-01-05T09:00:00Z,3\n2026-01-05T08:00:00Z,"2026-01-05T09:00:00Z,3,A\n2026-01-05T08:00:00Z,2026-01-05T09:00:00Z,3,"A"\n`],
  ['overlap.csv', `${header}2026-01-05T08:00:00Z,2026-01-05T10:00:00Z,20,A\n2026-01-05T09:00:00Z,2026-01-05T11:00:00Z,5,A\n`],
  ['semicolons.csv', three.replaceAll(',', ';')], ['shut.yaml', 'id: main\nfuseA: 63\nlimitSchedules: [{ startsAt: 2026-01-01T00:00:00Z, durationS: 864000, limitW: 0 }]\n'], ['tariff.yaml', 'id: main\nfuseA: 63\ndemandWindow: { targetW: 9000 }\n'],
  ['columns.csv', 'arrival,departure,kwh\n'], ['empty.csv', header],
  ['other.yaml', 'site: { id: main, fuseA: 63 }\nchargePoints: [{ id: X }]\n'], ['wrong.yaml', 'id: main\nfuse: 63\n'],
])

async function run(options: Partial<SessionsOptions> = {}) {
  let out = ''
  let err = ''
  const code = await sessionsCommand({ sessions: 'three.csv', site: 'site.yaml', ...options }, {
    stdout: { write: (text: string) => { out += text } }, stderr: { write: (text: string) => { err += text } }, clock: systemClock,
    readBytes: (path) => {
      const content = files.get(path)
      return content === undefined ? Promise.reject(new Error('no such file')) : Promise.resolve(typeof content === 'string' ? Buffer.from(content) : content)
    },
  })
  return { code, out, err: err.replace(/played in [\d.]+ s/, 'played') }
}

describe('what is printed', () => {
  test('where nothing is short, all that fits a stay is delivered', async () => {
    // B: 32 A × 230 V × 3 for an hour, less the seconds until the car has followed.
    const { code, out } = await run({ sessions: 'three.csv', site: 'site.yaml', limit: '63A', json: true })
    expect(code).toBe(0)
    const told = JSON.parse(out) as Record<string, number>
    expect(told).toMatchObject({ policy: 'equal', limit: '63 A', stations: 2, sessions: 3, wantedKWh: 53.58, poorlyServed: 0, cut: 0, leftOut: 0 })
    expect(told['energyPercent']).toBeGreaterThan(98)
    expect(told['fairness']).toBeGreaterThan(0.999)
    expect(told['peakA']).toBe(63)
  })
  test('under half of it, to the figure', async () => {
    const { out, err } = await run({ limit: '20kW' })
    expect(out).toMatchInlineSnapshot(`
      "three.csv: 3 sessions at 2 stations, policy equal, limit 20 kW
        energy delivered      76.8 %  41.1 of 53.6 kWh
        served in full        66.7 %  1 got less than half
        fairness (Jain)      0.904
        lost to the limit     12.4 kWh
        profiles sent          106
        peak                  28.0 A on a phase
        worst margin          0.99 A between a limit and what could be drawn
      "
    `)
    expect(err).toBe('simulate: played\n')
  })
  test('where nobody got anything there is no fairness to speak of', async () => {
    expect((await run({ site: 'shut.yaml' })).out).toMatch(/\n  fairness \(Jain\) +–\n/)
    expect(JSON.parse((await run({ site: 'shut.yaml', json: true })).out)).toMatchObject({ deliveredKWh: 0, lostKWh: 53.58, fairness: null, servedInFullPercent: 0 })
    expect((await run({ site: 'shut.yaml', compare: true, limits: '20' })).out).toMatch(/\| equal +\| +0\.00 \| +0\.0 \| +– \|/)
  })
  test('under a demand window the highest quarter of an hour is told', async () => {
    expect((await run({ site: 'tariff.yaml' })).out).toMatch(/\n  highest quarter +8\.\d\d kW of 9 kW\n/)
  })
  test('a gzipped file is the same file', async () => {
    expect((await run({ sessions: 'three.csv.gz', limit: '20kW' })).out).toBe((await run({ limit: '20kW' })).out.replace('three.csv', 'three.csv.gz'))
  })
  test('files of ACN-Data: the column of energy is chosen', async () => {
    expect(JSON.parse((await run({ sessions: 'acn.csv', json: true })).out)).toMatchObject({ wantedKWh: 20 })
    expect(JSON.parse((await run({ sessions: 'acn.csv', json: true, energy: 'delivered' })).out)).toMatchObject({ wantedKWh: 7.5, servedInFullPercent: 100 })
  })
  test('a car that is still there when the next comes leaves then', async () => {
    const { out, err } = await run({ sessions: 'overlap.csv', json: true })
    expect(JSON.parse(out)).toMatchObject({ sessions: 2, cut: 1 })
    expect(err).toContain('1 sessions overlapped')
  })
  test('a span', async () => expect(JSON.parse((await run({ from: '2026-01-05T09:00:00Z', json: true })).out)).toMatchObject({ sessions: 1, servedInFullPercent: 100 }))
})

describe('what is refused, with line and reason', () => {
  test('bad rows, all of them; or left out', async () => {
    const { code, out, err } = await run({ sessions: 'bad.csv' })
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err.split('\n').map((line) => line.slice(0, 60))).toEqual([
      'bad.csv:2: arrival "soon" is no time; write 2026-01-31T08:00:', 'bad.csv:3: the departure is not after the arrival', 'bad.csv:4: energy "-3" is no number of kWh from 0 to 1000',
      'bad.csv:5: station_id "": Too small: expected string to have', 'bad.csv:6: has 3 cells where the first row has 4', 'bad.csv:7: a quote is not closed, or stands in the middle of a c', '',
    ].map((line) => line.slice(0, 60)))
    const left = await run({ sessions: 'bad.csv', skipBad: true, json: true })
    expect(JSON.parse(left.out)).toMatchObject({ sessions: 1, leftOut: 6 })
  })
  test.each([
    [{ sessions: 'semicolons.csv' }, 'semicolons.csv:1: columns are separated by commas, not by semicolons'],
    [{ sessions: 'columns.csv' }, 'columns.csv:1: there is no column station_id'], [{ sessions: 'empty.csv' }, 'empty.csv:1: there is no session in it'],
    [{ sessions: 'gone.csv' }, 'simulate: cannot read gone.csv: no such file'], [{ site: 'wrong.yaml' }, 'wrong.yaml:2: fuse: "fuse" is not a setting here; did you mean fuseA?'],
    [{ site: 'other.yaml' }, 'The site has no charge point with a connector 1 for 2 of the stations: A, B.'], [{ policy: 'fair' }, 'simulate: --policy fair is unknown; there are equal, weighted, fifo, earliestDeadline, leastLaxity'],
    [{ limit: '20' }, 'simulate: "20" is no limit; write 40A (per phase) or 27.6kW (in all)'], [{ limit: '64A' }, 'simulate: 64A is above the fuse'], [{ energy: 'all' }, 'simulate: --energy all is unknown'],
    [{ compare: true, limits: '20,x' }, 'simulate: --limits: "xkW" is no limit'],
  ] as const)('%j', async (options, message) => {
    const { code, out, err } = await run(options)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(message)
  })
})

test("Jain's index", () => {
  expect([fairnessOf([1, 1, 1]), fairnessOf([1, 0, 0, 0]), fairnessOf([]), fairnessOf([0, 0])]).toEqual([1, 0.25, null, null])
  expect(fairnessOf([1, 0.5])).toBeCloseTo(0.9)
})
