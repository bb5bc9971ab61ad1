// What is changed about a charge point: the form says all of it, nothing it does not ask for is lost, another's change is kept, and a check leads to where things are mended.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judgeBoot, judgeConfiguration, judgeLimit, judgeProfiles, judgeSecurity, judgeSkew } from '../../src/actors/commissioning/check-judgement.ts'
import type { ChargePointView } from '../../src/actors/views.ts'
import { chargePointSchema } from '../../src/power/site.ts'
import { retyped } from '../../web/src/data/typed.ts'
import { placesFor } from '../../web/src/pages/charge-point/mending.ts'
import { bodyOf, connectorsOf, typedOf, withConnector, withoutConnector } from '../../web/src/pages/charge-point/wiring-change.ts'

const config = {
  ...chargePointSchema.parse({
    id: 'CP-1', site: 'main', circuit: 'row', fallbackA: 6, obeysLease: true, keepsProfiles: true, securityProfile: 2, settings: { heartbeatIntervalS: 60 },
    connectors: [{ id: 1, maxA: 16, stepA: 0.1, phases: ['L2'] }, { id: 2, current: 'DC', maxW: 50_000, efficiency: 0.9 }],
  }),
}
const point: ChargePointView = { ...config, hasPassword: true, connection: { state: 'never', since: null, remoteAddress: null, generation: 0 }, lastSeenAt: null, boot: null, quirks: {}, state: 'away' } as ChargePointView

describe('the wiring of a charge point', () => {
  test('goes through the form as it is, with what the form does not ask for', () => {
    expect(chargePointSchema.parse(bodyOf(point))).toEqual(config)
    expect(Object.keys(config).sort()).toEqual(Object.keys(chargePointSchema.shape).sort())
  })
  test('is changed field by field, and nothing is left of what no longer fits', () => {
    const typed = { ...typedOf(point), 'circuit': '', 'securityProfile': '', 'control': 'none', '1.maxA': '32', '1.phases': '', '2.current': 'AC', '2.maxA': '20' }
    const { circuit: _, securityProfile: __, ...rest } = config
    expect(chargePointSchema.parse(bodyOf(point, typed))).toEqual({ ...rest, control: 'none', connectors: [{ id: 1, maxA: 32, minA: 6, stepA: 0.1, current: 'AC' }, { id: 2, maxA: 20, minA: 6, stepA: 1, current: 'AC' }] })
  })
  test('gets connectors and loses them', () => {
    const more = withConnector(typedOf(point))
    expect(connectorsOf(more)).toEqual([1, 2, 3])
    expect(chargePointSchema.parse(bodyOf(point, more)).connectors[2]).toMatchObject({ id: 3, current: 'DC', maxW: 50_000 })
    expect(chargePointSchema.parse(bodyOf(point, withoutConnector(more, 2))).connectors.map(({ id }) => id)).toEqual([1, 3])
  })
})

test('what was typed lives through another change, which is kept where nothing was typed', () => {
  const fields = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('1', '2', '3'))
  fc.assert(fc.property(fields, fields, fields, (before, typed, now) => {
    const after = retyped(before, typed, now)
    for (const name of ['a', 'b', 'c', 'd']) expect(after[name]).toBe(typed[name] === before[name] ? now[name] : typed[name])
  }))
})

describe('the check leads to where it is mended', () => {
  const to = (finding: Parameters<typeof placesFor>[0]) => placesFor(finding, 'CP 1').map(({ href }) => href)
  const keys = (entries: Record<string, string>) => new Map(Object.entries({ SupportedFeatureProfiles: 'SmartCharging', MeterValuesSampledData: 'Current.Import,Energy.Active.Import.Register', MeterValueSampleInterval: '10', ChargingScheduleAllowedChargingRateUnit: 'A', ChargeProfileMaxStackLevel: '8', ...entries }).map(([key, value]) => [key.toLowerCase(), value]))
  const page = '/chargepoints/CP%201?tab='
  test('to its settings, its keys, its messages, a command, the lobby', () => {
    expect(to(judgeBoot({ boot: {}, accepted: false }))).toEqual(['/lobby'])
    expect(to(judgeBoot({ boot: null, accepted: true }))).toEqual([`${page}commands&action=reset&type=Soft`])
    expect(to(judgeSkew({ offsetMs: 90_000, window: null }))).toEqual([`${page}configuration&key=ntp`])
    expect(to(judgeSecurity({ profile: 1, hasPassword: false, encrypted: false }))).toEqual([`${page}settings`])
    expect(to(judgeSecurity({ profile: 2, hasPassword: true, encrypted: false }))).toEqual(['/connect?id=CP%201'])
    expect(to(judgeConfiguration(keys({ MeterValueSampleInterval: '0', MeterValuesSampledData: 'Voltage' })))).toEqual([`${page}configuration&key=MeterValueSampleInterval`, `${page}configuration&key=MeterValuesSampledData`])
    expect(to(judgeConfiguration(keys({ SupportedFeatureProfiles: 'Core' })))).toEqual([`${page}settings`])
    expect(to(judgeProfiles({ steered: true, confirmedA: 6, refused: false, composite: 'differs', compositeWords: '32 A', clear: 'answered' }))).toEqual([`${page}commands&action=clear-charging-profile`, `${page}commands&action=reset&type=Soft`])
    expect(to(judgeLimit({ end: 'not-accepted', connectorId: 1, beforeA: 16, limitA: 6, measuredA: null, tookS: null }))).toEqual([`${page}messages`])
  })
  test('and nowhere when nothing is wrong, or it is mended at the car or the charge point', () => {
    expect(to(judgeConfiguration(keys({})))).toEqual([])
    expect(to(judgeLimit({ end: 'no-car', connectorId: null, beforeA: null, limitA: null, measuredA: null, tookS: null }))).toEqual([])
    expect(to(judgeProfiles({ steered: true, confirmedA: 6, refused: false, composite: 'refused', compositeWords: '', clear: 'answered' }))).toEqual([])
  })
})
