// Whether a clock is off what a transaction at hand has pinned, which is asked for each reading and worked out only when there are others, against a look at each of them.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { liveWithinMs } from '../../src/actors/counted-time.ts'
import { Tallies } from '../../src/actors/tallies.ts'
import { openRecord, stopRecord } from '../../src/sessions/record.ts'

const steps = fc.array(fc.record({
  how: fc.constantFrom('begin', 'end', 'take up'), id: fc.integer({ min: 1, max: 20 }), offsetMs: fc.constantFrom(0, 1, -liveWithinMs, liveWithinMs, liveWithinMs + 1, 3 * liveWithinMs), asked: fc.constantFrom(0, liveWithinMs, -2 * liveWithinMs),
}), { maxLength: 40 })

test('a clock is off as soon as it is off one of them', () => {
  fc.assert(fc.property(steps, (all) => {
    const tallies = new Tallies()
    for (const { how, id, offsetMs, asked } of all) {
      const record = recordOf(id, offsetMs)
      if (how === 'begin') tallies.begin(record, true)
      else if (how === 'end') tallies.end(stopped(record))
      else if (tallies.find(id) === undefined) tallies.takeUp(stopped(record))
      const held = Array.from({ length: 20 }, (_, nth) => tallies.find(nth + 1)?.record.clockOffsetMs).filter((one) => one !== undefined)
      expect(tallies.isOff(asked)).toBe(held.some((one) => Math.abs(one - asked) > liveWithinMs))
    }
  }), { numRuns: 500 })
})

function recordOf(id: number, clockOffsetMs: number) {
  return openRecord({
    id, siteID: 'depot', clientID: 'CP1', connectorId: 1, idTag: 'Tag', idTagInfo: { status: 'Accepted' }, startedAtMs: 1_000, startedAtStation: '1970-01-01T00:00:01Z',
    receivedAtMs: 1_000, meterStartWh: 0, reservationId: null, clockOffsetMs, maxPowerW: 22_000, timezone: 'UTC', tariff: null, limits: {},
  })
}

function stopped(record: ReturnType<typeof recordOf>) {
  return stopRecord(record, { meterStopWh: 1_000, stoppedAtMs: 2_000, stoppedAtStation: '1970-01-01T00:00:02Z', receivedAtMs: 2_000, reason: 'Local', idTag: null })
}
