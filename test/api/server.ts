// The REST room on a real socket of its own, over the house of these tests.
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApi, type ApiPorts } from '../../src/api/app.ts'
import { createAuth } from '../../src/api/auth.ts'
import { createBackups } from '../../src/backups.ts'
import { createMemoryFiles } from '../store/memory-files.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { makeContacts } from './contacts.ts'
import { createTestHouse, type TestHouse } from './house.ts'
import { openLiving } from './living.ts'
import { makeReservation } from './reservations.ts'
import { makePriced } from './terms.ts'
import { makeUnmatched } from './unmatched.ts'
import { makeUploads } from './uploads.ts'

export interface Reply { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string; json(): Record<string, unknown> }
export interface Ask { readonly headers?: Record<string, string>; readonly body?: string | Buffer }

export interface TestServer {
  readonly house: TestHouse
  readonly port: number
  readonly logged: { level: string; fields: object; message: string }[]
  readonly clock: VirtualClock
  ask(method: string, path: string, ask?: Ask): Promise<Reply>
  /** With a JSON body. */
  send(method: string, path: string, body: unknown, headers?: Record<string, string>): Promise<Reply>
  close(): Promise<void>
}

interface Options extends Partial<Pick<ApiPorts, 'auth' | 'hosts' | 'origins' | 'wrongKeyBurst' | 'commandPace'>> {
  /** Beside those that are made on it. */
  readonly apiKey?: string
}

/** Open while no key is configured, if not said otherwise. */
export async function startServer({ apiKey, ...options }: Options = {}): Promise<TestServer> {
  const living = await openLiving()
  makeContacts(living)
  await makeReservation(living)
  await makeUploads(living)
  await makeUnmatched(living)
  await makePriced(living)
  const house = createTestHouse(living.house)
  const clock = new VirtualClock(Date.UTC(2026, 10, 22, 12))
  const logged: TestServer['logged'] = []
  const log = (level: string) => (fields: object, message: string): void => void logged.push({ level, fields, message })
  let made = 0
  const app = createApi({
    house, clock, log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }, ids: () => `made-${++made}`,
    auth: createAuth({ open: apiKey === undefined, keys: house.apiKeys, ...(apiKey !== undefined && { apiKey }) }), metrics: async () => ({ type: 'text/plain; version=0.0.4; charset=utf-8', text: 'kwota_connections 0\n' }),
    node: () => ({ id: 'node-1', address: 'http://127.0.0.1:8080', storeKind: 'memory', residentBytes: 1_000_000, uptimeS: 1.5, endpoints: [{ interface: 'lo', address: '127.0.0.1', secure: false, url: 'ws://127.0.0.1:8080/ocpp/', reachable: false }] }),
    version: '1.2.3', backups: createBackups({ store: living.estate.options.store, kind: 'memory', files: createMemoryFiles(), clock, version: '1.2.3', newId: () => `made${++made}` }), ...options,
  })
  const server = createServer(app.callback())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  function ask(method: string, path: string, { headers = {}, body }: Ask = {}): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port, method, path, agent: false, headers: { ...headers, ...(body !== undefined && { 'Content-Length': String(Buffer.byteLength(body)) }) } }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: () => JSON.parse(text) })
        })
      })
      request.on('error', reject)
      request.end(body)
    })
  }
  return {
    house, port, logged, clock, ask,
    send: (method, path, body, headers = {}) => ask(method, path, { headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) }),
    close: () => new Promise((resolve) => {
      server.close(() => void living.stop().then(() => resolve()))
      server.closeAllConnections()
    }),
  }
}
