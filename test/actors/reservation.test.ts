// The reservation machine as a table, its deadline across a restore, and which reservation a start uses up.
import { describe, expect, test } from 'vitest'
import { createActor } from 'xstate'
import { farAlarmOn } from '../../src/actors/far-alarm.ts'
import { reservationContextSchema, reservationMachine, type ReservationEvent } from '../../src/actors/reservation.ts'
import { usedBy, type ReservationRecord, type Start } from '../../src/actors/reservation-record.ts'
import { VirtualClock } from '../virtual-clock.ts'

const hourMs = 3_600_000
const startsAt = new VirtualClock().wall()

const events = {
  granted: { type: 'RESERVATION_GRANTED', reservationId: 5, expiresAtMs: startsAt + 2 * hourMs },
  cancelling: { type: 'RESERVATION_CANCELLING', reservationId: 5, cancelling: true },
  kept: { type: 'RESERVATION_CANCELLING', reservationId: 5, cancelling: false },
  used: { type: 'RESERVATION_ENDED', reservationId: 5, end: 'used' },
  expired: { type: 'RESERVATION_ENDED', reservationId: 5, end: 'expired' },
  cancelled: { type: 'RESERVATION_ENDED', reservationId: 5, end: 'cancelled' },
  refused: { type: 'RESERVATION_ENDED', reservationId: 5, end: 'refused' },
  due: { type: 'DUE' },
} satisfies Record<string, ReservationEvent>

function machineOn(clock: VirtualClock, tellDue: () => void = () => undefined) {
  return reservationMachine.provide({ actors: { alarm: farAlarmOn(clock) }, actions: { tellDue } })
}

function begin(clock: VirtualClock, tellDue?: () => void, aheadMs = hourMs) {
  return createActor(machineOn(clock, tellDue), { input: { reservation: { id: 5, expiresAtMs: clock.wall() + aheadMs }, granted: false, cancelling: false } }).start()
}

const ways: Record<string, (keyof typeof events)[]> = {
  requesting: [], held: ['granted'], cancelling: ['granted', 'cancelling'], 'cancelling unanswered': ['cancelling'], used: ['used'], expired: ['expired'], cancelled: ['cancelled'], refused: ['refused'],
}

const ended = { used: 'used', expired: 'expired', cancelled: 'cancelled', refused: 'refused' }
const table: Record<keyof typeof events, Record<string, string>> = {
  granted: { requesting: 'held', held: 'held', cancelling: 'cancelling', 'cancelling unanswered': 'cancelling', ...ended },
  cancelling: { requesting: 'cancelling', held: 'cancelling', cancelling: 'cancelling', 'cancelling unanswered': 'cancelling', ...ended },
  kept: { requesting: 'requesting', held: 'held', cancelling: 'held', 'cancelling unanswered': 'requesting', ...ended },
  used: { requesting: 'used', held: 'used', cancelling: 'used', 'cancelling unanswered': 'used', ...ended },
  expired: { requesting: 'expired', held: 'expired', cancelling: 'expired', 'cancelling unanswered': 'expired', ...ended },
  cancelled: { requesting: 'cancelled', held: 'cancelled', cancelling: 'cancelled', 'cancelling unanswered': 'cancelled', ...ended },
  refused: { requesting: 'refused', held: 'refused', cancelling: 'refused', 'cancelling unanswered': 'refused', ...ended },
  // Whether it is over is decided outside, against the record.
  due: { requesting: 'requesting', held: 'held', cancelling: 'cancelling', 'cancelling unanswered': 'cancelling', ...ended },
}

describe.each(Object.entries(table))('%s', (event, row) => {
  test.each(Object.entries(row))('in %s → %s', (from, to) => {
    const actor = begin(new VirtualClock())
    for (const name of [...(ways[from] ?? []), event as keyof typeof events]) actor.send(events[name])
    expect(actor.getSnapshot().value).toBe(to)
  })
})

