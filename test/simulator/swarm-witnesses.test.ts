// What the wire and the records witness of a seed hold against kwota, each with the frames that show it.
import { describe, expect, test } from 'vitest'
import type { BehaviourName } from '../../src/simulator/behaviours.ts'
import { drawWorld } from '../../src/simulator/swarm/draw-world.ts'
import { createFindings } from '../../src/simulator/swarm/finding.ts'
import { createRecordsWitness } from '../../src/simulator/swarm/records-witness.ts'
import { createWireWitness } from '../../src/simulator/swarm/wire-witness.ts'
import { worldSchema } from '../../src/simulator/swarm/world.ts'
import { createYard, type Load, type Yard } from '../../src/simulator/swarm/yard.ts'
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts'
import { wireSite } from '../../src/simulator/wiring.ts'
import { ScriptedCentral } from './scripted-central.ts'

function openWitness() {
  const findings = createFindings(() => 0)
  const place = { path: ['main'], phases: ['L1', 'L2', 'L3'] as const, maxA: 32, minA: 6, direct: false, efficiency: 1 }
  const yard: Pick<Yard, 'loads' | 'placeOf'> = { loads: () => [], placeOf: () => place }
  const wire = createWireWitness({
    world: drawWorld(1, { minutes: 1, mostStations: 2 }), clock: createVirtualClock({ wallAtZero: Date.UTC(2026, 0, 1) }), nodes: [], findings,
    yard: () => yard as Yard, ground: () => null, fitSinceMs: () => Infinity,
  })
  const told = (purpose: string, connectorId: number): void => {
    const profile = { chargingProfileId: 1, stackLevel: 0, chargingProfilePurpose: purpose, chargingProfileKind: 'Absolute', chargingSchedule: { startSchedule: '2025-12-31T23:00:00Z', chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }] } }
    wire.frame(1, 'A', 'out', JSON.stringify([2, `${purpose} ${connectorId}`, 'SetChargingProfile', { connectorId, csChargingProfiles: profile }]))
    wire.frame(1, 'A', 'in', JSON.stringify([3, `${purpose} ${connectorId}`, { status: 'Accepted' }]))
  }
  return { wire, told, kinds: () => findings.list.map(({ invariant }) => invariant) }
}

describe('the wire witness', () => {
  test('sees two live sessions of one charge point, and not one after the other', () => {
    const { wire, kinds } = openWitness()
    wire.opened(1, 'A')
    wire.opened(2, 'B')
    wire.closed(1, 'A')
    wire.opened(3, 'A')
    wire.closed(4, 'A')
    wire.opened(4, 'A')
    expect(kinds()).toEqual([])
    wire.opened(5, 'A')
    expect(kinds()).toEqual(['one-session'])
  })

  test('sees a TxProfile where no TxDefaultProfile was sent before it', () => {
    const { told, kinds } = openWitness()
    told('ChargePointMaxProfile', 0)
    told('TxDefaultProfile', 1)
    told('TxProfile', 1)
    expect(kinds()).toEqual([])
    told('TxProfile', 2)
    expect(kinds()).toEqual(['I5'])
  })
})

