// Hundreds of wrong passwords at once over real sockets: most are told to wait, the true charge point and the operator are not held up.
import { request } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { newPlace, startServer, tidyUp, type Server } from './server.ts'

const config = 'unknownChargePoints: reject\nchargePoints:\n  - { id: CP1, securityProfile: 1, password: sixteen-letters! }\n'
afterEach(tidyUp)

interface Answer { readonly status: number; readonly retryAfter: string | undefined }

/** One upgrade; 101 when it was let in, and then it is closed at once. */
function knock({ ocppUrl }: Server, clientID: string, password: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${ocppUrl.replace(/^ws/, 'http')}/${clientID}`, {
      headers: {
        Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': Buffer.alloc(16, 7).toString('base64'), 'Sec-WebSocket-Protocol': 'ocpp1.6',
        Authorization: `Basic ${Buffer.from(`${clientID}:${password}`).toString('base64')}`,
      },
    })
    asked.on('upgrade', (_, socket) => {
      socket.destroy()
      resolve({ status: 101, retryAfter: undefined })
    })
    asked.on('response', (response) => {
      response.resume()
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] })
    })
    asked.on('error', reject)
    asked.end()
  })
}

test.each(['CP1', 'CP9'])('as %s', async (clientID) => {
  const server = await startServer({ place: await newPlace(), config })
  expect((await knock(server, 'CP1', 'sixteen-letters!')).status).toBe(101)
  const flood = Promise.all(Array.from({ length: 200 }, () => knock(server, clientID, 'sixteen-letterz!')))
  const limit = await server.request<unknown>('PUT', '/api/v1/sites/main/grid-limit', { currentA: 40 })
  expect(limit.status).toBe(200)
  const answers = await flood
  const paced = answers.filter(({ status }) => status === 429)
  const looked = answers.filter(({ status }) => status === 401)
  expect(answers.length).toBe(paced.length + looked.length)
  // The bucket fills while they come.
  expect([looked.length >= 10, looked.length <= 20]).toEqual([true, true])
  expect(paced.every(({ retryAfter }) => retryAfter === '10')).toBe(true)
  expect((await knock(server, 'CP1', 'sixteen-letters!')).status).toBe(101)
}, 60_000)
