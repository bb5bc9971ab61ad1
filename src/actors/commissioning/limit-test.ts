// The limit test: one connector on which a car draws is held lower for a minute at most, and its meter must show that it follows. It only ever lowers.
import type { Clock } from '../../clock.ts'
import { grantSlot, tolerance } from '../../power/ledger.ts'
import { connectorKey } from '../../power/site.ts'
import type { Caller } from '../house.ts'
import { isFresh } from '../readings.ts'
import type { SiteRoom } from '../site-room.ts'
import type { LimitFacts } from './check-judgement.ts'

export interface LimitTestPorts {
  readonly room: Pick<SiteRoom, 'engine' | 'capForCheck' | 'view'>
  readonly clientID: string
  /** null = the one that draws most. */
  readonly connectorId: number | null
  readonly clock: Clock
  readonly caller: Caller
  /** True = it is to end now. */
  readonly isOver: () => boolean
  readonly tell: (summary: string) => void
}

const rule = { acceptMs: 20_000, followMs: 60_000, lookMs: 500, share: 0.6 }

/** Whatever happens, the connector may have what it can get when this resolves. */
export async function testLimit(ports: LimitTestPorts): Promise<LimitFacts> {
  const { room, clock, caller, tell } = ports
  const chosen = choose(ports)
  if (typeof chosen === 'string') return { end: chosen, ...nothing }
  const { key, connectorId, transactionId, beforeA, limitA } = chosen
  const facts = (end: LimitFacts['end'], more: Partial<LimitFacts> = {}): LimitFacts => ({ end, connectorId, beforeA, limitA, measuredA: null, tookS: null, ...more })
  if (limitA === null) return facts('draws-little')
  tell(`Connector ${connectorId} draws ${beforeA} A and is lowered to ${limitA} A.`)
  room.capForCheck(key, { transactionId, limitA }, caller)
  try {
    const begunMs = clock.mono()
    let acceptedMs: number | null = null
    let last: { readonly measuredA: number; readonly live: boolean } | null = null
    for (;;) {
      await new Promise<void>((resolve) => void clock.after(rule.lookMs, resolve))
      if (ports.isOver()) return facts('car-left')
      const row = room.engine.books.row(key)
      if (row?.transactionId !== transactionId) return facts('car-left')
      const told = row[grantSlot(row)]
      if (acceptedMs === null && told.confirmed !== null && told.confirmed.limitA <= limitA && told.inFlight.length === 0) {
        acceptedMs = clock.mono()
        tell(`Connector ${connectorId} has accepted ${limitA} A; its readings are awaited.`)
      }
      if (acceptedMs === null) {
        if (clock.mono() - begunMs > rule.acceptMs) return facts('not-accepted')
        continue
      }
      const reading = room.engine.meters.readings.get(key)
      const { nowMs } = room.view()
      // Measured since then, by our own clock.
      if (reading !== undefined && reading.measuredAtMs >= nowMs - (clock.mono() - acceptedMs)) last = { measuredA: round(reading.highestA), live: true }
      if (last !== null && last.measuredA <= limitA + tolerance(limitA)) return facts('obeyed', { measuredA: last.measuredA, tookS: Math.round((clock.mono() - acceptedMs) / 1000) })
      if (clock.mono() - acceptedMs > rule.followMs) return facts(last === null ? 'no-reading' : 'not-obeyed', { measuredA: last?.measuredA ?? null })
    }
  } finally {
    room.capForCheck(key, null, caller)
  }
}

const nothing = { connectorId: null, beforeA: null, limitA: null, measuredA: null, tookS: null }

/** The connector to lower, and to what; `limitA` null = it draws too little. */
function choose({ room, clientID, connectorId }: LimitTestPorts) {
  const { engine, nowMs, sampleIntervalMs } = room.view()
  const outlets = engine.books.outletsOf(clientID)
  if (outlets[0]?.control !== 'engine') return 'not-steered'
  const drawing = outlets.flatMap((outlet) => {
    const key = connectorKey(clientID, outlet.connectorId)
    const reading = engine.meters.readings.get(key)
    const transactionId = engine.books.row(key)?.transactionId ?? null
    if (transactionId === null || (connectorId !== null && outlet.connectorId !== connectorId) || !isFresh(reading, sampleIntervalMs, nowMs) || reading.highestA < 1) return []
    return [{ key, connectorId: outlet.connectorId, transactionId, beforeA: round(reading.highestA), outlet }]
  }).sort((a, b) => b.beforeA - a.beforeA)
  const [most] = drawing
  if (most === undefined) return 'no-car'
  const { outlet: { minA, stepA }, beforeA } = most
  const wantedA = Math.max(minA, Math.floor((beforeA * rule.share) / stepA + 1e-9) * stepA)
  // So much lower that its meter cannot be in doubt.
  return { ...most, limitA: wantedA + 2 * tolerance(wantedA) < beforeA ? round(wantedA) : null }
}

function round(amps: number): number {
  return Math.round(amps * 10) / 10
}
