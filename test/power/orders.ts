// Plans in few words: their orders as text, and the rows after their notes.
import { book } from '../../src/power/booking.ts'
import type { Fact } from '../../src/power/ledger.ts'
import type { Place } from '../../src/power/loads.ts'
import type { Plan } from '../../src/power/plan.ts'
import { bookAll } from './fixtures.ts'

export const orders = (list: Plan['lowerings']) => list.map(({ key, slot, limitA }) => `${key} ${slot} ${limitA}`)
export const accepted = (seq: number, atMs: number): Fact => ({ type: 'accepted', seq, atMs })
export const noted = (toA: number, decidedAtMs: number): Fact => ({ type: 'noted', lowering: { toA, decidedAtMs }, wantedSinceMs: null, starvedSinceMs: null })
export const withRow = (place: Place, ...facts: readonly Fact[]): Place => ({ ...place, row: bookAll(place.row, ...facts) })

/** The places after the notes of a plan. */
export function afterNotes(places: readonly Place[], made: Plan): Place[] {
  return places.map((place) => {
    const note = made.notes.find(({ key }) => key === place.outlet.key)
    if (note === undefined) return place
    const { key: _, ...told } = note
    return { ...place, row: book(place.row, { type: 'noted', ...told }) }
  })
}
