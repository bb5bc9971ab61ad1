// What stands at a charge point as far as kwota knows: the engine's charging profiles beside those of people, and the ground they stand on.
import { connectorKey } from '../power/site.ts'
import type { Entry, Row } from '../power/ledger.ts'
import type { Ground, Installed } from '../profiles/stack.ts'
import type { ChargingProfile } from '../protocol/messages/index.ts'
import type { Books } from './books.ts'
import { levelInUse, readLearnt } from './learnt.ts'
import type { Scope } from './scope.ts'
import { hardwareOf } from './station-lore.ts'
import { mayStand, readProfiles, type ProfileStatus } from './stored-profiles.ts'
import { entryRequest, maxProfileRequest } from './translate.ts'

export interface Held extends Installed {
  readonly owner: 'engine' | 'user'
  readonly status: ProfileStatus
  /** Tells it apart from every other that was ever sent; never moves, as `installedAtMs` may with the wall clock. */
  readonly mark: string
}

/** The same instant on the wall clock and on the engine's, ms. */
export interface HeldTime { readonly wallMs: number; readonly nowMs: number }
export interface HeldAt { readonly scope: Scope; readonly books: Books }

/** All that stands or may stand there, the engine's ChargePointMaxProfile included; what was refused is not among them. */
export function heldProfiles(at: HeldAt, clientID: string, time: HeldTime): readonly Held[] {
  return [
    ...engineProfiles(at, clientID, time),
    ...readProfiles(at.scope, clientID).filter(({ status }) => mayStand(status)).map(({ connectorId, profile, status, setAtMs, commandId }) => ({ connectorId, profile, status, installedAtMs: setAtMs, owner: 'user' as const, mark: `${commandId} ${setAtMs}` })),
  ]
}

/** Connectors as configured, the transactions the site knows to run (since when, by our clock), its voltage, 3 phases. */
export function groundOf(books: Books, clientID: string): Ground {
  const outlets = books.outletsOf(clientID)
  return {
    connectors: outlets.map(({ connectorId }) => connectorId),
    transactions: outlets.flatMap(({ key, connectorId }) => {
      const transactionId = books.row(key)?.transactionId ?? null
      return transactionId === null ? [] : [{ connectorId, transactionId, startedAtMs: books.wiring(key).queuedAtMs }]
    }),
    voltage: books.site.voltage, phases: 3,
  }
}

/** What the engine has at a charge point: what was confirmed (`Unknown` when a reboot may have lost it), and what is on its way. */
export function engineProfiles({ scope, books }: HeldAt, clientID: string, { wallMs, nowMs }: HeldTime): Held[] {
  const learnt = readLearnt(scope, clientID)
  const stackLevel = levelInUse(learnt)
  const found = new Map<string, Held>()
  const add = (connectorId: number, profile: ChargingProfile, status: ProfileStatus, installedAtMs: number, mark: string): void => {
    found.set(`${connectorId} ${profile.chargingProfileId} ${status} ${installedAtMs}`, { connectorId, profile, status, installedAtMs, owner: 'engine', mark })
  }
  // Whole seconds: a wall clock of whole ms and a finer engine are never equally far apart twice.
  const offsetMs = Math.round((wallMs - nowMs) / 1_000) * 1_000
  const shapeOf = ({ unit }: Entry) => ({ ...books.quirksOf(clientID), ...(unit === undefined ? {} : { unit }) })
  for (const outlet of books.outletsOf(clientID)) {
    const row = books.row(connectorKey(clientID, outlet.connectorId))
    if (row === undefined) continue
    for (const { entry, status } of entriesOf(row)) {
      const setAtMs = Math.round(entry.bookedAtMs) + offsetMs
      const { connectorId, csChargingProfiles } = entryRequest(outlet, entry, row.transactionId, stackLevel, { nowMs: entry.bookedAtMs, wallMs: setAtMs }, shapeOf(entry), books.site.voltage, books.outletsOf(clientID))
      add(connectorId, csChargingProfiles, status, setAtMs, `${entry.slot} ${entry.seq} ${entry.bookedAtMs}`)
    }
  }
  const { ladder, unit: now } = books.quirksOf(clientID)
  // On the last rung the car's limit stands in its place.
  if (learnt !== undefined && learnt.maxA !== null && learnt.maxSet?.status === 'Accepted' && ladder !== 'max-0') {
    const share = learnt.maxHeldA === undefined || learnt.maxA === 0 ? 1 : Math.min(1, learnt.maxHeldA / learnt.maxA)
    const [, maxW, direct] = hardwareOf(books.outletsOf(clientID), books.site.voltage)
    const { connectorId, csChargingProfiles } = maxProfileRequest(learnt.maxA * share, stackLevel, learnt.maxSet.atMs, direct || now === 'W' ? maxW * share : undefined)
    add(connectorId, csChargingProfiles, 'Accepted', learnt.maxSet.atMs, `max ${learnt.maxSet.atMs}`)
  }
  return [...found.values()]
}

function entriesOf(row: Row) {
  return (['default', 'tx'] as const).flatMap((slot) => {
    const { confirmed, inFlight } = row[slot]
    const standing = slot === 'default' && row.doubtSinceMs !== null ? 'Unknown' as const : 'Accepted' as const
    return [
      ...(confirmed === null ? [] : [{ entry: confirmed, status: standing }]),
      ...inFlight.flatMap((entry) => (entry.seq > 0 && entry.state !== 'booked' && (slot === 'default' || row.transactionId !== null) ? [{ entry, status: entry.state === 'sent' ? 'Sent' as const : 'Unknown' as const }] : [])),
    ]
  })
}