describe('the wire witness between a lowering and a raising', () => {
  /** A car lowered from 18 to 16 A of 25, one of building, and another that is raised from 6 to 8 A: what it finds. */
  function raiseAfter(...between: readonly ((frames: { sample: (values: readonly object[]) => void; standby: (limit?: number) => void; renew: (meanwhile: () => void) => void; waits: (ms: number) => void; stops: (told: boolean) => void }) => void)[]): readonly string[] {
    const findings = createFindings(() => 0)
    const phases = ['L1', 'L2', 'L3'] as const
    const car = (key: string, permitA: number): Load => ({ key, client: key[0]!, connectorId: 1, path: ['main'], phases, drawA: permitA, permitA, transactionId: 7, trusted: true, carA: 32, unmetered: false })
    let loads: readonly Load[] = []
    let nowMs = 0
    const yard: Pick<Yard, 'loads' | 'placeOf'> = { loads: () => loads, placeOf: () => ({ path: ['main'], phases, maxA: 32, minA: 6, direct: false, efficiency: 1 }) }
    const even = (amps: number) => ({ L1: amps, L2: amps, L3: amps })
    const world = drawWorld(1, { minutes: 1, mostStations: 2 })
    const wire = createWireWitness({
      world: { ...world, site: { ...world.site, voltage: 230 } }, clock: { ...createVirtualClock({ wallAtZero: Date.UTC(2026, 0, 1) }), mono: () => nowMs }, findings, yard: () => yard as Yard, fitSinceMs: () => Infinity,
      nodes: [{ id: 'main', parent: null, feeds: phases, limitA: even(25), limitW: null, imbalanceLimitA: null }], ground: () => ({ baseA: even(1), tiltA: () => 0, limits: [], slackA: 0 }),
    })
    let id = 0
    const tell = (client: string, purpose: string, limit: number, meanwhile = (): void => undefined): void => {
      const asked = ++id
      const profile = { chargingProfileId: 1, stackLevel: 0, chargingProfilePurpose: purpose, ...(purpose === 'TxProfile' ? { transactionId: 7 } : {}), chargingProfileKind: 'Absolute', chargingSchedule: { startSchedule: '2025-12-31T23:00:00Z', chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] } }
      wire.frame(client === 'A' ? 1 : 2, client, 'out', JSON.stringify([2, `${asked}`, 'SetChargingProfile', { connectorId: 1, csChargingProfiles: profile }]))
      meanwhile()
      wire.frame(client === 'A' ? 1 : 2, client, 'in', JSON.stringify([3, `${asked}`, { status: 'Accepted' }]))
    }
    for (const client of ['A', 'B']) tell(client, 'TxDefaultProfile', 0)
    // The answer to their starts has not come to them yet.
    loads = [{ ...car('A/1', 18), transactionId: null }, { ...car('B/1', 6), transactionId: null }]
    tell('A', 'TxProfile', 18)
    tell('B', 'TxProfile', 6)
    loads = [car('A/1', 18), car('B/1', 6)]
    tell('A', 'TxProfile', 16)
    loads = [car('A/1', 16), car('B/1', 6)]
    const sample = (sampledValue: readonly object[]) => wire.frame(1, 'A', 'in', JSON.stringify([2, `m${++id}`, 'MeterValues', { connectorId: 1, meterValue: [{ timestamp: '', sampledValue }] }]))
    const stops = (told: boolean): void => {
      loads = [{ ...car('A/1', 0), transactionId: null }, car('B/1', 6)]
      if (told) wire.frame(1, 'A', 'in', JSON.stringify([2, `s${++id}`, 'StopTransaction', { transactionId: 7, meterStop: 0, timestamp: '' }]))
    }
    for (const one of between) one({ sample, standby: (limit = 8) => tell('A', 'TxDefaultProfile', limit), renew: (meanwhile) => tell('A', 'TxProfile', 16, meanwhile), waits: (ms) => { nowMs += ms }, stops })
    tell('B', 'TxProfile', 8)
    return findings.list.map(({ invariant }) => invariant)
  }
  const amps = (value: string) => ['L1', 'L2', 'L3'].map((phase) => ({ value, measurand: 'Current.Import', phase, unit: 'A' }))
  const watts = (value: string) => ({ value, measurand: 'Power.Active.Import', unit: 'W' })

  test('sees a raising into what has not settled', () => {
    expect(raiseAfter()).toEqual(['I2'])
    expect(raiseAfter(({ sample }) => sample(amps('18')))).toEqual(['I2'])
    expect(raiseAfter(({ sample }) => sample(amps('NaN')))).toEqual(['I2'])
    expect(raiseAfter(({ sample }) => sample([...amps('NaN'), watts('12420')]))).toEqual(['I2'])
    expect(raiseAfter(({ standby }) => standby())).toEqual(['I2'])
  })

  test('and none where a sample has shown the fall, by its power where its amps are no numbers', () => {
    expect(raiseAfter(({ sample }) => sample(amps('16')))).toEqual([])
    expect(raiseAfter(({ sample }) => sample([...amps('NaN'), watts('11040')]))).toEqual([])
  })

  test('nor where a TxDefaultProfile beneath the TxProfile was raised meanwhile', () => {
    expect(raiseAfter(({ standby }) => standby(), ({ sample }) => sample(amps('16')))).toEqual([])
    expect(raiseAfter(({ sample }) => sample(amps('16')), ({ standby }) => standby())).toEqual([])
  })

  test('nor where what is lowered beneath the TxProfile is the TxDefaultProfile, whenever that one left', () => {
    expect(raiseAfter(({ standby }) => standby(0))).toEqual(['I2'])
    expect(raiseAfter(({ standby }) => standby(0), ({ sample }) => sample(amps('16')))).toEqual([])
  })

  test('nor once the transaction of what has not settled is over, as soon as anybody is told', () => {
    expect(raiseAfter(({ stops }) => stops(false))).toEqual(['I2'])
    expect(raiseAfter(({ stops }) => stops(true))).toEqual([])
  })

  test('nor where the fall was shown while the same limit was on its way once more', () => {
    expect(raiseAfter(({ renew }) => renew(() => undefined))).toEqual(['I2'])
    expect(raiseAfter(({ renew, sample }) => renew(() => sample(amps('18'))))).toEqual(['I2'])
    expect(raiseAfter(({ renew, sample }) => renew(() => sample(amps('16'))))).toEqual([])
    expect(raiseAfter(({ renew, waits }) => renew(() => waits(8_000)))).toEqual(['I2'])
    expect(raiseAfter(({ renew, waits }) => renew(() => waits(10_000)))).toEqual([])
  })
})

