// The site's machine: a row for every state and event, its alarm, and what becomes of a site whose engine throws.
import { createActor } from 'xstate'
import { describe, expect, test } from 'vitest'
import { siteAlarm, siteMachine, type Reviewed, type SiteEvent } from '../../src/actors/site.ts'
import { noCar } from '../../src/actors/books.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { openRoom, Peer, siteOf } from './site-stand.ts'

type State = 'holding' | 'shedding' | 'quarantined'
const clockFor = new VirtualClock()
const over: Reviewed = { type: 'REVIEWED', over: true, deficitA: 4, nextAtMs: 9_000_000 }
const held: Reviewed = { type: 'REVIEWED', over: false, deficitA: 0, nextAtMs: 9_000_000 }

const facts: SiteEvent[] = [
  { type: 'STATION_BOOTED', session: new Peer(clockFor, 'CP1') },
  { type: 'STATION_ONLINE', session: new Peer(clockFor, 'CP1') },
  { type: 'STATION_OFFLINE', clientID: 'CP1' },
  { type: 'STATUS_CHANGED', key: 'CP1/1', status: 'Available' },
  { type: 'TRANSACTION_STARTED', fact: { clientID: 'CP1', connectorId: 1, transactionId: 1, startedAtMs: 0 } },
  { type: 'TRANSACTION_STOPPED', key: 'CP1/1', transactionId: 1 },
  { type: 'PROFILE_ANSWERED', key: 'CP1/1', fact: { type: 'sent', seq: 1 } },
  { type: 'SITE_LIMIT_SET', grid: null },
  { type: 'BASE_LOAD_READ', meterA: { L1: 0, L2: 0, L3: 0 }, ageMs: 0 },
  { type: 'CAR_TOLD', key: 'CP1/1', facts: noCar },
  { type: 'RECONFIGURED', site: siteOf(), chargePoints: [] },
  { type: 'REVIEW', cause: 'sample' },
  { type: 'DUE' },
]

function start(nextAtMs = Infinity, clock = new VirtualClock(0)) {
  const done: string[] = []
  const machine = siteMachine.provide({
    actors: { alarm: siteAlarm(clock, () => clock.mono()) },
    actions: { take: ({ event }) => { done.push(`take ${event.type}`) }, holdFailsafe: ({ event }) => { done.push(`failsafe ${event.type}`) } },
  })
  const input = { siteID: 'main', nextAtMs }
  const actor = createActor(machine, { input })
  actor.start()
  return { clock, machine, actor, done, input }
}

function startIn(state: State) {
  const started = start()
  if (state === 'shedding') started.actor.send(over)
  if (state === 'quarantined') started.actor.send({ type: 'QUARANTINED' })
  started.done.length = 0
  return started
}

describe('transitions', () => {
  const rows: [State, SiteEvent | Reviewed, State, string[]][] = [
    ...(['holding', 'shedding'] as const).flatMap((state) => [
      ...facts.map((fact): [State, SiteEvent, State, string[]] => [state, fact, state, [`take ${fact.type}`]]),
      [state, { type: 'QUARANTINED' }, 'quarantined', ['failsafe QUARANTINED']] as [State, SiteEvent, State, string[]],
    ]),
    ['holding', held, 'holding', []],
    ['holding', over, 'shedding', []],
    ['shedding', over, 'shedding', []],
    ['shedding', held, 'holding', []],
    ...facts.map((fact): [State, SiteEvent, State, string[]] => ['quarantined', fact, 'quarantined', [`failsafe ${fact.type}`]]),
    ['quarantined', { type: 'QUARANTINED' }, 'quarantined', ['failsafe QUARANTINED']],
    ['quarantined', held, 'quarantined', []],
    ['quarantined', over, 'quarantined', []],
  ]
  test.each(rows.map(([from, event, to, done]) => ({ from, event, to, done, name: event.type + ('over' in event ? (event.over ? ' over' : ' held') : '') })))(
    '$from + $name → $to', ({ from, event, to, done: expected }) => {
      const { actor, done } = startIn(from)
      actor.send(event)
      expect(actor.getSnapshot().value).toBe(to)
      expect(done).toEqual(expected)
    })

  test('a review leaves its deficit and the next date in the context, in every way it can go', () => {
    for (const [state, event] of [['holding', over], ['holding', held], ['shedding', over], ['shedding', held]] as const) {
      const { actor } = startIn(state)
      actor.send({ ...event, deficitA: 7, nextAtMs: 123 })
      expect(actor.getSnapshot().context).toMatchObject({ deficitA: 7, nextAtMs: 123 })
    }
  })

  test('its context is plain JSON', () => {
    const { actor } = startIn('shedding')
    const context: unknown = JSON.parse(JSON.stringify(actor.getSnapshot().context))
    expect(context).toEqual(actor.getSnapshot().context)
  })
})

