// The lobby and connect a charger: what is told of one who knocks, and the address that is typed into it.
import { describe, expect, test } from 'vitest'
import { changes, type LobbyReason } from '../../src/actors/lobby.ts'
import { addressesOf, isLoopback, pathOfSquares, withName } from '../../web/src/pages/connect/addresses.ts'
import { acceptable, attemptsWords, changeWords, isLocal, nameOf, reasonWords } from '../../web/src/pages/lobby/entry.ts'

const reasons = Object.keys(changes) as LobbyReason[]
const nowMs = Date.parse('2026-11-24T12:00:00Z')

describe('one who knocks', () => {
  test('each reason has words of its own', () => {
    const words = reasons.map(reasonWords)
    expect(words.filter((text) => text === undefined || text === '')).toEqual([])
    expect(new Set(words).size).toBe(reasons.length)
  })
  test('what to change is told without addresses of REST', () => {
    expect(reasons.map((reason) => changeWords(changes[reason])).filter((text) => /\/api\/|\b(?:POST|PUT|GET)\b/.test(text))).toEqual([])
    expect(changeWords(changes['unknown-id'])).toBe('Here: accept it, or add a charge point of this name; if the name is wrong, in the charge point: correct its identity.')
  })
  test('only those are offered a way in for whom a yes is all that is missing', () => {
    expect(reasons.filter((reason) => acceptable({ reason }) !== null)).toEqual(['unknown-id', 'boot-pending', 'boot-rejected'])
    expect(acceptable({ reason: 'unknown-id' })).toBe('new')
  })
  test('how often it came', () => {
    const firstAt = '2026-11-24T11:00:00Z'
    const lastAt = '2026-11-24T11:59:00Z'
    expect(attemptsWords({ attempts: 1, firstAt, lastAt }, nowMs)).toBe('once, 1 min ago')
    expect(attemptsWords({ attempts: 40, firstAt, lastAt }, nowMs)).toBe('40 times since 1 h ago, last 1 min ago')
    expect(nameOf({ clientID: '' })).toBe('without a name')
  })
  test('who comes from this machine is told from who does not', () => {
    expect(['127.0.0.1', '::1', '::ffff:127.0.0.1', '192.0.2.127', '::1:2'].map((remoteAddress) => isLocal({ remoteAddress }))).toEqual([true, true, true, false, false])
  })
})

describe('the address', () => {
  const lan = { interface: 'eth0', address: '10.0.0.5', secure: false, url: 'ws://10.0.0.5:8080/ocpp', reachable: true }
  const own = { interface: 'lo', address: '127.0.0.1', secure: false, url: 'ws://127.0.0.1:8080/ocpp/', reachable: false }
  test('is each that kwota says, and the one of the page where that is another', () => {
    expect(addressesOf([lan, own], new URL('http://localhost:8080/connect')).map(({ url, name, loopback }) => [url, name, loopback])).toEqual([['ws://10.0.0.5:8080/ocpp/', 'eth0', false], ['ws://127.0.0.1:8080/ocpp/', 'this machine', true]])
    expect(addressesOf([lan], new URL('http://10.0.0.5:8080/connect'))).toHaveLength(1)
    expect(addressesOf([lan], new URL('https://depot.example/connect'))[0]).toEqual({ url: 'wss://depot.example/ocpp/', name: 'as this page', loopback: false })
    expect(addressesOf([], new URL('http://localhost:8080/'))).toEqual([{ url: 'ws://localhost:8080/ocpp/', name: 'as this page', loopback: true }])
  })
  test('of this machine is known as such', () => {
    expect(['127.0.0.1', '[::1]', 'a.localhost', '0.0.0.0', '10.127.0.1', 'localhost.example'].map(isLoopback)).toEqual([true, true, true, false, false, false])
  })
  test('a name with odd characters can stand behind it', () => {
    expect(withName({ url: 'ws://h:1/ocpp/', name: 'eth0', loopback: false }, ' DE*ABC/1 ')).toBe('ws://h:1/ocpp/DE*ABC%2F1')
  })
  test('the squares of a code are one path', () => {
    expect(pathOfSquares([[true, false], [false, true]])).toBe('M0 0h1v1h-1zM1 1h1v1h-1z')
  })
})
