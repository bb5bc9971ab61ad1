// What is written of keys that open nothing: one line each, from where, never what was sent; a flood of them is summed up.
import { expect, test } from 'vitest'
import { createLog } from '../../src/log.ts'
import { sampleLog } from '../../src/log-sampling.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { startServer } from './server.ts'

test('each key that opens nothing is one event with the address and without the key; a right one, and none at all, are none', async () => {
  const server = await startServer({ apiKey: 'right-key' })
  const ask = (headers: Record<string, string>) => server.ask('GET', '/api/v1/sites', { headers })
  const wrong = () => server.logged.filter(({ fields }) => 'event' in fields && fields.event === 'wrong-key')
  expect((await ask({ authorization: 'Bearer right-key' })).status).toBe(200)
  expect((await ask({})).status).toBe(401)
  expect(wrong()).toEqual([])
  const statuses: number[] = []
  for (let n = 0; n < 12; n++) statuses.push((await ask({ authorization: `Bearer wrong-key-${n}` })).status)
  expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429])
  expect(wrong()).toEqual(Array.from({ length: 12 }, () => ({ level: 'warn', fields: { event: 'wrong-key', remoteAddress: '127.0.0.1' }, message: 'an API key that opens nothing was refused' })))
  expect(JSON.stringify(server.logged)).not.toContain('wrong-key-')

  const lines: string[] = []
  const log = sampleLog(createLog({ level: 'info', stream: { write: (line) => lines.push(line) } }), new VirtualClock())
  for (let n = 0; n < 10_000; n++) log.warn(wrong()[0]!.fields, wrong()[0]!.message)
  expect(lines).toHaveLength(20)
  await server.close()
})
