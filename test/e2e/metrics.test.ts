// The product from outside: what is said over the wire, in both directions, is what /metrics counts.
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { newPlace, startServer, tidyUp } from './server.ts'

afterEach(tidyUp)

test('messages of both directions are counted by how they ended; alerts, the store and the sites are there', async () => {
  const server = await startServer({ place: await newPlace(), config: 'chargePoints: [{ id: CP-1, site: main }]\n' })
  const scrape = async () => (await server.request<string>('GET', '/metrics')).body
  const socket = new WebSocket(`${server.ocppUrl}/CP-1`, ['ocpp1.6'])
  await once(socket, 'open')
  const answers = new Map<string, () => void>()
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as [number, string, string]
    if (frame[0] === 2) socket.send(JSON.stringify(frame[2] === 'UnlockConnector' ? [3, frame[1], { status: 'Unlocked' }] : [4, frame[1], 'NotSupported', '', {}]))
    else answers.get(frame[1])?.()
  })
  const say = (id: string, action: string, payload: unknown) => new Promise<void>((resolve) => {
    answers.set(id, resolve)
    socket.send(JSON.stringify([2, id, action, payload]))
  })
  await say('1', 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' })
  await say('2', 'Dance', {})
  await say('3', 'Heartbeat', { tempo: 'andante' })
  await say('4', 'StatusNotification', { connectorId: 'one' })
  for (const [path, body] of [['unlock-connector', { connectorId: 1 }], ['clear-cache', {}]] as const) {
    const { status } = await server.request('POST', `/api/v1/chargepoints/CP-1/${path}`, body, { prefer: 'wait=20' })
    expect(status).toBe(200)
  }
  const text = await scrape()
  for (const line of [
    'kwota_connections 1', 'kwota_charge_points 1', 'kwota_store_up 1', 'kwota_site_limit_amperes{site="main"} 63', 'kwota_alerts_open{code="over-limit",severity="critical"} 0',
    'kwota_ocpp_messages_total{action="BootNotification",direction="in",result="ok"} 1',
    'kwota_ocpp_messages_total{action="other",direction="in",result="error"} 1',
    'kwota_ocpp_messages_total{action="StatusNotification",direction="in",result="error"} 1',
    'kwota_ocpp_messages_total{action="UnlockConnector",direction="out",result="ok"} 1',
    'kwota_ocpp_messages_total{action="ClearCache",direction="out",result="error"} 1',
  ]) expect(text).toContain(`${line}\n`)
  expect(text).not.toContain('Dance')
  socket.terminate()
}, 60_000)
