// What people are alerted to: each by level, after its grace, and resolved when it is over or what it was about is gone.
import { describe, expect, test } from 'vitest'
import { limitState } from '../../src/actors/site-watch.ts'
import { book } from '../../src/power/booking.ts'
import { openRow, type Fact, type Row } from '../../src/power/ledger.ts'
import { accept, openRoom, pointOf, siteOf, type RoomOptions, type Script } from './site-stand.ts'

const caller = 'local'
const refuse: Script = (action, payload) => (action === 'SetChargingProfile' ? { status: 'Rejected' } : accept(action, payload))

async function charging(options: RoomOptions = {}) {
  const stand = await openRoom(options)
  const ids = (options.chargePoints ?? [{ id: 'CP1' }]).map(({ id }) => id)
  const peers = ids.map((id) => stand.connect(id))
  await stand.clock.advance(15_000)
  ids.forEach((id, index) => stand.plugIn(id, 100 + index))
  await stand.clock.advance(75_000)
  return { ...stand, peers, peer: peers[0]! }
}

describe('over-limit', () => {
  test('names the node, the phase and the amps after more than 10 s, and resolves when it holds again', async () => {
    const { room, clock, open, peer } = await charging()
    peer.script = refuse
    await room.setGridLimit({ currentA: 20 }, caller)
    await clock.advance(9_500)
    expect(open('over-limit')).toEqual([])
    await clock.advance(6_000)
    expect(open('over-limit').map(({ message }) => message)).toEqual(['main L1, L2 and L3 could be 12 A over its limit (grid-limit) for more than 10 s.'])
    await room.setGridLimit(null, caller)
    expect(open('over-limit')).toEqual([])
  })

  test('a lowering that is accepted and settles in time is no alarm', async () => {
    const { room, clock, alerts } = await charging()
    await room.setGridLimit({ currentA: 20 }, caller)
    await clock.advance(60_000)
    expect(alerts.list().filter(({ code }) => code === 'over-limit')).toEqual([])
  })

  test('a short excess is none, and the next one begins anew', async () => {
    const { room, clock, alerts, peer } = await charging()
    peer.script = refuse
    for (let turn = 0; turn < 3; turn++) {
      await room.setGridLimit({ currentA: 20 }, caller)
      await clock.advance(8_000)
      await room.setGridLimit(null, caller)
      await clock.advance(2_000)
    }
    expect(alerts.list().filter(({ code }) => code === 'over-limit')).toEqual([])
  })

  test('not in the first 60 s after a charge point was met for the first time', async () => {
    const { connect, clock, open, room } = await openRoom({ site: { fuseA: 20 }, chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] })
    connect('CP1', true, () => 'hold')
    await clock.advance(40_000)
    connect('CP2', true, () => 'hold')
    await clock.advance(59_000)
    expect([open('over-limit'), open('unenforceable')]).toEqual([[], []])
    expect(room.power().state).toBe('enforcing')
    await clock.advance(20_000)
    expect(open('over-limit').length).toBe(1)
    expect(open('unenforceable')).toMatchObject([{ severity: 'critical' }])
    expect(room.power()).toMatchObject({ state: 'unenforceable', deficitA: 44 })
  })

  test('stays although somebody comes for the first time: what was wrong before is still wrong', async () => {
    const { connect, plugIn, room, clock, open } = await openRoom({ site: { fuseA: 64 }, chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] })
    const peer = connect('CP1')
    await clock.advance(15_000)
    plugIn('CP1', 100)
    await clock.advance(75_000)
    peer.script = refuse
    await room.setGridLimit({ currentA: 20 }, caller)
    await clock.advance(16_000)
    expect(open('over-limit').length).toBe(1)
    const [first] = open('over-limit')
    connect('CP2')
    await clock.advance(20_000)
    expect(open('over-limit').map(({ id }) => id)).toContain(first?.id)
    await clock.advance(40_000)
    expect(open('over-limit').length).toBe(1)
  })

  test('of a circuit that is taken away, or a site that is rewired, nothing stays open', async () => {
    const { room, clock, open, peer } = await charging({ site: { circuits: [{ id: 'garage', limitA: 32 }] }, chargePoints: [{ id: 'CP1', circuit: 'garage' }] })
    peer.script = refuse
    room.reconfigure(siteOf({ circuits: [{ id: 'garage', limitA: 10 }] }), [pointOf({ id: 'CP1', circuit: 'garage' })])
    await clock.advance(30_000)
    expect(open('over-limit').length).toBe(1)
    expect(open('over-limit')[0]?.message).toContain('(circuit:garage)')
    room.reconfigure(siteOf(), [pointOf({ id: 'CP1' })])
    expect(open('over-limit')).toEqual([])
  })
})

