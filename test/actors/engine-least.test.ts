// A car is told no more than it may be down to while something is over, also when its lowering waits behind a raising that fails.
import { describe, expect, test } from 'vitest'
import { accept, openRoom, type Script } from './site-stand.ts'

const caller = 'local'
const onTx = (answer: ReturnType<Script>): Script => (action, payload) => (payload.csChargingProfiles?.chargingProfilePurpose === 'TxProfile' ? answer : accept(action, payload))
const silent: Script = (action, payload) => (action === 'SetChargingProfile' ? 'hold' : accept(action, payload))

/** CP1 charges at 32 A and answers no lowering; the raising of CP2 from 0 A is on the wire when the limit falls to 24 A. */
async function raisingOnItsWay() {
  const stand = await openRoom({ site: { fuseA: 64 }, chargePoints: [{ id: 'CP1' }, { id: 'CP2' }] })
  const { clock, connect, plugIn, room } = stand
  const [one, two] = [connect('CP1'), connect('CP2')]
  await clock.advance(15_000)
  plugIn('CP1', 1)
  await clock.advance(20_000)
  two.script = onTx('hold')
  plugIn('CP2', 2)
  await clock.advance(1_000)
  expect([one.profiles().at(-1), two.profiles().at(-1)]).toEqual(['TxProfile 1 32', 'TxProfile 1 32'])
  const raising = two.last()
  const mark = two.calls.length
  one.script = onTx('hold')
  void room.setGridLimit({ currentA: 24 }, caller)
  two.script = accept
  return { clock, two, raising, told: () => [...new Set(two.profiles(mark))] }
}

describe('a lowering that waits behind a raising', () => {
  test.each<[string, Record<string, unknown>]>([['was refused', { status: 'Rejected' }], ['got an answer that means nothing', {}]])('which %s', async (_, answer) => {
    const { clock, two, raising, told } = await raisingOnItsWay()
    two.answer(raising, answer)
    await clock.advance(4_000)
    expect(told().filter((each) => each !== 'TxProfile 1 0')).toEqual([])
  })

  test('which was not answered in time', async () => {
    const { clock, told } = await raisingOnItsWay()
    await clock.advance(5_500)
    expect(told()).toEqual(['TxProfile 1 0'])
  })

  test('which was accepted is for what fits, no less', async () => {
    const { clock, two, raising, told } = await raisingOnItsWay()
    two.answer(raising, { status: 'Accepted' })
    await clock.advance(1_000)
    expect(told()).toEqual(['TxProfile 1 12'])
  })
})

test('a car whose first TxProfile was lost holds its TxDefaultProfile, not the fallback that was to be', async () => {
  const { clock, connect, plugIn, room } = await openRoom({ site: { fuseA: 64 }, chargePoints: [{ id: 'CP1', fallbackA: 6 }, { id: 'CP2', fallbackA: 6 }] })
  const [one, two] = [connect('CP1'), connect('CP2')]
  await clock.advance(15_000)
  plugIn('CP1', 1)
  await clock.advance(20_000)
  void room.setGridLimit({ currentA: 10 }, caller)
  await clock.advance(15_000)
  expect(two.profiles().at(-1)).toBe('TxDefaultProfile 1 0')
  void room.setGridLimit({ currentA: 64 }, caller)
  two.script = silent
  plugIn('CP2', 2)
  await clock.advance(35_000)
  const mark = two.calls.length
  one.script = onTx('hold')
  two.script = accept
  void room.setGridLimit({ currentA: 14 }, caller)
  await clock.advance(7_000)
  expect(two.profiles(mark).filter((told) => !told.endsWith(' 0'))).toEqual([])
})
