// Charge points that answer nothing: people are told, of their own command and of a connection that is deaf, until something is answered again.
import { expect, test } from 'vitest'
import { Connection } from '../../src/protocol/connection.ts'
import { createCounters, defaultLimits, silentLog } from '../../src/protocol/ports.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'

let generation = 1_000

/** A charge point behind a real connection: it answers every ping, and CALLs only while `answers` holds. */
async function dial(stand: HouseStand, line: { answers: boolean; ended?: string }): Promise<Connection> {
  const reply = (text: string): void => {
    const [type, id, action] = JSON.parse(text) as [number, string, string]
    if (type !== 2 || !line.answers) return
    const payload = action === 'GetConfiguration' ? { configurationKey: [], unknownKey: [] } : { status: 'Accepted' }
    stand.clock.after(100, () => connection.received(JSON.stringify([3, id, payload])))
  }
  const connection: Connection = new Connection({
    clientID: 'CP1', id: `CP1#${++generation}`, generation, remoteAddress: '127.0.0.1:1', reachedAt: 'http://kwota.example:8080',
    socket: { send: reply, close: () => undefined, ping: () => void stand.clock.after(10, () => connection.pong()), terminate: () => undefined, pause: () => undefined, resume: () => undefined, bufferedAmount: 0 },
    desk: stand.desk, clock: stand.clock, log: silentLog, limits: defaultLimits, counters: createCounters(),
    ended: (code, reason) => {
      line.ended = `${code} ${reason}`
      stand.desk.disconnected(connection, code, reason)
    },
  })
  await stand.admit('CP1')
  stand.desk.connected(connection)
  connection.received(JSON.stringify([2, `boot${generation}`, 'BootNotification', { chargePointVendor: 'Acme', chargePointModel: 'One' }]))
  await stand.clock.advance(20_000)
  return connection
}

const open = (stand: HouseStand): string[] => stand.house.alerts().filter(({ resolvedAt }) => resolvedAt === null).map(({ code }) => code).filter((code) => code === 'deaf' || code === 'command-timed-out')
const said = (stand: HouseStand, code: string) => stand.house.alerts().find((alert) => alert.code === code)

test('a command of people without an answer is a warning, over with the next answer', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const line = { answers: true }
  await dial(stand, line)
  line.answers = false
  const command = await stand.house.commands.issue('CP1', 'ClearCache', {}, {}, caller)
  await stand.clock.advance(35_000)
  expect(stand.house.commands.get(command.id).status).toBe('timed-out')
  expect(open(stand)).toEqual(['command-timed-out'])
  expect(said(stand, 'command-timed-out')).toMatchObject({ severity: 'warning', clientID: 'CP1', message: `CP1 did not answer ClearCache of tester in time; it may have carried it out all the same. The command is ${command.id}.` })
  line.answers = true
  await stand.house.commands.issue('CP1', 'ClearCache', {}, {}, caller)
  await stand.clock.advance(5_000)
  expect(open(stand)).toEqual([])
})

test('its own CALLs are no answer', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const line = { answers: true }
  const connection = await dial(stand, line)
  line.answers = false
  await stand.house.commands.issue('CP1', 'ClearCache', {}, {}, caller)
  await stand.clock.advance(35_000)
  connection.received(JSON.stringify([2, 'h1', 'Heartbeat', {}]))
  await stand.clock.advance(1_000)
  expect(open(stand)).toEqual(['command-timed-out'])
})

test('three CALLs in a row without an answer while pings are answered: deaf, told, and over with the first answer on a new connection', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const line: { answers: boolean; ended?: string } = { answers: true }
  await dial(stand, line)
  line.answers = false
  for (let n = 0; n < 3; n++) {
    await stand.house.commands.issue('CP1', 'ClearCache', {}, {}, caller).catch(() => undefined)
    await stand.clock.advance(35_000)
  }
  expect(line.ended).toBe('1011 no answer to calls')
  expect(open(stand)).toContain('deaf')
  expect(said(stand, 'deaf')).toMatchObject({ severity: 'warning', clientID: 'CP1', message: expect.stringContaining('three in a row had no answer') })
  await dial(stand, { answers: true })
  expect(open(stand)).toEqual([])
})

test('a connection that ends otherwise is not deaf', async () => {
  const stand = await openHouse({ chargePoints: [{ id: 'CP1' }] })
  const connection = await dial(stand, { answers: true })
  connection.terminate('silent')
  expect(open(stand)).toEqual([])
})
