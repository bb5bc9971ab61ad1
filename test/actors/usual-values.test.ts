// The short way of a usual MeterValues leaves what the long way leaves: records, events, history, ledger, decisions and what is sent.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { takeTheLongWay } from '../../src/actors/handlers/meter-values.ts'
import type { MeterValue } from '../../src/protocol/messages/index.ts'
import { PlainMeterValues, shapeOf } from '../../src/protocol/meter-shape.ts'
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import type { Peer } from './site-stand.ts'

const bounds = process.env.CASES === undefined ? { numRuns: 40 } : { numRuns: Number(process.env.CASES) }

type Way = 'long' | 'short' | 'known form'
interface Said { readonly connectorId: number; readonly names: 'running' | 'none' | 'other'; readonly kinds: number; readonly amps: number; readonly lateS: number; readonly elements: number; readonly text?: string }
type Step =
  | { readonly do: 'say'; readonly at: 'CP1' | 'CP2'; readonly said: Said }
  | { readonly do: 'again' } | { readonly do: 'wait'; readonly s: number }
  | { readonly do: 'start' | 'stop'; readonly at: 'CP1' | 'CP2'; readonly connectorId: number }
  | { readonly do: 'status'; readonly status: string } | { readonly do: 'limit'; readonly limitA: number } | { readonly do: 'car'; readonly phases: 1 | 3 }
  | { readonly do: 'leap'; readonly aheadS: number } | { readonly do: 'reconnect' } | { readonly do: 'rewire'; readonly maxA: number } | { readonly do: 'sample interval'; readonly s: number }

const point = fc.constantFrom('CP1' as const, 'CP1' as const, 'CP2' as const)
const connectorId = fc.constantFrom(1, 1, 1, 2)
const said: fc.Arbitrary<Said> = fc.record({
  connectorId: fc.constantFrom(1, 1, 1, 1, 2, 0, 3), names: fc.constantFrom('running' as const, 'running' as const, 'running' as const, 'none' as const, 'other' as const), kinds: fc.nat({ max: 5 }), amps: fc.constantFrom(0, 0.4, 6, 9.5, 12, 15.8, 16, 31.5, 40),
  lateS: fc.constantFrom(0, 0, 0, 0, 0, 1.5, 40, 7_200, -3, -90_000), elements: fc.constantFrom(1, 1, 1, 1, 2), text: fc.constantFrom('', '', '', '', '', '12.x'),
})
const say: fc.Arbitrary<Step> = fc.record({ do: fc.constant('say' as const), at: point, said })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: say }, { weight: 8, arbitrary: fc.constantFrom(...[1, 10, 10, 10, 30, 61].map((s) => ({ do: 'wait' as const, s }))) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('start' as const, 'stop' as const), at: point, connectorId }) }, { weight: 1, arbitrary: fc.constant({ do: 'again' as const }) },
  { weight: 1, arbitrary: fc.oneof(
    fc.constantFrom('Charging', 'SuspendedEV', 'Finishing').map((status) => ({ do: 'status' as const, status })), fc.constantFrom(6, 20, 63).map((limitA) => ({ do: 'limit' as const, limitA })),
    fc.constantFrom<1 | 3>(1, 3).map((phases) => ({ do: 'car' as const, phases })), fc.constantFrom(0, 12, 45, -45, 3_600).map((aheadS) => ({ do: 'leap' as const, aheadS })),
    fc.constant({ do: 'reconnect' as const }), fc.constantFrom(16, 32).map((maxA) => ({ do: 'rewire' as const, maxA })), fc.constantFrom(5, 60).map((s) => ({ do: 'sample interval' as const, s })),
  ) },
)

const phases = ['L1', 'L2', 'L3'] as const
/** As different makes say it: by phase, in kilo, one total, current without a phase, of a battery, nothing of the register. */
function samplesOf({ kinds, amps, text }: Said, energyWh: number): MeterValue['sampledValue'] {
  const energy = { value: String(energyWh), measurand: 'Energy.Active.Import.Register' as const, unit: 'Wh' as const }
  const currents = phases.map((phase) => ({ value: text === '' || text === undefined ? String(amps) : text, measurand: 'Current.Import' as const, phase, unit: 'A' as const }))
  const power = { value: String(amps * 690), measurand: 'Power.Active.Import' as const, unit: 'W' as const, context: 'Sample.Periodic' as const }
  const volts = phases.map((phase) => ({ value: '231.5', measurand: 'Voltage' as const, phase: `${phase}-N` as const, unit: 'V' as const, location: 'Outlet' as const }))
  const all: MeterValue['sampledValue'][] = [
    [energy, power, ...currents, ...volts, { value: '54', measurand: 'SoC', unit: 'Percent', location: 'EV' }],
    [{ value: (energyWh / 1000).toFixed(4), unit: 'kWh' }, ...currents],
    [power, energy],
    [{ value: String(amps), measurand: 'Current.Import' }, energy],
    [...currents.slice(0, 1), { value: '30', measurand: 'Temperature' }, { value: String(amps), measurand: 'Current.Import', unit: 'W' }],
    [power, { value: '400', measurand: 'Voltage' }, energy, { value: '7', format: 'SignedData' }],
  ]
  return all[kinds]!
}

