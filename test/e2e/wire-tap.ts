// A listener between charge points and kwota: it passes every frame on as it is and judges it by the schemas of a library that is not ours.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'

interface Oracle { readonly subprotocol: string; validate(schema: string, payload: unknown): boolean }
const oracles = createRequire(import.meta.url)('ocpp-rpc/lib/standard-validators') as Oracle[]
const oracle = oracles.find(({ subprotocol }) => subprotocol === 'ocpp1.6')

export type Sender = 'station' | 'kwota'
export interface Heard { readonly from: Sender; readonly clientID: string; readonly frame: readonly unknown[] }

export interface Tap {
  /** As kwota's own, with `/ocpp` at the end. */
  readonly ocppUrl: string
  readonly heard: readonly Heard[]
  /** Frames that no schema fits, answers to nothing, and CALLERRORs, each as one line. */
  readonly faults: readonly string[]
  /** The actions that were called and answered with a CALLRESULT, by who called. */
  answered(from: Sender): ReadonlySet<string>
  close(): Promise<void>
}

const mostHeard = 100_000

export async function openTap(ocppUrl: string): Promise<Tap> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: (offered) => [...offered][0] ?? false })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const heard: Heard[] = []
  const faults: string[] = []
  const answered = { station: new Set<string>(), kwota: new Set<string>() }
  const lines = new Map<string, { readonly near: WebSocket; readonly far: WebSocket }>()

  server.on('connection', (near, request) => {
    const clientID = decodeURIComponent(request.url?.split('/').at(-1) ?? '')
    const waiting: string[] = []
    near.on('message', (data: Buffer) => waiting.push(data.toString()))
    void join(near, clientID, waiting)
  })

  async function join(near: WebSocket, clientID: string, waiting: string[]): Promise<void> {
    const old = lines.get(clientID)
    if (old !== undefined && old.near.readyState !== WebSocket.OPEN && old.far.readyState !== WebSocket.CLOSED) {
      old.far.terminate()
      await once(old.far, 'close')
    }
    const far = new WebSocket(`${ocppUrl}/${encodeURIComponent(clientID)}`, ['ocpp1.6'])
    lines.set(clientID, { near, far })
    const judge = createJudge(clientID)
    far.on('error', () => near.terminate())
    far.on('close', () => near.close())
    near.on('close', () => far.close())
    far.on('message', (data: Buffer) => {
      judge('kwota', data.toString())
      near.send(data.toString())
    })
    far.on('open', () => {
      const pass = (text: string) => {
        judge('station', text)
        far.send(text)
      }
      near.removeAllListeners('message')
      near.on('message', (data: Buffer) => pass(data.toString()))
      for (const text of waiting.splice(0)) pass(text)
    })
  }

  function createJudge(clientID: string): (from: Sender, text: string) => void {
    const asked = { station: new Map<string, string>(), kwota: new Map<string, string>() }
    return (from, text) => {
      const frame = JSON.parse(text) as [number, string, unknown, unknown]
      if (heard.push({ from, clientID, frame }) > mostHeard) throw new Error('the tap is full')
      const [type, id, third, fourth] = frame
      if (type === 2) {
        asked[from].set(id, String(third))
        return check(`${String(third)}.req`, fourth, from, text)
      }
      const asker = from === 'station' ? 'kwota' : 'station'
      const action = asked[asker].get(id)
      asked[asker].delete(id)
      if (action === undefined) faults.push(`${from}: answers nothing: ${text}`)
      else if (type !== 3) faults.push(`${from}: to ${action}: ${text}`)
      else if (check(`${action}.conf`, third, from, text)) answered[asker].add(action)
    }
  }

  function check(schema: string, payload: unknown, from: Sender, text: string): boolean {
    try {
      if (oracle?.validate(`urn:${schema}`, payload) === true) return true
      faults.push(`${from}: ${schema}: ${text}`)
    } catch (error) {
      faults.push(`${from}: ${schema}: ${text}: ${JSON.stringify(error instanceof Error ? error : String(error))}`)
    }
    return false
  }

  return {
    ocppUrl: `ws://127.0.0.1:${port}/ocpp`, heard, faults,
    answered: (from) => answered[from],
    async close() {
      for (const client of server.clients) client.terminate()
      for (const { far } of lines.values()) far.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}
