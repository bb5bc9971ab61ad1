// Events in order: numbered within a run, streamed as they come, and the newest kept for who resumes.
import { describe, expect, test } from 'vitest'
import { EventLog } from '../../src/actors/event-log.ts'
import type { KwotaEvent } from '../../src/actors/house.ts'
import { VirtualClock } from '../virtual-clock.ts'

const of = (connectorId: number) => ({ siteID: 'main', clientID: 'CP1', connectorId })
const status = (connectorId: number) => ({ ...of(connectorId), type: 'connector.status' as const, data: {} })

const atMs = Date.UTC(2026, 0, 1)
const reading = { currentA: { L1: 6 }, powerW: 1380, energyWh: 5, voltageV: 230, socPercent: null, measuredAtMs: atMs - 1500, receivedAtMs: atMs, live: true }
const sample = (connectorId: number) => ({ ...of(connectorId), transactionId: 7, reading, toldAtMs: atMs })
const sampled = (id: string, connectorId: number) => ({
  id, type: 'meter.sample', at: '2026-01-01T00:00:00.000Z', ...of(connectorId),
  data: { transactionId: 7, currentA: { L1: 6 }, powerW: 1380, energyWh: 5, voltageV: 230, socPercent: null, measuredAt: '2025-12-31T23:59:58.500Z', live: true },
})

describe('the event log', () => {
  test('numbers, dates and streams', () => {
    const clock = new VirtualClock(Date.UTC(2026, 0, 1))
    const log = new EventLog(clock, 'run')
    const seen: KwotaEvent[] = []
    log.events$.subscribe((event) => seen.push(event))
    log.emit(status(1))
    log.emit({ ...status(2), at: '2025-12-31T23:59:59.000Z' })
    log.sample(sample(3))
    log.emit(status(4))
    expect(seen).toEqual([
      { id: 'run-1', at: '2026-01-01T00:00:00.000Z', ...status(1) },
      { id: 'run-2', ...status(2), at: '2025-12-31T23:59:59.000Z' },
      sampled('run-3', 3),
      { id: 'run-4', at: '2026-01-01T00:00:00.000Z', ...status(4) },
    ])
    expect(log.since('run-2')).toEqual(seen.slice(2))
  })

  test('readings are heard by themselves, and not by who listens for all else', () => {
    const log = new EventLog(new VirtualClock(), 'run')
    const [facts, samples]: [string[], string[]] = [[], []]
    log.facts$.subscribe(({ id }) => facts.push(id))
    log.samples$.subscribe(({ id }) => samples.push(id))
    log.emit(status(1))
    log.sample(sample(1))
    expect([facts, samples]).toEqual([['run-1'], ['run-2']])
  })

  test('answers what came after an id, and null for one it does not hold', () => {
    const log = new EventLog(new VirtualClock(), 'run')
    for (let id = 1; id <= 3; id++) log.sample(sample(id))
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
    for (let id = 2; id <= 25_000; id++) log.sample(sample(1))
    log.emit(status(2))
    log.sample(sample(2))
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
    log.sample(sample(1))
    log.sample(sample(2))
    expect(seen).toEqual(['run-1', 'run-2'])
  })
})
