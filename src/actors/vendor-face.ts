// Vendor messages as REST asks for them: what answers them, and what was exchanged.
import { readExchanges, type Exchange } from './data-transfers.ts'
import type { Estate } from './estate.ts'
import type { Caller, Versioned } from './house.ts'
import { pointEntry, siteEntry } from './lookup.ts'
import { write } from './records.ts'
import { noVendors, type VendorSettings } from '../vendor-settings.ts'
import { readVendors, vendorsKey, withSecrets, type VendorRecord } from './vendors.ts'

export interface VendorFace {
  /** With its secrets: whoever shows it leaves them out. */
  settings(clientID: string): Versioned<VendorSettings>
  putSettings(clientID: string, settings: VendorSettings, caller: Caller): Promise<Versioned<VendorSettings>>
  /** Newest first. */
  exchanges(clientID: string): readonly Exchange[]
}

export class VendorOffice implements VendorFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  settings(clientID: string): Versioned<VendorSettings> {
    const { scope, id } = this.place(clientID)
    return versioned(readVendors(scope, id))
  }

  async putSettings(clientID: string, given: VendorSettings, caller: Caller): Promise<Versioned<VendorSettings>> {
    const { scope, id } = this.place(clientID)
    const before = readVendors(scope, id)
    const record: VendorRecord = { v: 1, ...this.estate.revise(before ?? undefined, caller.name), settings: withSecrets(given, before?.settings ?? noVendors) }
    await write(scope, { [vendorsKey(id)]: record })
    return versioned(record)
  }

  exchanges(clientID: string): readonly Exchange[] {
    const { scope, id } = this.place(clientID)
    return readExchanges(scope, id)
  }

  private place(clientID: string) {
    const { id, site } = pointEntry(this.estate, clientID).record.config
    return { id, scope: siteEntry(this.estate, site).scope }
  }
}

function versioned(record: VendorRecord | null): Versioned<VendorSettings> {
  return record === null ? { value: noVendors, version: 0, changedAt: new Date(0).toISOString(), changedBy: 'nobody' }
    : { value: record.settings, version: record.version, changedAt: record.changedAt, changedBy: record.changedBy }
}
