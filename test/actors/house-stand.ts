// The whole living house on a test stand: the real directory over the memory store, with charge points that come through its desk.
import { afterEach } from 'vitest'
import { openDirectory, type Directory, type DirectoryOptions } from '../../src/actors/directory.ts'
import type { KwotaEvent } from '../../src/actors/house.ts'
import { recordFault } from '../../src/actors/record-kinds.ts'
import type { Log } from '../../src/log.ts'
import type { ChargePointInput, SiteInput } from '../../src/power/site.ts'
import type { Admission, Attempt } from '../../src/protocol/session.ts'
import { createMemoryStore, type MemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/port.ts'
import { settle, VirtualClock } from '../virtual-clock.ts'
import { Peer, pointOf, siteOf } from './site-stand.ts'

export interface HouseOptions {
  readonly sites?: readonly Partial<SiteInput>[]
  readonly chargePoints?: readonly (ChargePointInput & { readonly password?: string })[]
  readonly unknown?: DirectoryOptions['unknownChargePoints']
  readonly revealUnknown?: boolean
  readonly store?: MemoryStore
  readonly clock?: VirtualClock
  readonly trouble?: { store: boolean }
  readonly tls?: DirectoryOptions['tls']
  readonly uploads?: DirectoryOptions['uploads']
  readonly idTags?: DirectoryOptions['idTags']
  readonly tariffs?: DirectoryOptions['tariffs']
  readonly messageLog?: DirectoryOptions['messageLog']
  readonly externalAuthority?: DirectoryOptions['externalAuthority']
  readonly certificateAuthority?: DirectoryOptions['certificateAuthority']
  readonly profileCheckRestMs?: number
  /** Absent: a number that no other house of the test has. */
  readonly transactionId?: () => number
  readonly post?: DirectoryOptions['post']
  readonly vendors?: DirectoryOptions['vendors']
  /** What the file says for everybody. */
  readonly defaults?: DirectoryOptions['defaults']
  /** A store in front of the memory store. */
  readonly through?: (store: MemoryStore) => Store
}

export interface HouseStand {
  readonly clock: VirtualClock
  readonly store: MemoryStore
  readonly directory: Directory
  readonly house: Directory['house']
  readonly desk: Directory['desk']
  readonly trouble: { store: boolean }
  readonly events: KwotaEvent[]
  readonly logged: string[]
  admit(clientID: string, credentials?: { username: string; password: string | Buffer }, coming?: Partial<Attempt>): Promise<Admission>
  /** Admitted, connected and booted. */
  boot(clientID: string, prepare?: (peer: Peer) => void): Promise<Peer>
  call(peer: Peer, action: string, payload: unknown): Promise<unknown>
  /** Starts a transaction on connector 1; answers its id. */
  start(peer: Peer, idTag?: string): Promise<number>
  /** Kill -9 and a new start, perhaps with another file. */
  restart(changes?: Partial<HouseOptions>): Promise<HouseStand>
}

export const caller = { name: 'tester', requestId: 'r1' }
let transactionId = 0

const unreadable: string[] = []
// Of every house of every test: a kind that does not read what kwota writes drops a record at each start.
afterEach(() => {
  const faults = unreadable.splice(0)
  if (faults.length > 0) throw new Error(`the next start would set aside: ${faults.join('; ')}`)
})

/** In front of a store: what is written there is read by its kind. */
function readBack(inner: Store): Store {
  return Object.assign(Object.create(inner) as Store, {
    commit(...[scope, epoch, changes]: Parameters<Store['commit']>) {
      for (const [key, value] of changes.puts ?? []) {
        const reason = recordFault(key, JSON.parse(JSON.stringify(value)))
        if (reason !== null) unreadable.push(`${scope} ${key}: ${reason}`)
      }
      return inner.commit(scope, epoch, changes)
    },
  })
}

export async function openHouse(options: HouseOptions = {}): Promise<HouseStand> {
  const clock = options.clock ?? new VirtualClock()
  const trouble = options.trouble ?? { store: false }
  const store = options.store ?? createMemoryStore({ failing: () => trouble.store })
  const logged: string[] = []
  const note = (_: object, message: string): void => { logged.push(message) }
  const log: Log = { debug: note, info: note, warn: note, error: note }
  let opaque = 0
  const directory = await openDirectory({
    store: readBack(options.through?.(store) ?? store), clock, log, pause: settle,
    ids: { transactionId: options.transactionId ?? (() => ++transactionId), opaque: () => `opaque-${++opaque}` },
    provision: {
      sites: (options.sites ?? [{}]).map(siteOf),
      chargePoints: (options.chargePoints ?? []).map(({ password, ...input }) => ({ ...pointOf(input), ...(password === undefined ? {} : { password }) })),
    },
    unknownChargePoints: options.unknown ?? 'reject', ...(options.revealUnknown === undefined ? {} : { revealUnknown: options.revealUnknown }),
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.uploads === undefined ? {} : { uploads: options.uploads }),
    ...(options.messageLog === undefined ? {} : { messageLog: options.messageLog }),
    ...(options.idTags === undefined ? {} : { idTags: options.idTags }),
    ...(options.tariffs === undefined ? {} : { tariffs: options.tariffs }),
    ...(options.certificateAuthority === undefined ? {} : { certificateAuthority: options.certificateAuthority }),
    ...(options.externalAuthority === undefined ? {} : { externalAuthority: options.externalAuthority }),
    ...(options.defaults === undefined ? {} : { defaults: options.defaults }),
    ...(options.post === undefined ? {} : { post: options.post }),
    ...(options.vendors === undefined ? {} : { vendors: options.vendors }),
    ...(options.profileCheckRestMs === undefined ? {} : { profileCheckRestMs: options.profileCheckRestMs }),
  })
  const { house, desk } = directory
  const events: KwotaEvent[] = []
  house.events$.subscribe((event) => events.push(event))
  let generation = 0
  const attemptOf = (clientID: string, credentials?: { username: string; password: string | Buffer }, coming: Partial<Attempt> = {}): Attempt => ({
    clientID, path: `/ocpp/${clientID}`, remoteAddress: '127.0.0.1', loopback: true, secure: false, host: 'kwota.example:8080', subprotocols: ['ocpp1.6'],
    ...(credentials === undefined ? {} : { credentials: { username: credentials.username, password: Buffer.from(credentials.password) } }),
    ...coming,
  })
  const stand: HouseStand = {
    clock, store, directory, house, desk, trouble, events, logged,
    admit: (clientID, credentials, coming) => desk.admit(attemptOf(clientID, credentials, coming)),
    async boot(clientID, prepare) {
      const admission = await stand.admit(clientID)
      if (!admission.admitted) throw new Error(`not admitted: ${admission.reason}`)
      const peer = new Peer(clock, admission.clientID, ++generation)
      peer.mayLeave = (action, lowers) => desk.mayLeave?.(peer, action, lowers) ?? true
      prepare?.(peer)
      desk.connected(peer)
      await stand.call(peer, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' })
      return peer
    },
    async call(peer, action, payload) {
      const answered = Promise.resolve(desk.handle(peer, action, payload, []))
      answered.catch(() => undefined)
      await clock.advance(10)
      return answered
    },
    async start(peer, idTag = 'TAG') {
      const answer = await stand.call(peer, 'StartTransaction', { connectorId: 1, idTag, meterStart: 0, timestamp: new Date(clock.wall()).toISOString() })
      return (answer as { transactionId: number }).transactionId
    },
    restart(changes = {}) {
      directory.crash()
      return openHouse({ ...options, clock, trouble, ...changes, store: store.restart() })
    },
  }
  return stand
}

export const twoSites = { sites: [{ id: 'main' }, { id: 'annex' }] }

/** A car charging on CP1, settled; `maxA` = what the car takes. */
export async function charging({ maxA }: { maxA?: number } = {}) {
  const stand = await openHouse({ ...twoSites, chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] })
  const peer = await stand.boot('CP1')
  await stand.boot('CP2')
  await stand.clock.advance(15_000)
  if (maxA !== undefined) await stand.house.patchConnector('CP1', 1, { vehicleMaxA: maxA }, caller)
  const id = await stand.start(peer)
  await stand.clock.advance(15_000)
  return { ...stand, peer, id }
}
