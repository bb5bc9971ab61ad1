// A whole house behind a real server with the door of inspection, and viewers on real sockets.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket } from 'ws'
import { createApi } from '../../src/api/app.ts'
import { createAuth, type Auth } from '../../src/api/auth.ts'
import { createFailedKeys } from '../../src/api/failed-keys.ts'
import { createInspectDoor, type InspectDoorPorts } from '../../src/api/inspect-door.ts'
import { createKeySessions } from '../../src/api/key-sessions.ts'
import type { GivenApiKey } from '../../src/actors/api-key-record.ts'
import { openHouse, type HouseOptions, type HouseStand } from '../actors/house-stand.ts'

export interface Told { readonly type: string; readonly sessionId: string; readonly [field: string]: unknown }

export interface Viewer {
  readonly told: Told[]
  readonly socket: WebSocket
  of(type: string): Told[]
  /** Turns the clock until it holds. */
  until(holds: (told: readonly Told[]) => boolean): Promise<void>
  closed: { code: number; reason: string } | null
  close(): Promise<void>
}

export interface InspectStand extends HouseStand {
  readonly url: string
  readonly port: number
  readonly warned: string[]
  /** Rejects with the status when it is refused. */
  view(query?: string, headers?: Record<string, string>): Promise<Viewer>
  key(given: Partial<GivenApiKey>): Promise<string>
  /** Real turns and virtual time, until it holds. */
  pass(holds: () => boolean): Promise<void>
  close(): Promise<void>
}

export class Refused extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string) {
    super(`refused with ${status} ${code}`)
    this.status = status
    this.code = code
  }
}

/** Open on loopback unless an `apiKey` is given. */
export async function openInspect({ apiKey, mostViewers, ...options }: HouseOptions & { readonly apiKey?: string; readonly mostViewers?: number } = {}): Promise<InspectStand> {
  const stand = await openHouse({ sites: [{ id: 'main' }, { id: 'annex' }], chargePoints: [{ id: 'CP1' }, { id: 'CP2', site: 'annex' }], messageLog: { keepDays: 1, keepMiB: 1 }, ...options })
  const { house, clock } = stand
  const warned: string[] = []
  const note = (_: object, message: string): void => void warned.push(message)
  const auth: Auth = createAuth({ open: apiKey === undefined, keys: house.apiKeys, ...(apiKey !== undefined && { apiKey }) })
  const entrance: InspectDoorPorts = {
    house, auth, clock, log: { debug: note, info: note, warn: note, error: note }, ids: () => 'request', keySessions: createKeySessions(clock), failedKeys: createFailedKeys(clock), ...(mostViewers !== undefined && { mostViewers }),
  }
  const app = createApi({ ...entrance, house, metrics: async () => ({ type: 'text/plain', text: '' }), node: () => ({ id: 'node-1', address: '', endpoints: [], storeKind: 'memory', residentBytes: 1, uptimeS: 1 }), version: '1.2.3' })
  const door = createInspectDoor(entrance)
  const server = createServer(app.callback())
  server.on('upgrade', (request, socket, head) => { if (!door.take(request, socket, head)) socket.destroy() })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `ws://127.0.0.1:${port}/api/v1/inspect`
  let names = 0

  async function pass(holds: () => boolean): Promise<void> {
    for (let turn = 0; !holds(); turn++) {
      await new Promise((resolve) => setImmediate(resolve))
      if (turn % 5 === 4) await clock.advance(50)
      if (turn > 20_000) throw new Error('it never came')
    }
  }

  return {
    ...stand, url, port, warned, pass,
    view: (query = '', headers = {}) => new Promise((resolve, reject) => {
      const socket = new WebSocket(`${url}${query}`, { headers })
      const told: Told[] = []
      const viewer: Viewer = {
        told, socket, closed: null,
        of: (type) => told.filter((event) => event.type === type),
        until: (holds) => pass(() => holds(told)),
        async close() {
          socket.close()
          await pass(() => viewer.closed !== null)
        },
      }
      socket.on('message', (data: Buffer) => told.push(JSON.parse(data.toString()) as Told))
      socket.on('close', (code, reason) => { viewer.closed = { code, reason: reason.toString() } })
      socket.on('error', reject)
      socket.on('unexpected-response', (_, response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => { text += chunk.toString() }).on('end', () => reject(new Refused(response.statusCode ?? 0, (JSON.parse(text) as { code: string }).code)))
      })
      socket.on('open', () => resolve(viewer))
    }),
    async key(given) {
      const { secret } = await house.apiKeys.create({ name: `key ${++names}`, scopes: ['inspect'], sites: null, expiresAt: null, ...given }, false, 'tester')
      return secret
    },
    async close() {
      door.close()
      stand.directory.crash()
      await clock.advance(2_000)
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
