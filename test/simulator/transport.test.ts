// The wires between simulated charge points and the protocol's sessions: in order, with latency, gone for both ends when cut.
import { describe, expect, test } from 'vitest'
import { Sessions } from '../../src/protocol/sessions.ts'
import { silentLog } from '../../src/protocol/ports.ts'
import type { Session, StationDesk } from '../../src/protocol/session.ts'
import type { Line } from '../../src/simulator/link.ts'
import { createRandom } from '../../src/simulator/random.ts'
import { createExchange } from '../../src/simulator/transport.ts'
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts'

function bench(admitted = true) {
  const clock = createVirtualClock({ wallAtZero: 0 })
  const exchange = createExchange({ clock, random: createRandom(3), latencyMs: [5, 60] })
  const log: string[] = []
  const live: Session[] = []
  const desk: StationDesk = {
    admit: (attempt) => Promise.resolve(admitted ? { admitted: true, clientID: attempt.clientID } : { admitted: false, reason: 'unknown-id', status: 404 }),
    refused: (attempt, reason) => log.push(`refused ${attempt.clientID} ${reason}`),
    connected: (session) => {
      live.push(session)
      log.push(`connected ${session.clientID}`)
      // Sent in the very moment the session opens: the charge point must hear that the line is open first.
      void session.call('GetLocalListVersion', () => ({}))
    },
    disconnected: (session) => log.push(`disconnected ${session.clientID}`),
    handle: (_session, action) => Promise.resolve().then(() => { log.push(action); return { currentTime: '2026-01-01T00:00:00Z' } }),
  }
  let next = 0
  const sessions = new Sessions({ desk, clock, log: silentLog, ids: () => `s${++next}` })
  const heard: string[] = []
  let line: Line | null = null
  const dial = () => exchange.dial('CP 1', {
    opened(open) { line = open; heard.push('opened') },
    received: (text) => heard.push(text),
    closed: () => heard.push('closed'),
  })
  return { clock, exchange, sessions, log, live, heard, dial, line: () => line }
}

describe('in-memory transport', () => {
  test('opens before it speaks, carries both directions in order', async () => {
    const { clock, exchange, sessions, log, heard, dial, line } = bench()
    exchange.attach(sessions)
    dial()
    await clock.runUntil(1_000)
    expect(log).toEqual(['connected CP 1'])
    expect(heard[0]).toBe('opened')
    expect(heard[1]).toContain('GetLocalListVersion')
    for (let i = 0; i < 5; i++) line()?.send(JSON.stringify([2, `h${i}`, 'Heartbeat', {}]))
    await clock.runUntil(3_000)
    expect(heard.slice(2).map((text) => (JSON.parse(text) as unknown[])[1])).toEqual(['h0', 'h1', 'h2', 'h3', 'h4'])
  })

  test.each(['nobody', 'refused'] as const)('%s: the dial ends closed', async (why) => {
    const { clock, exchange, sessions, heard, dial, log } = bench(why !== 'refused')
    if (why === 'refused') exchange.attach(sessions)
    dial()
    await clock.runUntil(1_000)
    expect(heard).toEqual(['closed'])
    expect(log).toEqual(why === 'refused' ? ['refused CP 1 unknown-id'] : [])
  })

  test('hung up by the charge point, or cut: both ends learn it once, nothing arrives afterwards', async () => {
    for (const how of ['station', 'cut', 'central'] as const) {
      const { clock, exchange, sessions, heard, dial, log, live, line } = bench()
      exchange.attach(sessions)
      dial()
      await clock.runUntil(1_000)
      const before = heard.length
      line()?.send(JSON.stringify([2, 'late', 'Heartbeat', {}]))
      if (how === 'station') line()?.close()
      else if (how === 'cut') exchange.cutAll()
      else live[0]?.close(1000, 'bye')
      await clock.runUntil(2_000)
      expect(heard.slice(before)).toEqual(['closed'])
      expect(log).toEqual(['connected CP 1', 'disconnected CP 1'])
    }
  })

  test('pings are answered: a quiet line stays up', async () => {
    const { clock, exchange, sessions, heard, dial } = bench()
    exchange.attach(sessions)
    dial()
    await clock.runUntil(28_000)
    expect(heard).not.toContain('closed')
    expect(sessions.all()).toHaveLength(1)
    await clock.runUntil(300_000)
    expect(sessions.counters.silent).toBe(0)
  })
})
