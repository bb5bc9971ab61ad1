// The product from outside: who cannot connect is found in the lobby and let in, and everything that was said is found again.
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { LobbyEntry } from '../../src/actors/lobby.ts'
import type { MessageView } from '../../src/actors/message-row.ts'
import { newPlace, startServer, tidyUp, type Server } from './server.ts'

afterEach(tidyUp)
const minute = 60_000
const config = 'unknownChargePoints: pending\nmessageLog: { keepDays: 2, keepMiB: 8 }\nchargePoints:\n  - { id: CP-1, password: sixteen-letters! }\n'
const boot = { chargePointVendor: 'Acme', chargePointModel: 'One' }

async function connect(url: string, options: { protocols?: string[]; auth?: string } = {}): Promise<WebSocket> {
  const socket = new WebSocket(url, options.protocols ?? ['ocpp1.6'], options.auth === undefined ? {} : { auth: options.auth })
  socket.on('error', () => undefined)
  await new Promise<void>((resolve) => {
    socket.once('open', () => resolve())
    socket.once('close', () => resolve())
  })
  return socket
}

async function say(socket: WebSocket, frame: unknown): Promise<unknown> {
  const answered = once(socket, 'message')
  socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  const [data] = await answered as [Buffer]
  return JSON.parse(data.toString())
}

const lobby = async (server: Server, search = '') => (await server.request<{ data: LobbyEntry[] }>('GET', `/api/v1/lobby${search}`)).body.data
const messages = async (server: Server, search: string) => (await server.request<{ data: MessageView[] }>('GET', `/api/v1/messages?${search}`)).body.data

test('from the lobby into the house, and what was said on the way', async () => {
  const place = await newPlace()
  const server = await startServer({ place, config })
  for (const [path, protocols] of [['NEW-1', ['ocpp2.0.1']], ['NEW-1', []], ['', ['ocpp1.6']], ['CP-1', ['ocpp1.6']]] as const) await connect(`${server.ocppUrl}/${path}`, { protocols: [...protocols] })
  await connect(server.ocppUrl.replace(/ocpp$/, 'elsewhere/NEW-1'))
  await connect(`${server.ocppUrl}/CP-1`, { auth: 'CP-1:sixteen-letterz!' })
  expect((await lobby(server)).map(({ reason, clientID }) => `${reason} ${clientID}`)).toEqual(['auth-wrong CP-1', 'bad-path NEW-1', 'auth-missing CP-1', 'empty-id ', 'no-subprotocol NEW-1', 'wrong-subprotocol NEW-1'])

  const waiting = await connect(`${server.ocppUrl}/NEW-1`)
  expect(await say(waiting, [2, 'b1', 'BootNotification', boot])).toMatchObject([3, 'b1', { status: 'Pending' }])
  expect(await lobby(server, '?verdict=waiting')).toMatchObject([{ clientID: 'NEW-1', path: '/ocpp/NEW-1', boot }])
  const closed = once(waiting, 'close')
  const accepted = await server.request('POST', '/api/v1/lobby/NEW-1/accept')
  expect([accepted.status, accepted.headers.get('location')]).toEqual([201, '/api/v1/chargepoints/NEW-1'])
  expect((await closed)[0]).toBe(1012)
  expect(await lobby(server, '?clientID=NEW-1')).toEqual([])

  const socket = await connect(`${server.ocppUrl}/NEW-1`)
  expect(await say(socket, [2, 'b2', 'BootNotification', boot])).toMatchObject([3, 'b2', { status: 'Accepted' }])
  await say(socket, [2, 's1', 'StatusNotification', { connectorId: 1, status: 'Available', errorCode: 'NoError', info: 'see https://me:hush@host/x' }])
  await say(socket, [2, 'x1', 'Dance', { tempo: 3 }])
  await say(socket, '[2,"y1","Heartbeat",{')
  const said = async (from: Server) => (await messages(from, 'clientID=NEW-1&direction=in')).map(({ messageId, action, status, siteID }) => `${siteID} ${messageId} ${action} ${status}`)
  const all = ['main y1 Heartbeat unreadable', 'main x1 Dance error', 'main s1 StatusNotification answered', 'main b2 BootNotification answered', 'main b1 BootNotification answered']
  expect(await said(server)).toEqual(all)
  expect(await messages(server, 'errorsOnly=true&text=tempo')).toMatchObject([{ request: { tempo: 3 }, error: { code: 'NotImplemented' }, raw: { request: '[2,"x1","Dance",{"tempo":3}]' } }])
  const csv = await fetch(`${server.url}/api/v1/messages?action=StatusNotification`, { headers: { accept: 'text/csv' } })
  expect(await csv.text()).toMatch(/^id,at,siteID,.*\r\n[^\r]*,main,NEW-1,in,StatusNotification,s1,answered,.*see https:\/\/\*\*\*@host\/x/)

  socket.terminate()
  expect(await server.stop()).toBe(0)
  const again = await startServer({ place, config })
  expect(await said(again)).toEqual(all)
  expect(JSON.stringify(await messages(again, 'limit=500'))).not.toContain('hush')
}, minute)

test('a message log that cannot be: line, field and fix', async () => {
  const place = await newPlace()
  await expect(startServer({ place, config: 'messageLog: { keepDays: 0 }\n' })).rejects.toThrow(/kwota\.yaml:1 \/messageLog\/keepDays/)
}, minute)
