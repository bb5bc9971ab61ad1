// The local authorisation lists as REST shows them.
import type { Estate } from './estate.ts'
import { Refusal } from './house.ts'
import { isInStep } from './local-list-record.ts'
import { localListOf, wantedBy } from './local-list.ts'
import { pointEntry } from './lookup.ts'

export interface LocalListView {
  readonly clientID: string
  /** The newest version it is known to have; 0 = none. */
  readonly version: number
  /** It has exactly our id tags that may charge there. */
  readonly inStep: boolean
  /** How many tags it is known to have; null = not known. */
  readonly entries: number | null
  /** When it last accepted a list. */
  readonly at: string | null
  readonly lastError: string | null
  /** False: it said that it has no local list. */
  readonly supported: boolean
}

export interface LocalListFace {
  /** Resolves when `get` costs nothing for every tag; without it `get` works that out at once. */
  ready(): Promise<void>
  get(clientID: string): LocalListView
}

export class LocalListOffice implements LocalListFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  ready(): Promise<void> {
    return this.estate.localLists.wanted.ready()
  }

  get(clientID: string): LocalListView {
    const { id } = pointEntry(this.estate, clientID).record.config
    const station = this.estate.familyOf(id)?.station
    if (station === undefined) throw new Refusal('not-found', 'unknown-charge-point', `There is no charge point ${clientID}.`)
    const record = localListOf(station)
    const { version, trusted, count, atMs, lastError, unsupportedBy } = record
    return {
      clientID: id, version, inStep: isInStep(record, wantedBy(station).sum), entries: trusted ? count : null,
      at: atMs === null ? null : new Date(atMs).toISOString(), lastError, supported: unsupportedBy === null,
    }
  }
}