describe('unenforceable', () => {
  test('an offline car above the limit: what is missing and where; over as soon as it is back', async () => {
    const { room, gone, connect, peer, open, clock } = await charging()
    gone(peer)
    await room.setGridLimit({ currentA: 20 }, caller)
    await clock.advance(1_000)
    expect(open('unenforceable').map(({ message }) => message)).toEqual(['Even with every charge point that listens at its least, 12 A are missing: main L1 lacks 12 A, main L2 lacks 12 A, main L3 lacks 12 A.'])
    connect('CP1', false)
    await clock.advance(1_000)
    expect(open('unenforceable')).toEqual([])
  })

  test('in watts too', async () => {
    const { room, gone, peer, open } = await charging()
    gone(peer)
    await room.setGridLimit({ powerW: 13_800 }, caller)
    expect(open('unenforceable')[0]?.message).toContain('12 A are missing: main in total lacks 8280 W.')
  })
})

describe('meter-stale', () => {
  test('when the site meter falls silent, until it speaks again; a site without a meter has none', async () => {
    const { room, clock, open, alerts } = await openRoom({ site: { baseLoad: { worstCaseA: { L1: 9, L2: 8, L3: 7 } } } })
    await clock.advance(60_000)
    expect(alerts.list()).toEqual([])
    room.readBaseLoad({ L1: 1, L2: 1, L3: 1 }, 0)
    await clock.advance(14_000)
    expect(open('meter-stale')).toEqual([])
    await clock.advance(2_000)
    expect(open('meter-stale')).toMatchObject([{ severity: 'critical', message: 'The site meter is silent; the worst case of 9/8/7 A counts as base load.' }])
    room.readBaseLoad({ L1: 1, L2: 1, L3: 1 }, 0)
    expect(open('meter-stale')).toEqual([])
  })
})

describe('profile-rejected', () => {
  test('of a fallback: the hardware counts always, until it is accepted', async () => {
    const { connect, clock, open } = await openRoom()
    const peer = connect('CP1', true, refuse)
    await clock.advance(6_000)
    expect(open('profile-rejected')).toMatchObject([{ severity: 'warning', clientID: 'CP1', connectorId: 1, message: 'CP1/1 refused a charging profile; its 32 A count always.' }])
    peer.script = accept
    await clock.advance(70_000)
    expect(open('profile-rejected')).toEqual([])
  })

  test('of a lowering: the last limit stays; gone with the connector', async () => {
    const { room, clock, open, peer } = await charging()
    peer.script = refuse
    await room.setGridLimit({ currentA: 20 }, caller)
    await clock.advance(1_000)
    expect(open('profile-rejected')[0]?.message).toBe('CP1/1 refused a charging profile; its last limit stays.')
    room.reconfigure(siteOf(), [])
    expect(open('profile-rejected')).toEqual([])
  })
})

describe('disobeying', () => {
  async function drawing(amps: number, seconds: number) {
    const stand = await charging({ site: { fuseA: 20 } })
    expect(stand.peer.profiles().at(-1)).toBe('TxProfile 1 20')
    for (let at = 0; at <= seconds; at += 5) {
      stand.sample('CP1', amps)
      await stand.clock.advance(5_000)
    }
    return stand
  }

  test('more than its limit for more than 15 s; resolved by the first reading that obeys', async () => {
    const stand = await drawing(24, 20)
    expect(stand.open('disobeying')).toMatchObject([{ severity: 'critical', clientID: 'CP1', connectorId: 1, message: 'CP1/1 draws 24 A although its limit is 20 A; 25.2 A are counted for it. So far its limit was sent again.' }])
    stand.sample('CP1', 20)
    await stand.clock.advance(6_000)
    expect(stand.open('disobeying')).toEqual([])
  })

  test('not within 1 A or 5 %, and not for a short while', async () => {
    expect((await drawing(21, 60)).open('disobeying')).toEqual([])
    expect((await drawing(24, 5)).open('disobeying')).toEqual([])
  })

  test('gone with the connector', async () => {
    const stand = await drawing(24, 30)
    expect(stand.open('disobeying').length).toBe(1)
    stand.room.reconfigure(siteOf({ fuseA: 20 }), [])
    expect(stand.open('disobeying')).toEqual([])
  })
})

