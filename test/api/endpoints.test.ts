// The URLs that a charge point can be told.
import { expect, test } from 'vitest'
import { endpointsOf, urlsOf } from '../../src/api/endpoints.ts'

const of = (address: string, family: 'IPv4' | 'IPv6' = 'IPv4') => ({ address, family, internal: false })
const interfaces = { lo: [of('127.0.0.1'), of('::1', 'IPv6')], eth0: [of('192.168.1.5'), of('2001:db8::5', 'IPv6'), of('fe80::1', 'IPv6')] }

test('every address of every interface where all are listened on, those that others reach first, without link-local ones', () => {
  expect(endpointsOf(['http://0.0.0.0:8080'], interfaces).map(({ url, reachable }) => [url, reachable])).toEqual([['ws://192.168.1.5:8080/ocpp/', true], ['ws://127.0.0.1:8080/ocpp/', false]])
  expect(endpointsOf(['http://[::]:8080'], interfaces).map(({ url }) => url)).toEqual(['ws://[2001:db8::5]:8080/ocpp/', 'ws://192.168.1.5:8080/ocpp/', 'ws://[::1]:8080/ocpp/', 'ws://127.0.0.1:8080/ocpp/'])
})

test('only the address that is listened on; secure servers before others', () => {
  expect(endpointsOf(['http://127.0.0.1:8080'], interfaces)).toEqual([{ interface: 'lo', address: '127.0.0.1', secure: false, url: 'ws://127.0.0.1:8080/ocpp/', reachable: false }])
  expect(endpointsOf(['http://192.168.1.5:8080', 'https://192.168.1.5:8443'], interfaces).map(({ url }) => url)).toEqual(['wss://192.168.1.5:8443/ocpp/', 'ws://192.168.1.5:8080/ocpp/'])
  expect(endpointsOf(['http://kwota.example:80'], interfaces)).toEqual([{ interface: null, address: 'kwota.example', secure: false, url: 'ws://kwota.example/ocpp/', reachable: true }])
})

test('what can be typed for a server that listens everywhere; nothing for one with an address of its own', () => {
  expect(urlsOf({ url: 'http://0.0.0.0:8080', secureUrl: 'https://0.0.0.0:8443' }, interfaces)).toEqual(['https://192.168.1.5:8443', 'http://192.168.1.5:8080', 'https://127.0.0.1:8443', 'http://127.0.0.1:8080'])
  expect(urlsOf({ url: 'http://127.0.0.1:8080', secureUrl: null }, interfaces)).toEqual([])
  expect(urlsOf({ url: 'http://[::]:8080', secureUrl: null }, interfaces)[0]).toBe('http://[2001:db8::5]:8080')
})
