// Events in order: numbered within a run, streamed as they come, and the newest kept for who resumes.
import { describe, expect, test } from 'vitest'
import { EventLog } from '../../src/actors/event-log.ts'
import type { KwotaEvent } from '../../src/actors/house.ts'
import { VirtualClock } from '../virtual-clock.ts'

const sample = (connectorId: number) => ({ type: 'meter.sample' as const, siteID: 'main', clientID: 'CP1', connectorId, data: {} })

const status = (connectorId: number) => ({ ...sample(connectorId), type: 'connector.status' as const })

describe('the event log', () => {
  test('numbers, dates and streams', () => {
    const clock = new VirtualClock(Date.UTC(2026, 0, 1))
    const log = new EventLog(clock, 'run')
    const seen: KwotaEvent[] = []
    log.events$.subscribe((event) => seen.push(event))
    log.emit(sample(1))
    log.emit({ ...sample(2), at: '2025-12-31T23:59:59.000Z' })
    expect(seen).toEqual([
      { id: 'run-1', at: '2026-01-01T00:00:00.000Z', ...sample(1) },
      { id: 'run-2', ...sample(2), at: '2025-12-31T23:59:59.000Z' },
    ])
  })

  test('answers what came after an id, and null for one it does not hold', () => {
    const log = new EventLog(new VirtualClock(), 'run')
    for (let id = 1; id <= 3; id++) log.emit(sample(id))
    expect(log.since('run-1')?.map(({ id }) => id)).toEqual(['run-2', 'run-3'])
    expect(log.since('run-3')).toEqual([])
    for (const unknown of ['run-4', 'run-0', 'former-1', '', 'run-']) expect(log.since(unknown)).toBeNull()
  })

  test('keeps at least the newest 10,000 and at most a fifth more', () => {
    const log = new EventLog(new VirtualClock(), 'run')
    for (let id = 1; id <= 25_000; id++) log.emit(status(1))
    expect(log.since('run-15001')?.length).toBe(9_999)
    expect(log.since('run-12999')).toBeNull()
    const oldest = Array.from({ length: 25_000 }, (_, at) => at + 1).find((number) => log.since(`run-${number}`) !== null) ?? 0
    expect(log.since(`run-${oldest}`)?.map(({ id }) => id)[0]).toBe(`run-${oldest + 1}`)
  })

  test('readings push out nothing else: of them the newest 1,000 are kept, in their places', () => {
    const log = new EventLog(new VirtualClock(), 'run')
    log.emit(status(1))
    for (let id = 2; id <= 25_000; id++) log.emit(sample(1))
    log.emit(status(2))
    log.emit(sample(2))
    const since = log.since('run-1') ?? []
    expect(since.length).toBeGreaterThan(1_000)
    expect(since.length).toBeLessThan(1_300)
    expect(since.slice(-3).map(({ id }) => id)).toEqual(['run-25000', 'run-25001', 'run-25002'])
    // A reading that is kept no more is still a place to go on from.
    expect(log.since('run-5000')?.map(({ id }) => id)).toEqual(since.map(({ id }) => id))
  })

  test('a listener that leaves takes nothing from the others', () => {
    const log = new EventLog(new VirtualClock(), 'run')
    const seen: string[] = []
    const leaving = log.events$.subscribe(() => leaving.unsubscribe())
    log.events$.subscribe(({ id }) => seen.push(id))
    log.emit(sample(1))
    log.emit(sample(2))
    expect(seen).toEqual(['run-1', 'run-2'])
  })
})