describe('the row as people see it', () => {
  const entry = (seq: number, slot: 'default' | 'tx', limitA: number) => ({ type: 'booked' as const, entry: { seq, slot, limitA, fallbackA: 0, leaseEndsAtMs: null, bookedAtMs: 0, state: 'booked' as const } })
  const rows: [string, Fact[], number][] = [
    ['none', [], 0],
    ['none', [{ type: 'contacted', atMs: 0 }], 0],
    ['sending', [entry(1, 'default', 6)], 0],
    ['sending', [entry(1, 'default', 6), { type: 'sent', seq: 1 }], 0],
    ['unknown', [entry(1, 'default', 6), { type: 'sent', seq: 1 }, { type: 'unanswered', seq: 1 }], 0],
    ['refused', [entry(1, 'default', 6), { type: 'refused', seq: 1, atMs: 5 }], 5],
    ['confirmed', [entry(1, 'default', 6), { type: 'accepted', seq: 1, atMs: 5 }], 5],
    ['settled', [entry(1, 'default', 6), { type: 'accepted', seq: 1, atMs: 5 }], 10_005],
    ['none', [entry(1, 'default', 6), { type: 'dropped', seq: 1 }], 0],
  ]
  test.each(rows)('%s after %j', (state, facts, nowMs) => {
    expect(limitState(facts.reduce<Row>(book, openRow(32, false)), nowMs)).toBe(state)
  })

  test('the mirror is told of each change', async () => {
    const { connect, clock, mirrored } = await openRoom()
    const peer = connect('CP1', true, () => 'hold')
    await clock.advance(100)
    expect(mirrored.get('CP1/1')).toBe('none')
    peer.script = accept
    await clock.advance(6_000)
    expect(['confirmed', 'sending']).toContain(mirrored.get('CP1/1'))
    await clock.advance(20_000)
    expect(mirrored.get('CP1/1')).toBe('settled')
  })
})

describe('offline-in-transaction', () => {
  test('after a minute, with what stays reserved, until it is back', async () => {
    const { clock, open, peer, gone, connect } = await charging()
    gone(peer)
    await clock.advance(59_000)
    expect(open('offline-in-transaction')).toEqual([])
    await clock.advance(15_000)
    expect(open('offline-in-transaction')).toMatchObject([{ severity: 'warning', clientID: 'CP1', connectorId: 1, message: 'CP1/1 is out of reach while a transaction runs; 32 A stay reserved for it.' }])
    connect('CP1', false)
    await clock.advance(1_000)
    expect(open('offline-in-transaction')).toEqual([])
  })

  test('who comes back within a minute, or has no car, is none', async () => {
    const { clock, alerts, peer, gone, connect } = await charging({ chargePoints: [{ id: 'CP1' }] })
    gone(peer)
    await clock.advance(50_000)
    const back = connect('CP1', false)
    await clock.advance(20_000)
    gone(back)
    await clock.advance(30_000)
    connect('CP1', false)
    await clock.advance(120_000)
    expect(alerts.list().filter(({ code }) => code === 'offline-in-transaction')).toEqual([])
  })
})

describe('starved', () => {
  const two = { site: { fuseA: 7 }, chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] }

  test('a car that waits its turn is no alarm while turns are taken', async () => {
    const { clock, alerts } = await charging(two)
    await clock.advance(3_600_000)
    expect(alerts.list().filter(({ code }) => code === 'starved')).toEqual([])
  })

  test('one that is beyond its turn is told, with how long and what leaves it nothing', async () => {
    const { clock, open, peers } = await charging(two)
    for (const peer of peers) peer.script = refuse
    await clock.advance(40 * 60_000)
    expect(open('starved')).toMatchObject([{ severity: 'warning', message: expect.stringMatching(/^CP\d\/1 waits beyond its turn: it should have had current \d+ min ago, and fuse leaves it none\.$/) as string }])
  })
})