interface Line { peer: Peer; readonly running: Map<number, number>; aheadS: number; register: number }

async function live(way: Way, steps: readonly Step[]) {
  let [sampleS, transactionId] = [10, 0]
  const stand = await openHouse({
    transactionId: () => ++transactionId, sites: [{ fuseA: 63 }], chargePoints: [{ id: 'CP1', connectors: [{ id: 1 }, { id: 2 }], obeysLease: true }, { id: 'CP2', connectors: [{ id: 1, current: 'DC', maxW: 50_000, maxA: 80 }] }],
  })
  const { clock, house, directory: { estate, desk } } = stand
  const boot = (id: string) => stand.boot(id, (peer) => {
    const { script } = peer
    peer.script = (action, payload) => (action === 'GetConfiguration' ? { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '8' }, { key: 'MeterValueSampleInterval', readonly: false, value: String(sampleS) }], unknownKey: [] } : script(action, payload))
  })
  const lines = { CP1: lineOf(await boot('CP1')), CP2: lineOf(await boot('CP2')) }
  const answers: unknown[] = []
  const handle = async (peer: Peer, payload: Payload): Promise<void> => {
    const family = estate.familyOf(peer.clientID)!
    const isKnown = estate.point(peer.clientID)!.record.config.connectors.some(({ id }) => id === payload.connectorId)
    const answered = way === 'long' && isKnown ? Promise.resolve(takeTheLongWay(family.station, payload)) : Promise.resolve(desk.handle(peer, 'MeterValues', way === 'known form' ? inKnownForm(payload) : payload, []))
    answered.catch(() => undefined)
    await clock.advance(10)
    answers.push(await answered)
  }
  let last: [keyof typeof lines, Payload] | null = null
  for (const one of [{ do: 'start', at: 'CP1', connectorId: 1 } as Step, { do: 'wait', s: 15 } as Step, ...steps]) {
    const line = 'at' in one ? lines[one.at] : lines.CP1
    const iso = (lateS = 0): string => new Date(clock.wall() + (line.aheadS - lateS) * 1000).toISOString()
    if (one.do === 'wait') await clock.advance(one.s * 1000)
    else if (one.do === 'start' && !line.running.has(one.connectorId)) {
      const { transactionId } = await stand.call(line.peer, 'StartTransaction', { connectorId: one.connectorId, idTag: 'T', meterStart: line.register, timestamp: iso() }) as { transactionId: number }
      line.running.set(one.connectorId, transactionId)
    } else if (one.do === 'stop' && line.running.has(one.connectorId)) {
      await stand.call(line.peer, 'StopTransaction', { transactionId: line.running.get(one.connectorId), meterStop: line.register, timestamp: iso() })
      line.running.delete(one.connectorId)
    } else if (one.do === 'status') await stand.call(line.peer, 'StatusNotification', { connectorId: 1, status: one.status, errorCode: 'NoError', timestamp: iso() })
    else if (one.do === 'limit') await Promise.all([house.setGridLimit('main', { currentA: one.limitA }, caller), clock.advance(100)])
    else if (one.do === 'car') await Promise.all([house.patchConnector('CP1', 1, { vehiclePhases: one.phases }, caller), clock.advance(100)])
    else if (one.do === 'leap') lines.CP1.aheadS = one.aheadS
    else if (one.do === 'sample interval') sampleS = one.s
    else if (one.do === 'reconnect') {
      await stand.call(line.peer, 'Heartbeat', {})
      desk.disconnected(line.peer, 1006, '')
      line.peer.cut()
      await clock.advance(2_000)
      line.peer = await boot('CP1')
    } else if (one.do === 'rewire') {
      const { record } = estate.point('CP1')!
      estate.point('CP1')!.record = { ...record, config: { ...record.config, connectors: record.config.connectors.map((connector) => ({ ...connector, maxA: one.maxA })) } }
      estate.reconfigure('main')
      await clock.advance(10)
    } else if (one.do === 'again' && last !== null) await handle(lines[last[0]].peer, last[1])
    else if (one.do === 'say') {
      line.register += 40
      const { connectorId: at, names, lateS, elements } = one.said
      const transactionId = names === 'none' ? undefined : names === 'running' ? line.running.get(at) : 4_711
      const payload: Payload = {
        connectorId: at, ...(transactionId === undefined ? {} : { transactionId }),
        meterValue: Array.from({ length: elements }, (_, nth) => ({ timestamp: iso(lateS + nth * 5), sampledValue: samplesOf(one.said, line.register - nth * 5) })) as [MeterValue],
      }
      last = [one.at, payload]
      await handle(line.peer, payload)
    }
  }
  await clock.advance(61_000)
  const left = await leftBy(stand, lines, answers)
  stand.directory.crash()
  return left
}

