// Buckets of time by the clock of a site, over the days on which it is set as well.
import { describe, expect, test } from 'vitest'
import { bucketAt, bucketsOver, spread } from '../../src/actors/time-buckets.ts'

const at = (text: string): number => Date.parse(text)
const shown = (buckets: readonly { fromMs: number; toMs: number }[]): string[] => buckets.map(({ fromMs, toMs }) => `${new Date(fromMs).toISOString().slice(5, 16)} ${(toMs - fromMs) / 60_000}`)

describe('buckets', () => {
  test('begin and end with the range, and otherwise on the whole hour', () => {
    expect(shown(bucketsOver('UTC', '1h', at('2026-06-01T08:20:00Z'), at('2026-06-01T10:30:00Z')))).toEqual(['06-01T08:20 40', '06-01T09:00 60', '06-01T10:00 30'])
    expect(bucketsOver('UTC', '15m', at('2026-06-01T08:00:00Z'), at('2026-06-01T09:00:00Z'))).toHaveLength(4)
    expect(bucketsOver('UTC', '1h', 0, 0)).toEqual([])
  })

  test('a day is from midnight to midnight on the wall: 23, 24 or 25 hours', () => {
    expect(shown(bucketsOver('Europe/Berlin', '1d', at('2026-03-27T23:00:00Z'), at('2026-03-30T22:00:00Z')))).toEqual(['03-27T23:00 1440', '03-28T23:00 1380', '03-29T22:00 1440'])
    expect(shown(bucketsOver('Europe/Berlin', '1d', at('2026-10-24T10:00:00Z'), at('2026-10-26T23:00:00Z')))).toEqual(['10-24T10:00 720', '10-24T22:00 1500', '10-25T23:00 1440'])
  })

  test('hours go on over a change of the clock', () => {
    expect(shown(bucketsOver('Europe/Berlin', '1h', at('2026-10-24T23:00:00Z'), at('2026-10-25T03:00:00Z')))).toEqual(['10-24T23:00 60', '10-25T00:00 60', '10-25T01:00 60', '10-25T02:00 60'])
    expect(shown(bucketsOver('Asia/Kolkata', '1h', at('2026-06-01T08:00:00Z'), at('2026-06-01T09:00:00Z')))).toEqual(['06-01T08:00 30', '06-01T08:30 30'])
  })

  test('are as many as are asked for', () => {
    expect(bucketsOver('Europe/Berlin', '1d', at('2020-01-01T00:00:00Z'), at('2026-01-01T00:00:00Z'), 3)).toHaveLength(3)
    expect(bucketsOver('Europe/Berlin', '15m', at('2026-01-01T00:00:00Z'), at('2026-02-01T00:00:00Z'), 500)).toHaveLength(500)
  })

  test('an instant is found in its bucket, and a stretch is told in parts', () => {
    const buckets = bucketsOver('UTC', '1h', at('2026-06-01T08:20:00Z'), at('2026-06-01T10:30:00Z'))
    expect(['08:19', '08:20', '08:59', '09:00', '10:29', '10:30'].map((time) => bucketAt(buckets, at(`2026-06-01T${time}:00Z`)))).toEqual([null, 0, 0, 1, 2, null])
    const parts: [number, number][] = []
    spread(buckets, at('2026-06-01T07:00:00Z'), at('2026-06-01T09:10:00Z'), (index, fromMs, untilMs) => void parts.push([index, (untilMs - fromMs) / 60_000]))
    expect(parts).toEqual([[0, 40], [1, 10]])
  })
})