describe('the alarm', () => {
  test('rings at the date of the input, then at each newer one, and only once', async () => {
    const { clock, actor, done } = start(1_000)
    await clock.advance(999)
    expect(done).toEqual([])
    await clock.advance(1)
    expect(done).toEqual(['take DUE'])
    actor.send({ ...held, nextAtMs: 5_000 })
    actor.send({ ...over, nextAtMs: 3_000 })
    actor.send({ ...over, nextAtMs: 3_000 })
    await clock.advance(20_000)
    expect(done).toEqual(['take DUE', 'take DUE'])
    expect(clock.pending).toBe(0)
  })

  test('the same date again after it rang rings again', async () => {
    const { clock, actor, done } = start(1_000)
    await clock.advance(1_000)
    actor.send({ ...held, nextAtMs: 1_000 })
    await clock.advance(0)
    expect(done).toEqual(['take DUE', 'take DUE'])
  })

  test('rings on in quarantine, so that the failsafe is tried again', async () => {
    const { clock, actor, done } = startIn('quarantined')
    actor.send({ ...held, nextAtMs: 60_000 })
    await clock.advance(60_000)
    expect(done).toEqual(['failsafe DUE'])
  })

  test('is armed again when a snapshot is restored, and rings at once when overdue', async () => {
    const { clock, actor, machine, done, input } = start(1_000)
    const snapshot = actor.getPersistedSnapshot()
    actor.stop()
    expect(clock.pending).toBe(0)
    await clock.advance(5_000)
    expect(done).toEqual([])
    createActor(machine, { input, snapshot }).start()
    await clock.advance(0)
    expect(done).toEqual(['take DUE'])
  })

  test('a stopped site rings no more', async () => {
    const { clock, actor, done } = start(1_000)
    actor.stop()
    await clock.advance(10_000)
    expect(done).toEqual([])
  })

  test('a machine without engine or alarm says so', () => {
    const errors: unknown[] = []
    const actor = createActor(siteMachine, { input: { siteID: 'main', nextAtMs: 0 } })
    actor.subscribe({ error: (error) => errors.push(error) })
    actor.start()
    expect(String(errors[0])).toMatch(/the site machine needs an (alarm|engine)/)
  })
})

describe('a site whose engine throws', () => {
  test('is restarted and goes on; failures far enough apart never spend the budget', async () => {
    const { room, clock, alerts, logged, trouble, connect, plugIn } = await openRoom()
    const peer = connect('CP1')
    for (let failure = 1; failure <= 6; failure++) {
      trouble.review = true
      room.readBaseLoad({ L1: 0, L2: 0, L3: 0 }, 0)
      trouble.review = false
      await clock.advance(61_000)
    }
    expect(logged.filter((line) => line === 'the site failed and was restarted').length).toBe(6)
    expect(alerts.list().filter(({ code }) => code === 'quarantined')).toEqual([])
    plugIn('CP1', 1)
    await clock.advance(5_000)
    expect(peer.profiles().at(-1)).toBe('TxProfile 1 32')
  })

  test('more than 3 failures in 60 s: quarantined, everybody goes to the fallback, an alert says so, other sites go on', async () => {
    const clock = new VirtualClock()
    const stand = await openRoom({ clock, chargePoints: [{ id: 'CP1' }, { id: 'CP2', fallbackA: 6 }] })
    const other = await openRoom({ clock })
    const [one, two] = [stand.connect('CP1'), stand.connect('CP2')]
    const elsewhere = other.connect('CP1')
    await clock.advance(15_000)
    stand.plugIn('CP1', 1)
    stand.plugIn('CP2', 2)
    await clock.advance(60_000)
    expect(one.profiles().at(-1)).toBe('TxProfile 1 32')
    expect(two.profiles().at(-1)).toBe('TxProfile 1 31')
    stand.trouble.review = true
    await clock.advance(30_000)
    expect(stand.logged.filter((line) => line === 'the site failed and was restarted').length).toBe(3)
    expect(stand.open('quarantined')).toMatchObject([{ severity: 'critical', siteID: 'main' }])
    expect(one.profiles().at(-1)).toBe('TxProfile 1 0')
    expect(two.profiles().at(-1)).toBe('TxProfile 1 6')
    expect(stand.room.reviewAgeMs).toBeGreaterThan(20_000)
    other.plugIn('CP1', 3)
    await clock.advance(15_000)
    expect(elsewhere.profiles().at(-1)).toBe('TxProfile 1 32')
  })

  async function quarantine(chargePoints = [{ id: 'CP1' }]) {
    const stand = await openRoom({ chargePoints })
    const peer = stand.connect('CP1')
    await stand.clock.advance(15_000)
    stand.plugIn('CP1', 1)
    await stand.clock.advance(15_000)
    expect(peer.profiles().at(-1)).toBe('TxProfile 1 32')
    return { ...stand, peer }
  }

  test('a charge point that comes back during quarantine is sent to its fallback too', async () => {
    const { clock, trouble, gone, connect, peer, open } = await quarantine()
    gone(peer)
    trouble.review = true
    await clock.advance(30_000)
    expect(open('quarantined').length).toBe(1)
    const back = connect('CP1', false)
    await clock.advance(1_000)
    expect(back.profiles().at(-1)).toBe('TxProfile 1 0')
  })

  test('who refuses the failsafe is asked again every minute, not without end', async () => {
    const { clock, trouble, peer, room } = await quarantine()
    const before = peer.calls.length
    peer.script = () => ({ status: 'Rejected' })
    trouble.review = true
    await clock.advance(30_000)
    const failsafes = () => peer.profiles(before).filter((profile) => profile === 'TxProfile 1 0').length
    expect(failsafes()).toBe(1)
    for (let second = 0; second < 20; second++) room.statusChanged('CP1', 1, second % 2 === 0 ? 'Charging' : 'SuspendedEV')
    await clock.advance(20_000)
    expect(failsafes()).toBe(1)
    await clock.advance(120_000)
    expect(failsafes()).toBeGreaterThanOrEqual(2)
    expect(failsafes()).toBeLessThanOrEqual(4)
  })

  test('who does not answer the failsafe is asked again', async () => {
    const { clock, trouble, peer } = await quarantine()
    const before = peer.calls.length
    peer.script = () => 'hold'
    trouble.review = true
    await clock.advance(200_000)
    const failsafes = peer.profiles(before).filter((profile) => profile === 'TxProfile 1 0').length
    expect(failsafes).toBeGreaterThanOrEqual(2)
    expect(failsafes).toBeLessThanOrEqual(5)
  })
})