interface Payload { connectorId: number; transactionId?: number; meterValue: [MeterValue, ...MeterValue[]] }

function lineOf(peer: Peer): Line { return { peer, running: new Map(), aheadS: 0, register: 1_000 } }

function inKnownForm(payload: Payload): Payload | PlainMeterValues {
  const [{ timestamp, sampledValue }] = payload.meterValue
  const shape = payload.meterValue.length === 1 ? shapeOf(sampledValue) : null
  return shape === null ? payload : new PlainMeterValues(payload.connectorId, payload.transactionId, timestamp, shape, sampledValue.map(({ value }) => value))
}

async function leftBy(stand: HouseStand, lines: Readonly<Record<string, Line>>, answers: readonly unknown[]) {
  const { estate } = stand.directory
  const { scope, room } = estate.sites.get('main')!
  const { history } = estate.meters.of('main')
  const keys = [...room.engine.books.tree.outlets.keys(), 'CP1/0']
  const rows = await Promise.all(keys.map((key) => history.rows(key, 0, Infinity)))
  return {
    answers, events: stand.events, logged: stand.logged, records: scope.entries(''), rows,
    ledger: keys.map((key) => room.engine.books.row(key)), meters: keys.map((key) => ({ ...room.engine.meters.readings.get(key) })), power: room.power(),
    sent: Object.values(lines).map(({ peer }) => peer.calls), alerts: estate.alerts.list(),
    readings: Object.keys(lines).map((id) => [...estate.familyOf(id)!.station.readings]), running: Object.keys(lines).map((id) => estate.familyOf(id)!.transactions()), useless: Object.keys(lines).map((id) => estate.familyOf(id)!.view().quirks.badSamples),
  }
}

const saying = (more: Partial<Said> = {}): Step => ({ do: 'say', at: 'CP1', said: { connectorId: 1, names: 'running', kinds: 0, amps: 16, lateS: 0, elements: 1, text: '', ...more } })
const wait: Step = { do: 'wait', s: 10 }
/** What chance brings about too seldom. */
const odd: readonly (readonly Step[])[] = [
  // A clock that leaps while a car charges: what is counted, and whether its lease is believed.
  [saying(), wait, saying({ text: '12.x' }), wait, { do: 'leap', aheadS: 3_600 }, saying(), wait, saying(), { do: 'leap', aheadS: 0 }, wait, saying(), { do: 'wait', s: 61 }, saying(), wait, saying(), wait, saying()],
  [{ do: 'leap', aheadS: 45 }, saying(), wait, saying({ text: '12.x' }), wait, { do: 'stop', at: 'CP1', connectorId: 1 }, { do: 'start', at: 'CP1', connectorId: 1 }, saying(), wait, { do: 'leap', aheadS: 0 }, saying(), wait, saying()],
  [saying(), { do: 'stop', at: 'CP1', connectorId: 1 }, { do: 'start', at: 'CP1', connectorId: 1 }, wait, saying(), { do: 'leap', aheadS: -45 }, wait, saying(), { do: 'wait', s: 61 }, saying(), { do: 'wait', s: 61 }, saying(), wait, saying()],
]

test('whatever is said among them', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 40 }) as fc.Arbitrary<readonly Step[]>, async (steps) => {
    const long = await live('long', steps)
    expect(await live('short', steps)).toEqual(long)
    expect(await live('known form', steps)).toEqual(long)
  }), { ...bounds, examples: odd.map((steps) => [steps]) })
}, 120_000)