test('the records witness sees one start that is two transactions', () => {
  const findings = createFindings(() => 0)
  const records = createRecordsWitness(findings)
  for (const [line, transactionId] of [[1, 7], [2, 7], [3, 8]] as const) {
    records.frame(line, 'A', 'in', JSON.stringify([2, 'x', 'StartTransaction', { connectorId: 1, idTag: 't', timestamp: '', meterStart: 0 }]))
    records.frame(line, 'A', 'out', JSON.stringify([3, 'x', { transactionId }]))
  }
  expect(findings.list.map(({ invariant }) => invariant)).toEqual(['transactions'])
})

describe('a charge point is held again to what it was told', () => {
  /** A minute after the boot with which it was put right; told something or nothing before. */
  async function isTrusted(keepsProfiles: boolean, habit: BehaviourName, told = true): Promise<boolean | undefined> {
    const world = worldSchema.parse({
      seed: 1, options: {}, site: { id: 'main', fuseA: 63 }, leaseS: 180, meter: null, base: { L1: 0, L2: 0, L3: 0 }, events: [], faultsFromMs: 0, healMs: 0, endMs: 0,
      chargePoints: [{ config: { id: 'CP1', site: 'main', keepsProfiles, connectors: [{ id: 1 }] }, sampleS: 10, joinsAtMs: 0, behaviours: [habit] }],
    })
    const clock = createVirtualClock({ wallAtZero: Date.UTC(2026, 0, 1) })
    const central = new ScriptedCentral(clock)
    const yard = createYard({ world, wiring: wireSite(world.site), clock, part: (name) => clock.partOf(name), dial: central.dial, tell: () => undefined })
    const schedule = { startSchedule: '2025-12-31T23:00:00Z', chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }] }
    yard.begin()
    await clock.runUntil(5_000)
    if (told) central.call('SetChargingProfile', { connectorId: 1, csChargingProfiles: { chargingProfileId: 1, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute', chargingSchedule: schedule } })
    await clock.runUntil(8_000)
    yard.chargePoint('CP1').goOffline()
    yard.plug('CP1/1', { maxA: 16, phases: 3, followS: 0, energyNeededWh: Infinity })
    yard.heal('CP1')
    await clock.runUntil(99_000)
    yard.stop()
    return yard.loads()[0]?.trusted
  }

  test.each<[string, boolean, Parameters<typeof isTrusted>]>([
    ['once it has booted, as it is told anew then', true, [false, 'forgets-on-disconnect']],
    ['never where it is said to keep what it has lost: nobody tells it anew', false, [true, 'forgets-on-disconnect']],
    ['once it has booted where it had nothing to lose', true, [true, 'forgets-on-disconnect', false]],
    ['once it has booted where it has lost nothing', true, [true, 'forgets-on-reboot']],
  ])('%s', async (_, trusted, given) => {
    expect(await isTrusted(...given)).toBe(trusted)
  })
})
