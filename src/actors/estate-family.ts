// Opens the actors of one charge point with all that the estate gives them.
import type { Outgoing } from '../outgoing.ts'
import type { ChargePointConfig } from '../power/site.ts'
import { noVendors } from '../vendor-settings.ts'
import type { AlertCode } from './alerts.ts'
import { credentialChangeOf } from './credential-change.ts'
import type { Estate, SiteEntry } from './estate.ts'
import { openFamily, type Family } from './family.ts'
import type { FamilyAlert } from './handlers/station.ts'
import { tariffFor } from './tariff-use.ts'

const alertOf: Record<FamilyAlert['code'], AlertCode> = {
  'stop-conflict': 'orphaned-stop', 'snapshot-unreadable': 'quarantined', 'charge-point-quarantined': 'quarantined',
}
const noOutgoing: Outgoing = () => Promise.reject(new Error('no service can be called from here'))

export function openFamilyOf(estate: Estate, config: ChargePointConfig, { record, scope, room, archive }: SiteEntry): Family {
  const { clock, log, store, ids, outgoing = noOutgoing, vendors = { everybody: noVendors, allowPrivate: false } } = estate.options
  const { id: siteID, voltage } = record.site
  const clientID = config.id
  return openFamily({
    config, siteID, scope, archive, history: estate.meters.of(siteID).history, site: room, clock, log, outgoing, vendors, nominalV: voltage,
    authoriser: estate.authorisation.authoriser, commands: estate.commands, reservations: estate.reservations,
    certificateAuthority: estate.options.certificateAuthority ?? null, credentials: credentialChangeOf(estate, clientID), uploads: estate.uploads.of(clientID, scope), locations: estate.options.locations,
    settings: () => estate.layersOf(clientID), running: (actor) => estate.inspection.roots.begin({ siteID, clientID }, actor),
    listed: estate.localLists.of({ siteID, clientID }),
    billing: (idTag, _, atMs) => ({ timezone: estate.sites.get(siteID)?.record.site.timezone ?? record.site.timezone, tariff: tariffFor(estate, clientID, idTag, atMs) }),
    newId: () => ids.opaque(),
    claimTransactionId: async () => {
      for (;;) {
        const id = ids.transactionId()
        const mine = `${siteID} ${ids.opaque()}`
        if (await store.claim('transaction', String(id), mine) === mine) return id
      }
    },
    emit: (event) => estate.events.emit(event), sample: (fact) => estate.events.sample(fact),
    alert: ({ code, connectorId, message }) => estate.alerts.set({ code: alertOf[code], siteID, clientID, ...(connectorId === null ? {} : { connectorId }), about: message }, message, clock.wall()),
    condition: (code, message, about, connectorId) => estate.alerts.set({ code, siteID, clientID, ...(about === undefined ? {} : { about }), ...(connectorId === undefined ? {} : { connectorId }) }, message, clock.wall()),
  })
}
