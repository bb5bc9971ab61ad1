// A few transactions in memory that are listed and looked at; everything else is asked of the living house.
import type { TransactionFace } from '../../src/actors/transaction-office.ts'
import { cursorOf } from '../../src/actors/transaction-reader.ts'
import type { TransactionView } from '../../src/actors/views.ts'

export function smallRecords(all: () => readonly TransactionView[], living: TransactionFace, find: (id: string) => TransactionView): TransactionFace {
  const keyOf = ({ id, startedAt }: TransactionView): string => cursorOf({ id, startedAtMs: Date.parse(startedAt) })
  return {
    held: all,
    record: (id) => living.record(id),
    close: (...given) => living.close(...given),
    correct: (...given) => living.correct(...given),
    get: (id) => (all().some((one) => one.id === id) ? Promise.resolve(find(String(id))) : living.get(id)),
    async list({ siteID, clientID, connectorId, status, idTag, from, to, after, limit }) {
      const wanted = all().filter((one) => (siteID === undefined || one.siteID === siteID) && (clientID === undefined || one.clientID.toLowerCase() === clientID.toLowerCase())
        && (connectorId === undefined || one.connectorId === connectorId) && (status === undefined || one.status === status) && (idTag === undefined || one.idTag.toLowerCase() === idTag.toLowerCase())
        && (from === undefined || Date.parse(one.startedAt) >= Date.parse(from)) && (to === undefined || Date.parse(one.startedAt) < Date.parse(to)))
      const rest = wanted.toSorted((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1)).filter((one) => after === undefined || keyOf(one) < after)
      const data = rest.slice(0, limit)
      const last = data.at(-1)
      return { data, next: rest.length > data.length && last !== undefined ? keyOf(last) : null }
    },
  }
}
