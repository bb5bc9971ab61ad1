// Each way a charge point misbehaves does what its name says, and nothing else.
import { describe, expect, test } from 'vitest'
import { behaviourNames, combineBehaviours, type BehaviourName } from '../../src/simulator/behaviours.ts'
import { createBench, samplesOf } from './scripted-central.ts'

const car = { maxA: 32, phases: 3 as const, energyNeededWh: Infinity }

async function charging(...behaviours: BehaviourName[]) {
  const bench = createBench({ behaviours })
  bench.chargePoint.start()
  bench.chargePoint.plugIn(1, car)
  await bench.run(15)
  return bench
}

async function told(bench: Awaited<ReturnType<typeof charging>>, limit: number, more: Parameters<typeof bench.setProfile>[2] = {}, unit: 'A' | 'W' = 'A') {
  const id = bench.setProfile(1, limit, more, unit)
  await bench.run(1)
  return bench.central.answers.get(id)?.payload
}

const tx = { chargingProfilePurpose: 'TxProfile' as const, transactionId: 100 }

describe('behaviours', () => {
  test('an honest one obeys within five seconds', async () => {
    const bench = await charging()
    expect(await told(bench, 10)).toEqual({ status: 'Accepted' })
    await bench.run(4)
    expect(bench.look()).toMatchObject({ drawA: 10, permitA: 10 })
  })
  test('ignores-profiles: says Accepted and charges on', async () => {
    const bench = await charging('ignores-profiles')
    expect(await told(bench, 10)).toEqual({ status: 'Accepted' })
    await bench.run(60)
    expect(bench.look()).toMatchObject({ drawA: 32, permitA: 32 })
  })
  test('applies-late: Accepted now, in force after 30 s', async () => {
    const bench = await charging('applies-late')
    expect(await told(bench, 10)).toEqual({ status: 'Accepted' })
    await bench.run(28)
    expect(bench.look().permitA).toBe(32)
    await bench.run(8)
    expect(bench.look().drawA).toBe(10)
  })
  test('answers-late: in force now, answered after 20 s', async () => {
    const bench = await charging('answers-late')
    expect(await told(bench, 10)).toBeUndefined()
    await bench.run(5)
    expect(bench.look().drawA).toBe(10)
    await bench.run(15)
    expect([...bench.central.answers.values()]).toMatchObject([{ payload: { status: 'Accepted' } }])
  })
  test.each<[BehaviourName, 'drop' | 'reboot']>([['forgets-on-disconnect', 'drop'], ['forgets-on-reboot', 'reboot']])('%s: unlimited after it', async (name, cause) => {
    for (const [behaviours, permitA] of [[[], 10], [[name], 32]] as const) {
      const bench = await charging(...behaviours)
      await told(bench, 10)
      if (cause === 'drop') bench.central.drop()
      else bench.chargePoint.reboot()
      await bench.run(40)
      expect(bench.look().permitA).toBe(permitA)
    }
  })
  test('full-power-after-pause: until the next profile', async () => {
    const bench = await charging('full-power-after-pause')
    for (const [limit, drawA] of [[10, 10], [0, 0], [8, 32], [8, 8]] as const) {
      await told(bench, limit)
      await bench.run(10)
      expect(bench.look().drawA).toBe(drawA)
    }
  })
  test('rejects-tx-profile: the default is taken', async () => {
    const bench = await charging('rejects-tx-profile')
    expect(await told(bench, 10, tx)).toEqual({ status: 'Rejected' })
    expect(await told(bench, 12)).toEqual({ status: 'Accepted' })
    expect(bench.look().permitA).toBe(12)
  })
  test('not-supported: none is', async () => {
    const bench = await charging('not-supported')
    expect(await told(bench, 10)).toEqual({ status: 'NotSupported' })
    expect(bench.look().permitA).toBe(32)
  })
  test('watts-only: refuses amps, says so in its configuration', async () => {
    const bench = await charging('watts-only')
    expect(await told(bench, 10)).toEqual({ status: 'Rejected' })
    expect(await told(bench, 6900, {}, 'W')).toEqual({ status: 'Accepted' })
    expect(bench.look().permitA).toBe(10)
    const id = bench.central.call('GetConfiguration', { key: ['ChargingScheduleAllowedChargingRateUnit'] })
    await bench.run(1)
    expect(bench.central.answers.get(id)?.payload).toMatchObject({ configurationKey: [{ value: 'Power' }] })
  })
  test('claims-amps: what takes watts only may say that it takes both', () => {
    expect(combineBehaviours(['watts-only', 'claims-amps'])).toMatchObject({ rateUnits: 'Current,Power' })
  })
  test('connector-zero-only', async () => {
    const bench = await charging('connector-zero-only')
    expect(await told(bench, 10)).toEqual({ status: 'Rejected' })
    bench.setProfile(0, 11)
    await bench.run(1)
    expect(bench.look().permitA).toBe(11)
  })
  test('single-phase: a three-phase car draws on one', async () => {
    const bench = await charging('single-phase')
    expect(bench.look().phases).toBe(1)
    const before = bench.look().deliveredWh
    await bench.run(60)
    expect(bench.look().deliveredWh - before).toBeCloseTo(32 * 230 / 60, 3)
  })
  test('no-meter: not one MeterValues', async () => {
    const bench = await charging('no-meter')
    await bench.run(60)
    expect(bench.central.of('MeterValues')).toEqual([])
  })
  test('meter-in-kw: power and register in kilo, no current', async () => {
    const bench = await charging('meter-in-kw')
    const samples = samplesOf(bench.central.of('MeterValues')[0])
    expect(samples.map(({ measurand, unit }) => `${measurand} ${unit}`)).toEqual(['Power.Active.Import kW', 'Energy.Active.Import.Register kWh'])
    expect(samples[0]?.value).toBe('22.080')
  })
  test('under-reports: it charges and says that it does not', async () => {
    const bench = await charging('under-reports')
    const before = bench.look().deliveredWh
    await bench.run(60)
    expect(bench.look().deliveredWh - before).toBeGreaterThan(300)
    expect(samplesOf(bench.central.of('MeterValues')[0]).map(({ measurand, value }) => [measurand, Number(value)])).toEqual([['Current.Import', 0], ['Current.Import', 0], ['Current.Import', 0], ['Power.Active.Import', 0]])
  })
  test('clock-ahead: its times are an hour ahead, what it obeys is not', async () => {
    const bench = await charging('clock-ahead')
    const start = bench.central.heard.find(({ action }) => action === 'StartTransaction')
    expect(Date.parse(String(start?.payload['timestamp'])) - Date.UTC(2026, 0, 1)).toBeGreaterThan(3_600_000)
    await told(bench, 10)
    expect(bench.look().permitA).toBe(10)
  })
  test('repeats-start-transaction: the same twice, one transaction', async () => {
    const bench = await charging('repeats-start-transaction')
    const starts = bench.central.of('StartTransaction')
    expect(starts).toHaveLength(2)
    expect(starts[0]).toEqual(starts[1])
    expect(bench.look().transactionId).toBe(100)
  })
  test('transaction-id-zero: reports 0, still knows what was meant', async () => {
    const bench = await charging('transaction-id-zero')
    expect(bench.central.of('MeterValues')[0]).toMatchObject({ transactionId: 0 })
    expect(await told(bench, 10, tx)).toEqual({ status: 'Accepted' })
    bench.chargePoint.unplug(1)
    await bench.run(3)
    expect(bench.central.of('StopTransaction')[0]).toMatchObject({ transactionId: 0 })
  })
  test('silent: not a word from the moment it is', async () => {
    const bench = await charging()
    bench.chargePoint.behave(['silent'])
    bench.central.heard.length = 0
    expect(await told(bench, 10)).toBeUndefined()
    await bench.run(60)
    expect(bench.central.heard).toEqual([])
    bench.chargePoint.behave([])
    expect(await told(bench, 10)).toEqual({ status: 'Accepted' })
  })
  test('drops-socket: every minute, and comes back', async () => {
    const bench = await charging('drops-socket')
    await bench.run(200)
    expect(bench.central.dials).toBe(4)
    expect(bench.facts.filter((fact) => fact.type === 'disconnected')).toHaveLength(3)
    expect(bench.central.of('BootNotification')).toHaveLength(1)
  })

  test('every name is known and combines', () => {
    expect(behaviourNames).toHaveLength(25)
    const both = combineBehaviours(['watts-only', 'single-phase', 'rejects-tx-profile'])
    expect(both).toMatchObject({ rateUnits: 'Power', onePhase: true })
    expect(combineBehaviours([]).refuseProfile?.(1, { chargingProfileId: 1, stackLevel: 0, chargingProfilePurpose: 'TxProfile', chargingProfileKind: 'Absolute', chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 1 }] } })).toBeNull()
  })
})
