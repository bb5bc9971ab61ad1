// The records witness of a seed: what was acknowledged is there after every crash; ids are never given twice; one transaction per connector.
import type { House } from '../../actors/house.ts'
import type { Findings } from './finding.ts'
import type { WireTap } from './network.ts'

export interface GridWish { readonly currentA?: number; readonly powerW?: number }

export interface RecordsWitness extends WireTap {
  /** A limit was asked for (`ends` = with a time to live); call the answer once it is known to be durable. */
  asked(limit: GridWish | null, ends?: boolean): () => void
  /** The limit that must be assumed to hold. */
  readonly standing: GridWish | null
  /** Asks the house whether all is there. `fresh` = after a restart. */
  check(house: House, siteID: string, fresh: boolean): void
  /** A limit with a time to live has lapsed. */
  lapsed(failsafeA: number): void
  readonly started: number
  readonly stopped: number
}

export function createRecordsWitness(findings: Findings, acknowledged: (what: 'start-answered' | 'stop-answered') => void = () => undefined): RecordsWitness {
  const starts = new Map<string, { readonly client: string; readonly what: string }>()
  const stops = new Map<string, { readonly client: string; readonly id: number }>()
  const given = new Map<number, string>()
  const idOf = new Map<string, number>()
  const stopped = new Set<number>()
  /** What may hold: the last that was acknowledged, and all that was asked since. */
  let candidates: string[] = [wordsOf(null, false)]
  let standing: GridWish | null = null

  return {
    opened: () => undefined,
    closed(line) {
      for (const book of [starts, stops]) for (const key of book.keys()) if (key.startsWith(`${line} `)) book.delete(key)
    },
    frame(line, client, direction, text) {
      const frame = JSON.parse(text) as [number, string, ...unknown[]]
      const key = `${line} ${frame[1]}`
      const payload = (frame[0] === 2 ? frame[3] : frame[2]) as Record<string, unknown>
      if (direction === 'in' && frame[0] === 2) {
        if (frame[2] === 'StartTransaction') starts.set(key, { client, what: [client, payload['connectorId'], payload['idTag'], payload['timestamp'], payload['meterStart']].join('|') })
        if (frame[2] === 'StopTransaction') stops.set(key, { client, id: Number(payload['transactionId']) })
      } else if (direction === 'out' && frame[0] === 3) {
        const start = starts.get(key)
        if (start !== undefined) {
          const id = Number(payload['transactionId'])
          if (!Number.isInteger(id)) return
          const before = given.get(id)
          if (before !== undefined && before !== start.what) findings.add('transactions', `transaction ${id} is given to ${start.what} although it is ${before}`)
          const other = idOf.get(start.what)
          if (other !== undefined && other !== id) findings.add('transactions', `${start.what} is transaction ${other}, and ${id} as well`)
          idOf.set(start.what, id)
          given.set(id, start.what)
          acknowledged('start-answered')
        }
        const stop = stops.get(key)
        if (stop !== undefined && given.get(stop.id)?.startsWith(`${stop.client}|`) === true) {
          stopped.add(stop.id)
          acknowledged('stop-answered')
        }
      }
    },
    asked(limit, ends = false) {
      candidates.push(wordsOf(limit, ends))
      standing = limit
      const at = candidates.length
      return () => { candidates = candidates.slice(Math.min(at, candidates.length) - 1) }
    },
    get standing() { return standing },
    lapsed(failsafeA) { standing = { currentA: failsafeA } },
    check(house, siteID, fresh) {
      const known = new Map(house.records.held().map((each) => [each.id, each]))
      for (const [id, what] of given) if (!known.has(id)) findings.add('durable', `transaction ${id} of ${what} was acknowledged and is gone`)
      for (const id of stopped) if (known.get(id)?.stoppedAt === null) findings.add('durable', `the stop of transaction ${id} was acknowledged and is gone`)
      const open = new Map<string, number>()
      for (const each of known.values()) {
        if (each.stoppedAt !== null || each.status === 'unconfirmed') continue
        const key = `${each.clientID}/${each.connectorId}`
        const other = open.get(key)
        if (other !== undefined) findings.add('transactions', `${key} has two open transactions, ${other} and ${each.id}`)
        open.set(key, each.id)
      }
      if (!fresh) return
      const { value } = house.gridLimit(siteID)
      const limit = value.powerW !== undefined ? { powerW: value.powerW } : value.currentA !== null ? { currentA: value.currentA } : null
      const is = wordsOf(limit, value.expiresAt !== undefined)
      if (!candidates.includes(is)) findings.add('durable', `after the restart the limit is ${is}, but ${candidates[0] ?? 'nothing'} was acknowledged`)
      candidates = [is]
      // When one with a time to live ends is counted anew from what the clock says after the restart: nobody is held to it here.
      standing = value.expiresAt === undefined ? limit : null
    },
    get started() { return given.size },
    get stopped() { return stopped.size },
  }
}

function wordsOf(limit: GridWish | null, ends: boolean): string {
  return `${JSON.stringify(limit)}${ends ? ' with an end' : ''}`
}
