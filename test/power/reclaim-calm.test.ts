// Cars that change their minds under the plan and the ledger: reclaim and probe neither send storms, nor pass the limit, nor fail to come to rest.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { book } from '../../src/power/booking.ts'
import { reservedA } from '../../src/power/ledger.ts'
import type { Place } from '../../src/power/loads.ts'
import type { Order } from '../../src/power/raising.ts'
import { carPlace, entry, makeTree, planOf, stations } from './fixtures.ts'

interface Sent { readonly key: string; readonly atMs: number; readonly raises: boolean; readonly limitA: number }

/** Plays `seconds` of cars that take `wish(key, atS)` A; answers come after half a second, samples every 10 s, the draw follows within 5 s. */
function play(fuseA: number, count: number, seconds: number, wish: (index: number, atS: number) => number) {
  const tree = makeTree({ fuseA }, stations(count))
  let places: Place[] = Array.from({ length: count }, (_, index) => carPlace(tree, `CP${index + 1}/1`, { queuedAtMs: index }))
  const drawn = new Map<string, number>()
  const answers: { readonly key: string; readonly seq: number; readonly atMs: number }[] = []
  const sent: Sent[] = []
  let seq = 0
  let mostA = 0
  const change = (key: string, fact: Parameters<typeof book>[1]) => { places = places.map((place) => (place.outlet.key === key ? { ...place, row: book(place.row, fact) } : place)) }
  const send = ({ key, slot, limitA }: Order, atMs: number, raises: boolean) => {
    change(key, { type: 'booked', entry: entry(++seq, slot, limitA, { bookedAtMs: atMs }) })
    change(key, { type: 'sent', seq })
    answers.push({ key, seq, atMs: atMs + 500 })
    sent.push({ key, atMs, raises, limitA })
  }
  for (let atMs = 0; atMs < seconds * 1000; atMs += 500) {
    for (const { key, seq: number } of answers.filter((one) => one.atMs === atMs)) change(key, { type: 'accepted', seq: number, atMs })
    places.forEach(({ outlet: { key }, row }, index) => {
      const toA = Math.min(wish(index, atMs / 1000), row.tx.confirmed?.limitA ?? 0)
      const nowA = drawn.get(key) ?? 0
      drawn.set(key, nowA > toA ? Math.max(toA, nowA - 4) : Math.min(toA, nowA + 4))
      if ((atMs / 500 + index * 3) % 20 === 0) change(key, { type: 'sampled', highestA: drawn.get(key)!, measuredAtMs: atMs, atMs, leastA: 6 })
      change(key, { type: 'settled', atMs })
    })
    const made = planOf(tree, places, { nowMs: atMs })
    for (const { key, ...note } of made.notes) change(key, { type: 'noted', ...note })
    for (const { key, capA } of made.probes) change(key, { type: 'probed', capA, atMs })
    for (const order of made.lowerings) send(order, atMs, false)
    for (const order of made.raisings) send(order, atMs, true)
    mostA = Math.max(mostA, places.reduce((sum, { row }) => sum + reservedA(row, atMs).thisCarA, 0))
  }
  return { sent, places, mostA }
}

/** The most profiles that a connector got within a minute. */
function busiest(sent: readonly Sent[]): number {
  return Math.max(0, ...sent.map(({ key, atMs }) => sent.filter((other) => other.key === key && other.atMs >= atMs && other.atMs < atMs + 60_000).length))
}

describe('cars that flap', () => {
  test.each([10, 30, 60, 90])('one that takes 9 and 16 A in turns, %i s each, moves nobody more than four times a minute', (period) => {
    const { sent, mostA } = play(48, 3, 900, (index, atS) => (index === 2 && Math.floor(atS / period) % 2 === 1 ? 9 : 32))
    expect([busiest(sent) <= 4, mostA <= 48]).toEqual([true, true])
  })

  test('whatever they wish, and how often: the limit holds, and four a minute', () => {
    fc.assert(fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 32 }), { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 5 }), fc.integer({ min: 5, max: 60 }), (wishes, period) => {
      const fuseA = wishes.length * 12
      const { sent, mostA } = play(fuseA, wishes.length, 300, (index, atS) => wishes[index]![Math.floor(atS / period) % wishes[index]!.length]!)
      expect([busiest(sent), mostA]).toEqual([Math.min(busiest(sent), 4), Math.min(mostA, fuseA)])
    }), { numRuns: 12, seed: 7, endOnFailure: true })
  })

  test('that come to rest: everything is used, and then only idle probes are sent', () => {
    const { sent, places } = play(48, 3, 1_200, (index, atS) => (atS < 120 ? 32 : [32, 9.2, 0][index]!))
    expect(places.map(({ row }) => row.tx.confirmed?.limitA)).toEqual([31, 11, 6])
    expect(sent.filter(({ atMs }) => atMs > 300_000)).toEqual([])
  })
})
