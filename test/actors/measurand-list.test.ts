// What a charge point takes of a list that it refuses as a whole: the most important first, few questions, never a loop.
import { expect, test } from 'vitest'
import { findTaken, listsMeasurands, mostTries, type Ask } from '../../src/actors/measurand-list.ts'

const energy = 'Energy.Active.Import.Register'
const five = ['SoC', 'Voltage', 'Current.Import', 'Power.Active.Import', energy]

/** A charge point that takes what `fits`; what it was asked, and what it has in the end. */
function asked(fits: (items: readonly string[]) => boolean) {
  const said: string[] = []
  let has = ''
  const ask: Ask = (items) => {
    said.push(items.join())
    if (fits(items)) has = items.join()
    return Promise.resolve(fits(items) ? 'taken' : 'refused')
  }
  return { said, ask, has: () => has }
}

const search = (list: readonly string[], fits: (items: readonly string[]) => boolean, most: number | null = null) => {
  const point = asked(fits)
  return findTaken(list, { refused: true, most, ask: point.ask }).then((found) => ({ ...point, found }))
}

test('without SoC it keeps the rest, in few questions', async () => {
  const { found, said, has } = await search(five, (items) => !items.includes('SoC'))
  expect(found).toEqual({ taken: [energy, 'Power.Active.Import', 'Current.Import', 'Voltage'], refused: ['SoC'], leftOut: [] })
  expect(has()).toBe(found!.taken.join())
  expect(said.length).toBeLessThanOrEqual(4)
})

test('who does not know phases here is asked for the measurand without them', async () => {
  const { found } = await search(['Current.Import.L1', 'Current.Import.L2', 'Current.Import.L3', 'Voltage.L1-N', energy], (items) => !items.some((item) => /\.L\d/.test(item)))
  expect(found).toEqual({ taken: [energy, 'Current.Import', 'Voltage'], refused: ['Current.Import.L1', 'Current.Import.L2', 'Current.Import.L3', 'Voltage.L1-N'], leftOut: [] })
})

test('two at most: the two that matter most, whether it says so or not', async () => {
  const silent = await search(five, (items) => items.length <= 2)
  expect(silent.found?.taken).toEqual([energy, 'Power.Active.Import'])
  expect(silent.has()).toBe(`${energy},Power.Active.Import`)
  const told = await search(five, (items) => items.length <= 2, 2)
  expect(told.found).toEqual({ taken: [energy, 'Power.Active.Import'], refused: [], leftOut: ['Current.Import', 'Voltage', 'SoC'] })
  expect(told.said).toHaveLength(1)
})

test('none at all is found out soon', async () => {
  const { found, said } = await search(five, () => false)
  expect(found?.taken).toEqual([])
  expect([...found!.refused, ...found!.leftOut].sort()).toEqual(five.toSorted())
  expect(said.length).toBeLessThan(8)
})

test('whatever it takes, the questions are few, none is asked twice, and nothing is lost', async () => {
  const list = [...five, 'Frequency', 'Temperature', 'Current.Offered', 'Power.Offered', 'Power.Factor', 'Current.Export', 'RPM', 'Power.Reactive.Import', 'Energy.Reactive.Import.Register', 'Energy.Active.Import.Interval', 'Power.Active.Export']
  for (let seed = 1; seed < 200; seed++) {
    const bad = new Set(list.filter((_, at) => (seed * (at + 7) * 2_654_435_761 >>> 5) % 5 === 0))
    const most = 1 + seed % 20
    const { found, said, has } = await search(list, (items) => items.length <= most && !items.some((item) => bad.has(item)))
    expect(said.length).toBeLessThanOrEqual(mostTries)
    expect(new Set(said).size).toBe(said.length)
    expect(said.filter((one) => one.split(',').length === list.length)).toEqual([])
    expect(has()).toBe(found!.taken.join())
    expect([...found!.taken, ...found!.refused, ...found!.leftOut].sort()).toEqual(list.toSorted())
  }
})

test('without an answer nothing is learnt', async () => {
  expect(await findTaken(five, { refused: true, most: null, ask: () => Promise.resolve('broken') })).toBeNull()
})

test('only lists of measurands are split', () => {
  expect(['metervaluessampleddata', 'StopTxnAlignedData', 'MeterValuesSampledDataMaxLength', 'SupportedFeatureProfiles', 'ConnectorPhaseRotation', 'Vendor.List'].map(listsMeasurands)).toEqual([true, true, false, false, false, false])
})
