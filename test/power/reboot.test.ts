// Reboots and lost leases, played out: what a charge point may have forgotten, and what it may still hold.
import { describe, expect, test } from 'vitest'
import { stations } from './fixtures.ts'
import { begin, confirmed, expectSafe, held, sentSince, silent } from './scene.ts'

describe('a reboot with a leased TxProfile', () => {
  const scene = (obeysLease: boolean, keepsProfiles: boolean) => begin({ fuseA: 38 }, stations(2, { obeysLease, keepsProfiles, fallbackA: 6 }), ['CP1/1', 'CP2/1'])

  test.each([true, false])('kept profiles count as before, and nothing is sent again (obeysLease %s)', (obeysLease) => {
    const one = scene(obeysLease, true)
    const { play } = one
    play.reboot('CP1', 10_000, false)
    play.until(131_000)
    expect([held(play, 'CP1/1'), play.rows.get('CP1/1')!.doubtSinceMs, sentSince(play, 120_000)]).toEqual([19, null, []])
    expectSafe(one)
  })

  test.each([true, false])('forgotten ones: the fallback first, then the share again (obeysLease %s)', (obeysLease) => {
    const one = scene(obeysLease, false)
    const { play } = one
    play.reboot('CP1', 10_000, true)
    play.until(130_100)
    expect(sentSince(play, 120_000)).toEqual(['lower CP1/1 default 6'])
    expect([held(play, 'CP1/1'), play.plan!.state]).toEqual([19, 'enforcing'])
    play.until(240_000)
    expect(sentSince(play, 130_100)).toEqual(['raise CP1/1 tx 19'])
    expect([confirmed(play, 'CP1/1'), confirmed(play, 'CP2/1'), play.plan!.state]).toEqual([19, 19, 'enforced'])
    expectSafe(one)
  })

  test('a fallback that cannot be confirmed within 5 s counts as the hardware, and the other gives way', () => {
    const one = scene(false, false)
    const { play } = one
    play.treat('CP1', () => silent)
    play.reboot('CP1', 10_000, true)
    play.until(134_900)
    expect([held(play, 'CP1/1'), play.plan!.targets.get('CP2/1')!.allocatedA]).toEqual([19, 19])
    play.until(135_100)
    expect([held(play, 'CP1/1'), play.plan!.targets.get('CP2/1')!.allocatedA]).toEqual([32, 6])
    play.until(150_000)
    expect(confirmed(play, 'CP2/1')).toBe(6)
    expectSafe(one)
  })

  test('out of reach beyond its lease: one that obeys frees its amps a minute after, one that may not never does', () => {
    for (const obeysLease of [true, false]) {
      const one = scene(obeysLease, false)
      const { play } = one
      const endsAtMs = play.rows.get('CP1/1')!.tx.confirmed!.leaseEndsAtMs!
      play.disconnect('CP1')
      play.until(endsAtMs + 59_900)
      expect([held(play, 'CP1/1'), confirmed(play, 'CP2/1')]).toEqual([19, 19])
      play.until(endsAtMs + 90_000)
      expect([held(play, 'CP1/1'), confirmed(play, 'CP2/1')]).toEqual(obeysLease ? [6, 32] : [19, 19])
      // Back again, its old limit is a raising: the other has to go down before.
      play.connect('CP1')
      play.until(endsAtMs + 90_800)
      expect(sentSince(play, endsAtMs + 89_999).filter((sent) => !sent.includes('default'))).toEqual(obeysLease ? ['lower CP2/1 tx 19'] : ['raise CP1/1 tx 19'])
      play.until(endsAtMs + 200_000)
      expect([confirmed(play, 'CP1/1'), confirmed(play, 'CP2/1'), play.plan!.state]).toEqual([19, 19, 'enforced'])
      expectSafe(one)
    }
  })
})
