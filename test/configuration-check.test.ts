// Values for every standard key: what is taken, what is refused and in which words, and which two mean the same.
import { describe, expect, test } from 'vitest'
import { faultOf, sameValue } from '../src/configuration-check.ts'
import { configurationKeys, type StandardKey } from '../src/protocol/messages/configuration-keys.ts'

const lists: Readonly<Record<string, readonly [good: string, bad: string]>> = { ConnectorPhaseRotation: ['0.RST, 1.NotApplicable', '0.XYZ'] }

/** Per type: values that are taken, and values that are refused. */
function examples({ name, type, max }: StandardKey): { good: readonly string[]; bad: readonly string[] } {
  if (name === 'AuthorizationKey') return { good: ['a1'.repeat(16), 'A1'.repeat(20)], bad: ['', 'a1'.repeat(15), 'a1'.repeat(21), 'a'.repeat(33), 'sixteen-bytes-ok', 'g1'.repeat(16)] }
  if (name === 'SecurityProfile') return { good: ['1', '2', '3'], bad: ['0', '4', '-1', 'one'] }
  switch (type) {
    case 'bool': return { good: ['true', 'false'], bad: ['', 'True', '1', 'yes'] }
    case 'int': return { good: ['0', '5', String(max ?? 2_147_483_647)], bad: ['', '-1', '1.5', '1e3', '0x10', ' 5', 'x', String((max ?? 2_147_483_647) + 1), '9'.repeat(20)] }
    case 'csl': {
      const [good, bad] = lists[name] ?? ['Current.Import,Voltage.L1-N, Energy.Active.Import.Register', 'Current.Import,Wind']
      return { good: ['', good], bad: [bad, `${good},`, bad.toLowerCase()] }
    }
    case 'string': return { good: ['', 'anything'], bad: ['x'.repeat(501)] }
  }
}

describe('every standard key', () => {
  for (const key of configurationKeys) {
    test(`${key.name} (${key.access} ${key.type})`, () => {
      const { good, bad } = examples(key)
      for (const value of good) expect(faultOf(key.name.toLowerCase(), value), value).toBe(key.access === 'R' ? 'can only be read' : null)
      for (const value of bad) expect(faultOf(key.name, value), value).toEqual(expect.any(String))
    })
  }
})

test('a refusal says what would be taken', () => {
  expect(faultOf('WebSocketPingInterval', '-5')).toBe('must not be negative; 0 turns the pings off')
  expect(faultOf('HeartbeatInterval', 'soon')).toBe('a whole number of seconds from 0 to 2147483647')
  expect(faultOf('LightIntensity', '101')).toBe('a whole number of % from 0 to 100')
  expect(faultOf('MeterValuesSampledData', 'Current.Import,,SoC')).toMatch(/^holds an empty item: measurands/)
  expect(faultOf('StopTxnSampledData', 'Wind')).toMatch(/^"Wind" is none of its items/)
})

test('a list is as long as the charge point says, where it has said it', () => {
  const known = (key: string) => (key === 'MeterValuesSampledDataMaxLength' ? '2' : null)
  expect(faultOf('MeterValuesSampledData', 'Current.Import,Voltage', known)).toBeNull()
  expect(faultOf('MeterValuesSampledData', 'Current.Import,Voltage,SoC', known)).toBe('3 items, and this charge point takes 2 (MeterValuesSampledDataMaxLength)')
  expect(faultOf('MeterValuesSampledData', 'Current.Import,Voltage,SoC', () => 'many')).toBeNull()
})

test('a security profile is only ever raised', () => {
  const at = (profile: string) => () => profile
  expect(faultOf('SecurityProfile', '2', at('1'))).toBeNull()
  expect(faultOf('SecurityProfile', '2', at('2'))).toBe('can only be raised, and it is 2')
  expect(faultOf('SecurityProfile', '1', at('3'))).toBe('can only be raised, and it is 3')
})

test('keys of vendors are held to their lengths only', () => {
  expect(faultOf('Vendor.Key', '-1')).toBeNull()
  expect(faultOf('Vendor.Key', 'é'.repeat(500))).toBeNull()
  expect(faultOf('Vendor.Key', 'x'.repeat(501))).toBe('a value has at most 500 characters')
  expect(faultOf('k'.repeat(51), '1')).toBe('a key has 1 to 50 characters')
  expect(faultOf(' ', '1')).toBe('a key has 1 to 50 characters')
})

test.each([
  ['HeartbeatInterval', '300', '0300', true], ['HeartbeatInterval', '300', '300.0', true], ['HeartbeatInterval', '', '0', false], ['HeartbeatInterval', '300', '301', false],
  ['LocalPreAuthorize', 'true', ' TRUE', true], ['LocalPreAuthorize', 'true', 'false', false],
  ['MeterValuesSampledData', 'Voltage,SoC', 'soc, Voltage', true], ['MeterValuesSampledData', '', ' ', true], ['MeterValuesSampledData', 'Voltage', 'Voltage,SoC', false],
  ['CpoName', 'Acme', 'acme', false], ['Vendor', '1', '1.0', false], ['Vendor', '1', '1', true],
])('%s: %j and %j mean the same: %s', (key, a, b, same) => {
  expect(sameValue(key, a, b)).toBe(same)
})
