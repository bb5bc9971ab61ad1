// Strangers at the door: no oracle, no lock-out, and a storm of charge points after a restart that costs next to no work.
import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { judgeAttempt } from '../../src/actors/admission.ts'
import { derivations, DrawnPassword, hashPassword, keepPassword, PasswordCheck } from '../../src/actors/credentials.ts'
import { FailurePace } from '../../src/actors/failure-pace.ts'
import type { Attempt } from '../../src/protocol/session.ts'
import { caller, openHouse, type HouseStand } from '../actors/house-stand.ts'
import { pointOf } from '../actors/site-stand.ts'
import { startServer as startApi, type TestServer } from '../api/server.ts'
import { VirtualClock } from '../virtual-clock.ts'

const away = { loopback: false, remoteAddress: '10.0.0.9' }
const password = 'sixteen-letters!'
const wrong = (username: string) => ({ username, password: 'sixteen-letterz!' })
let stand: HouseStand | null = null
let api: TestServer | null = null
afterEach(async () => {
  await stand?.directory.stop()
  await api?.close()
  stand = api = null
})
const open = async () => stand = await openHouse({ chargePoints: [{ id: 'CP1', securityProfile: 1, password }, { id: 'CP2', securityProfile: 1 }, { id: 'OPEN', securityProfile: 0 }] })

test('threat 1: without credentials, with wrong ones and with those of another nobody is let in under any name; profile 0 needs its flag; the answer is one', async () => {
  const { admit, house } = await open()
  const before = JSON.stringify(house.chargePoints())
  const answers = await Promise.all(['CP1', 'CP2', 'NOBODY'].flatMap((id) => [undefined, wrong(id), { username: 'CP1', password: id === 'CP1' ? `${password}x` : password }].map((shown) => admit(id, shown, away))))
  expect(answers.map((answer) => ('status' in answer ? answer.status : 'in'))).toEqual(answers.map(() => 401))
  expect(await admit('OPEN', undefined, away)).toMatchObject({ admitted: true })
  expect(await admit('CP1', { username: 'CP1', password }, away)).toMatchObject({ admitted: true })
  expect(JSON.stringify(house.chargePoints())).toBe(before)
})

test('threat 2: two thousand names at random are answered alike, those that exist among them too, and nothing grows without end', async () => {
  const { admit, house } = await open()
  const names = Array.from({ length: 2_000 }, (_, at) => (at % 500 === 0 ? 'CP1' : randomBytes(8).toString('hex')))
  const shapes = new Set<string>()
  for (const [at, name] of names.entries()) {
    const answer = await admit(name, undefined, { ...away, remoteAddress: `10.1.${at >> 8}.${at & 255}` })
    shapes.add('status' in answer ? String(answer.status) : 'in')
  }
  expect([...shapes]).toEqual(['401'])
  expect(house.lobby.list().length).toBeLessThanOrEqual(500)
  expect(house.chargePoints()).toHaveLength(3)
})

test('threat 3: thousands of wrong passwords in its name, from many addresses: the charge point comes back in, first from its own address, then from where it was proven', async () => {
  const { admit } = await open()
  const before = derivations.begun
  const attack = Promise.all(Array.from({ length: 3_000 }, (_, at) => admit('CP1', wrong('CP1'), { ...away, remoteAddress: `10.9.0.${at % 5}` })))
  expect(await admit('CP1', { username: 'CP1', password }, { ...away, remoteAddress: '10.0.0.7' })).toMatchObject({ admitted: true })
  const answers = await attack
  expect(await admit('CP1', { username: 'CP1', password }, { ...away, remoteAddress: '10.9.0.1' })).toMatchObject({ admitted: true })
  expect(answers.some(({ admitted }) => admitted)).toBe(false)
  // Ten of the name, and what each address may that has not tried it.
  expect(derivations.begun - before).toBeLessThanOrEqual(10 + 5 * 3 + 1)
})

describe('passwords that kwota draws', () => {
  const attempt = (id: string, text: string): Attempt => ({ clientID: id, path: `/ocpp/${id}`, remoteAddress: '10.0.0.9', loopback: false, secure: false, host: 'kwota.example', subprotocols: ['ocpp1.6'], credentials: { username: id, password: Buffer.from(text) } })
  const recognise = () => ({ serialNumbers: [], clientOrganisation: undefined })

  test('threat 14: five hundred charge points with drawn passwords come from one address right after a restart: all are in, and none costs a derivation', async () => {
    const points = await Promise.all(Array.from({ length: 500 }, async (_, at) => {
      const drawn = new DrawnPassword()
      return { drawn, record: { config: pointOf({ id: `CP${at}`, securityProfile: 1 }), password: await keepPassword(drawn), version: 1, changedAt: '', changedBy: '' } }
    }))
    const before = derivations.begun
    const checks = { passwords: new PasswordCheck(), pace: new FailurePace(new VirtualClock()) }
    const verdicts = await Promise.all(points.map(({ drawn, record }) => judgeAttempt(attempt(record.config.id, drawn.text), record, checks, recognise)))
    expect(verdicts.every(({ admitted }) => admitted)).toBe(true)
    expect(derivations.begun - before).toBe(0)
  })

  test('threat 14: a wrong one costs the same derivation as a chosen one, and as nobody', async () => {
    const record = (hash: string) => ({ config: pointOf({ id: 'CP1', securityProfile: 1 }), password: hash, version: 1, changedAt: '', changedBy: '' })
    const costs: number[] = []
    for (const known of [record(await keepPassword(new DrawnPassword())), record(await hashPassword(password)), undefined]) {
      const before = derivations.begun
      const verdict = await judgeAttempt(attempt('CP1', 'sixteen-letterz!'), known, { passwords: new PasswordCheck(), pace: new FailurePace(new VirtualClock()) }, recognise)
      expect(verdict.admitted).toBe(false)
      costs.push(derivations.begun - before)
    }
    expect(costs).toEqual([1, 1, 1])
  })

  test('are shown once, by nothing else, not even under the same Idempotency-Key, and let in', async () => {
    const { house, admit } = await open()
    const drawn = new DrawnPassword()
    const { value } = house.chargePoint('CP2')
    await house.putChargePoint(pointOf({ id: 'CP2', securityProfile: 1, site: value.site }), drawn, caller)
    expect(drawn.text).toHaveLength(20)
    expect(JSON.stringify(house.chargePoints())).not.toContain(drawn.text)
    expect(await admit('CP2', { username: 'CP2', password: drawn.text }, away)).toMatchObject({ admitted: true })
    const server = await startApi()
    api = server
    const make = () => server.send('POST', '/api/v1/chargepoints', { id: 'NEW', site: 'main', securityProfile: 1, generatePassword: true }, { 'Idempotency-Key': 'once' })
    const first = await make()
    expect([first.status, first.json()['password'], first.json()['hasPassword']]).toEqual([201, expect.stringMatching(/^[\w-]{20}$/), true])
    expect((await make()).json()).not.toHaveProperty('password')
    expect((await server.ask('GET', '/api/v1/chargepoints/NEW')).json()).not.toHaveProperty('password')
    expect((await server.send('PUT', '/api/v1/chargepoints/NEW', { site: 'main', password, generatePassword: true })).json()['code']).toBe('two-passwords')
  })
})