describe('its time', () => {
  test('is told once, at the time it was granted for, however far away that is', async () => {
    const clock = new VirtualClock()
    let due = 0
    const actor = begin(clock, () => due++, hourMs)
    actor.send({ type: 'RESERVATION_GRANTED', reservationId: 5, expiresAtMs: clock.wall() + 60 * 24 * hourMs })
    await clock.advance(60 * 24 * hourMs - 1)
    expect(due).toBe(0)
    await clock.advance(1)
    expect(due).toBe(1)
    actor.send(events.expired)
    expect(clock.pending).toBe(0)
  })

  test('is armed again after a restore, and told at once when it is overdue', async () => {
    const clock = new VirtualClock()
    const before = begin(clock)
    before.send(events.granted)
    const kept = JSON.parse(JSON.stringify(before.getPersistedSnapshot())) as ReturnType<typeof before.getSnapshot>
    before.stop()
    expect(clock.pending).toBe(0)
    expect(reservationContextSchema.parse(kept.context)).toEqual(kept.context)
    let due = 0
    await clock.advance(2 * hourMs - 1)
    const restored = createActor(machineOn(clock, () => due++), { snapshot: kept, input: { reservation: kept.context.reservation, granted: false, cancelling: false } }).start()
    expect(restored.getSnapshot().value).toBe('held')
    await clock.advance(1)
    expect(due).toBe(1)
    restored.stop()
    await clock.advance(hourMs)
    createActor(machineOn(clock, () => due++), { snapshot: kept, input: { reservation: kept.context.reservation, granted: false, cancelling: false } }).start()
    await clock.advance(0)
    expect(due).toBe(2)
  })

  test('a wall clock that was set back is waited for', async () => {
    const clock = new VirtualClock()
    let due = 0
    begin(clock, () => due++)
    clock.jumpWall(-hourMs)
    await clock.advance(hourMs)
    expect(due).toBe(0)
    await clock.advance(hourMs)
    expect(due).toBe(1)
  })
})

describe('a start uses up', () => {
  const reservation = (id: number, more: Partial<ReservationRecord> = {}): ReservationRecord => ({
    v: 1, id, siteID: 'depot', clientID: 'CP1', connectorId: 1, idTag: 'Anna', parentIdTag: null, expiresAtMs: 1, status: 'held', granted: true, reason: null, createdAtMs: 0, endedAtMs: null, commandId: 'cmd_1', transactionId: null, ...more,
  })
  const one = reservation(1)
  const whole = reservation(2, { connectorId: 0, idTag: 'Berta', parentIdTag: 'Family' })
  const other = reservation(3, { connectorId: 2, parentIdTag: 'Family' })
  const held = [one, whole, other]
  const rows: [string, Partial<Start>, number | null][] = [
    ['the one it names, wherever', { connectorId: 2, idTag: 'Zoe', reservationId: 1 }, 1],
    ['the one for its tag, without regard to case', { idTag: 'ANNA' }, 1],
    ['nothing for its tag on another connector', { idTag: 'Carla', connectorId: 2 }, null],
    ['the whole charge point’s for its tag', { idTag: 'berta', connectorId: 2 }, 2],
    ['the one for its group', { idTag: 'Zoe', parentIdTag: 'FAMILY', connectorId: 1 }, 2],
    ['its own connector’s before the whole charge point’s', { idTag: 'Zoe', parentIdTag: 'family', connectorId: 2 }, 3],
    ['nothing for a foreign tag', { idTag: 'Zoe' }, null],
    ['nothing when a presented tag looks like a parent', { idTag: 'Family' }, null],
    ['nothing when a parent looks like a tag', { idTag: 'Zoe', parentIdTag: 'Anna' }, null],
    ['the one for its tag when it names one that nobody knows', { idTag: 'Anna', reservationId: 99 }, 1],
  ]
  test.each(rows)('%s', (_, start, id) => {
    expect(usedBy({ connectorId: 1, idTag: 'X', parentIdTag: null, reservationId: null, ...start }, held)?.id ?? null).toBe(id)
  })
})
