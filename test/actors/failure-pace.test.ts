// How many wrong passwords an address and an identity may try, and who still gets in while somebody else tries them.
import { describe, expect, test } from 'vitest'
import { FailurePace } from '../../src/actors/failure-pace.ts'
import { VirtualClock } from '../virtual-clock.ts'

function stand() {
  const clock = new VirtualClock()
  const pace = new FailurePace(clock)
  const tries = (times: number, clientID: string, remoteAddress: string): number => {
    let let_ = 0
    for (let at = 0; at < times; at++) if (pace.enter({ clientID, remoteAddress }) !== null) let_++
    return let_
  }
  return { clock, pace, tries }
}

describe('wrong passwords', () => {
  test('ten of one identity, then one in six seconds', async () => {
    const { clock, tries } = stand()
    expect(tries(100, 'CP1', '10.0.0.9')).toBe(10)
    await clock.advance(5_999)
    expect(tries(5, 'CP1', '10.0.0.9')).toBe(0)
    await clock.advance(1)
    expect(tries(5, 'CP1', '10.0.0.9')).toBe(1)
  })

  test('however the identity is spelled', () => {
    const { tries } = stand()
    expect(tries(6, 'CP1', '10.0.0.9') + tries(6, 'cp1', '10.0.0.9')).toBe(10)
  })

  test('thirty of one address, whatever identities it tries', async () => {
    const { clock, pace } = stand()
    const sweep = (): number => Array.from({ length: 200 }, (_, at) => pace.enter({ clientID: `X${at}`, remoteAddress: '10.0.0.9' })).filter((entered) => entered !== null).length
    expect(sweep()).toBe(30)
    await clock.advance(2_000)
    expect(sweep()).toBe(1)
  })

  test('an address that is written in two ways is one; so is a network of IPv6', () => {
    const { pace } = stand()
    const sweep = (addresses: readonly string[]): number => Array.from({ length: 200 }, (_, at) => pace.enter({ clientID: `X${at}`, remoteAddress: addresses[at % addresses.length]! })).filter((entered) => entered !== null).length
    expect(sweep(['10.0.0.9', '::ffff:10.0.0.9'])).toBe(30)
    expect(sweep(['2001:db8:0:7::1', '2001:db8:0:7:1:2:3:4', '2001:DB8::7:0:0:0:9'])).toBe(30)
    expect(sweep(['2001:db8:0:8::1'])).toBe(30)
    expect(sweep(['fe80::1%eth0', 'fe80::2'])).toBe(30)
  })

  test('a right one costs nothing', () => {
    const { pace } = stand()
    for (let at = 0; at < 100; at++) {
      const giveBack = pace.enter({ clientID: 'CP1', remoteAddress: '10.0.0.9' })
      expect(giveBack).not.toBeNull()
      giveBack?.()
      giveBack?.()
    }
    expect(Array.from({ length: 50 }, () => pace.enter({ clientID: 'CP1', remoteAddress: '10.0.0.9' })).filter((entered) => entered !== null)).toHaveLength(10)
  })
})

describe('while an identity is attacked', () => {
  test('its charge point may still try, from where nobody else tried it', () => {
    const { tries } = stand()
    expect(tries(100, 'CP1', '10.0.0.9')).toBe(10)
    expect(tries(1, 'CP1', '10.0.0.7')).toBe(1)
  })

  test('from many addresses it is three each', () => {
    const { tries } = stand()
    expect(tries(100, 'CP1', '10.0.0.9')).toBe(10)
    expect(tries(100, 'CP1', '10.0.0.7')).toBe(3)
    expect(tries(100, 'CP1', '10.0.0.6')).toBe(3)
  })

  test('and one misconfigured charge point does not use up the address of its neighbours', async () => {
    const { clock, tries } = stand()
    for (let at = 0; at < 600; at++) {
      tries(1, 'BAD', '10.0.0.9')
      await clock.advance(1_000)
    }
    expect(tries(1, 'CP2', '10.0.0.9')).toBe(1)
  })

  test('what is remembered has an end: of too many identities the one longest untouched is forgotten', () => {
    const { tries } = stand()
    expect(tries(20, 'CP1', '10.0.0.9')).toBe(10)
    for (let at = 0; at < 10_001; at++) tries(1, `X${at}`, `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`)
    expect(tries(20, 'CP1', '11.0.0.9')).toBe(10)
  })
})
