// Scenario files: what is understood, and how a broken one is told line, problem and fix.
import { describe, expect, test } from 'vitest'
import { readScenario, ScenarioError } from '../../src/simulator/scenario.ts'

const head = `name: x
site: { id: main, fuseA: 63, circuits: [{ id: hall, limitA: 32 }] }
chargePoints:
  - { id: CP1, circuit: hall, connectors: [{ id: 1 }, { id: 2, maxA: 16 }] }
  - { id: CP2, sampleS: 60, joinsAt: 30, behaviour: [no-meter, watts-only] }
`

describe('a good file', () => {
  test('is filled in, in order of time', () => {
    const scenario = readScenario(`${head}timeline:
  - { at: 60, plugIn: CP1/1, car: { maxA: 16 } }
  - { at: 5, baseLoad: { L1: 1, L2: -2, L3: 0 } }
  - { at: 60, drawsA: { CP1/1: 9.2 } }
expect:
  - { at: 59, allocatedA: { CP1/1: 32 } }
  - { deliveredWh: { CP1/1: [1, 2] } }
`, 'f.yaml')
    expect(scenario.name).toBe('x')
    expect(scenario.timeline.map((event) => event.at)).toEqual([5, 60, 60])
    expect(scenario.timeline[1]).toMatchObject({ plugIn: 'CP1/1', car: { maxA: 16, priority: 0, weight: 1 } })
    expect(scenario.chargePoints[0]).toMatchObject({ sampleS: 10, joinsAtS: null, behaviour: [], config: { id: 'CP1', site: 'main', fallbackA: 0, obeysLease: false } })
    expect(scenario.chargePoints[1]).toMatchObject({ sampleS: 60, joinsAtS: 30, behaviour: ['no-meter', 'watts-only'], config: { connectors: [{ id: 1, maxA: 32, minA: 6 }] } })
    expect(scenario.expect).toHaveLength(2)
  })
  test('may have any site id; its charge points belong to it', () => {
    expect(readScenario('site: { id: yard, fuseA: 20 }\nchargePoints: [{ id: A }]\n', 'f.yaml').chargePoints[0]?.config.site).toBe('yard')
  })
  test('without a name is called after its file', () => {
    expect(readScenario('site: { id: main, fuseA: 20 }\nchargePoints: [{ id: A }]\n', 'f.yaml').name).toBe('f.yaml')
  })
  test('the example of the manual is understood but for what this version lacks', () => {
    const text = `name: A limit cut reaches two cars at once
site:
  id: main
  voltage: 230
  fuseA: 100
  policy: equal
  circuits: [{ id: garage, limitA: 96 }]
  baseLoad: { worstCaseA: 20 }
chargePoints:
  - { id: CP1, circuit: garage, fallbackA: 0, connectors: [{ id: 1, maxA: 32, minA: 6, stepA: 1, phases: [L1, L2, L3] }] }
  - { id: CP2, circuit: garage, fallbackA: 0, behaviour: [repeats-start-transaction], connectors: [{ id: 1, maxA: 32 }] }
timeline:
  - { at: 0,   baseLoad: { L1: 10, L2: 10, L3: 10 } }
  - { at: 0,   plugIn: CP1/1, car: { maxA: 32, phases: 3, energyNeededWh: 30000, departureS: 28800, priority: 0, weight: 1 } }
  - { at: 0,   plugIn: CP2/1 }
  - { at: 60,  gridLimit: { currentA: 40 } }
  - { at: 90,  baseLoad: { L1: 16, L2: 12, L3: 10 } }
  - { at: 100, drawsA: { CP1/1: 9.2 } }
  - { at: 110, silent: CP2 }
  - { at: 150, baseLoad: silent }
  - { at: 200, restart: kwota }
expect:
  - { at: 59,  allocatedA: { CP1/1: 32 } }
  - { at: 70,  allocatedA: { CP1/1: 15, CP2/1: 15 }, binding: { CP1/1: grid-limit } }
  - { during: [0, 300], neverOver: true }
  - { during: [60, 70], noRaising: true }
  - { by: 170, alert: meter-stale }
  - { during: [20, 55], maxProfiles: { CP1/1: 0 } }
`
    expect(readScenario(text, 'f.yaml').timeline).toHaveLength(9)
  })
})

describe('a broken file names line, problem and fix', () => {
  const events = (...lines: string[]) => `${head}timeline:\n${lines.map((line) => `  - ${line}\n`).join('')}`
  const expectations = (...lines: string[]) => `${head}expect:\n${lines.map((line) => `  - ${line}\n`).join('')}`
  test.each<[string, string, string]>([
    ['nothing', '', '1: site: is missing; write a map with id'],
    ['no YAML', 'a: [', '1: not YAML'],
    ['a list', '[]', '1: expected object, received array'],
    ['the same key twice', 'name: a\nname: b\n', '2: not YAML: Map keys must be unique; keep one of the two'],
    ['an unknown key', `${head}limit: 3\n`, '6: limit: "limit" is not a setting here; remove it'],
    ['a misspelt key', events('{ at: 0, plugin: CP1/1 }'), '7: timeline.0.plugin: "plugin" is not a setting here; did you mean plugIn?'],
    ['an unknown key in a car', events('{ at: 0, plugIn: CP1/1, car: { amps: 3 } }'), '7: timeline.0.car.amps: "amps" is not a setting here'],
    ['a missing limit', head.replace('fuseA: 63, ', ''), '2: site.fuseA: is missing; write a number from 0 to 100000, or a map with L1, L2, L3'],
    ['half a limit', head.replace('fuseA: 63', 'fuseA: { L1: 63 }'), '2: site.fuseA: has none of the accepted forms'],
    ['a demand window without its target', head.replace('fuseA: 63', 'fuseA: 63, demandWindow: {}'), '2: site.demandWindow.targetW: '],
    ['a limit that lapses and undoes itself', events('{ at: 1, gridLimit: { currentA: 9, forS: 60, ttlS: 60 } }'), '7: timeline.0.gridLimit.forS: both forS and ttlS'],
    ['a dimming that lasts for ever', events('{ at: 1, gridLimit: { powerW: 4200, kind: dimming } }'), '7: timeline.0.gridLimit.kind: a kind without forS'],
    ['a limit without a unit', events('{ at: 1, gridLimit: { } }'), '7: timeline.0.gridLimit: not one limit; give exactly one of currentA'],
    ['a limit with two', events('{ at: 1, gridLimit: { currentA: 9, powerW: 9 } }'), '7: timeline.0.gridLimit: not one limit'],
    ['a negative limit', events('{ at: 1, gridLimit: { currentA: -9 } }'), '7: timeline.0.gridLimit.currentA: Too small'],
    ['a negative time', events('{ at: -1, offline: CP1 }'), '7: timeline.0.at: Too small'],
    ['no time', events('{ offline: CP1 }'), '7: timeline.0.at: is missing; write a number'],
    ['nothing to do', events('{ at: 1 }'), '7: timeline.0: says nothing to do; name one of plugIn'],
    ['two things to do', events('{ at: 1, offline: CP1, silent: CP1 }'), '7: timeline.0: does 2 things (silent, offline); write one entry for each'],
    ['a car without a plug', events('{ at: 1, offline: CP1, car: {} }'), '7: timeline.0.car: a car without plugIn'],
    ['an unknown connector', events('{ at: 1, plugIn: CP1/3 }'), '7: timeline.0.plugIn: there is no connector CP1/3; there are CP1/1, CP1/2, CP2/1'],
    ['a charge point as connector', events('{ at: 1, plugIn: CP1 }'), '7: timeline.0.plugIn: a connector is written as charge point, slash, number'],
    ['a connector as charge point', events('{ at: 1, offline: CP1/1 }'), '7: timeline.0.offline: there is no charge point CP1/1; there are CP1, CP2'],
    ['two cars in one connector', events('{ at: 9, plugIn: CP1/1 }', '{ at: 1, plugIn: CP1/1 }'), '7: timeline.0.plugIn: CP1/1 has a car already'],
    ['a car taken out that is not there', events('{ at: 1, unplug: CP1/1 }'), '7: timeline.0.unplug: CP1/1 has no car then'],
    ['a car before its charge point', events('{ at: 1, plugIn: CP2/1 }'), '7: timeline.0.plugIn: a car cannot come before its charge point joins'],
    ['an unknown behaviour', events('{ at: 1, behaviour: { CP1: [lazy] } }'), '7: timeline.0.behaviour.CP1.0: expected one of "ignores-profiles"'],
    ['a meter that is loud', events('{ at: 1, baseLoad: loud }'), '7: timeline.0.baseLoad: has none of the accepted forms; write silent, or a map with L1, L2, L3'],
    ['a restart of a charge point', events('{ at: 1, restart: CP1 }'), '7: timeline.0.restart: only kwota can be restarted'],
    ['a circuit that is not there', head.replace('circuit: hall', 'circuit: hail'), '4: chargePoints.0.circuit: there is no circuit hail; name one of: hall'],
    ['a circuit below itself', head.replace('id: hall', 'id: hall, parent: hall'), '2: site.circuits.0.parent: hall is fed by itself'],
    ['two charge points of one name', head.replace('id: CP2', 'id: CP1'), '5: chargePoints.1.id: there are two charge points CP1; give each an id of its own'],
    ['another site', head.replace('id: CP2', 'id: CP2, site: yard'), '5: chargePoints.1.site: the site of this file is main'],
    ['a DC connector without watts', head.replace('{ id: 2, maxA: 16 }', '{ id: 2, current: DC }'), '4: chargePoints.0.connectors.1.maxW: a DC connector is described in watts; say what it gives at most'],
    ['an expectation of nothing', expectations('{ at: 1 }'), '7: expect.0: expects nothing'],
    ['a value without a moment', expectations('{ allocatedA: { CP1/1: 3 } }'), '7: expect.0: allocatedA needs a moment; add at: SECONDS'],
    ['a span without a span', expectations('{ at: 3, neverOver: true }'), '7: expect.0: neverOver needs a span; add during: [FROM, TO]'],
    ['half a span', expectations('{ during: [3], neverOver: true }'), '7: expect.0.during: not a span; write a pair of seconds'],
    ['a span that ends before it begins', expectations('{ during: [3, 1], neverOver: true }'), '7: expect.0.during: the first moment is after the second; write the earlier one first: [FROM, TO]'],
    ['a range that can never hold', expectations('{ deliveredWh: { CP1/1: [9, 3] } }'), '7: expect.0.deliveredWh.CP1/1: the first amount is more than the second; write the smaller one first: [LEAST, MOST]'],
    ['a policy named twice in settings', head.replace('fuseA: 63', 'fuseA: 63, settings: { authorisation: [local, local] }'), '2: site.settings.authorisation: a policy is named twice; name each once'],
    ['a time zone of nowhere', head.replace('fuseA: 63', 'fuseA: 63, timezone: Mars'), '2: site.timezone: not an IANA time zone; write one such as Europe/Berlin'],
    ['too many charge points', `site: { id: main, fuseA: 63 }\nchargePoints: [${Array.from({ length: 1001 }, (_, at) => `{ id: C${at} }`).join(', ')}]\n`, '2: chargePoints: Too big: expected array to have <=1000 items; write a list of 1 to 1000 items'],
    ['a binding that is nearly one', expectations('{ at: 1, binding: { CP1/1: gridlimit } }'), '7: expect.0.binding.CP1/1: expected one of "fuse"|"grid-limit"|"curtailment"|"schedule"|"demand-window"|"circuit"|"imbalance"|"vehicle"|"profile"|"failsafe"|"hardware"|"minimum"|"queue"; write one of: fuse, grid-limit, '],
    ['an alert without a deadline', expectations('{ at: 1, alert: deaf }'), '7: expect.0: alert needs a deadline; add by: SECONDS'],
    ['an alert nobody raises', expectations('{ by: 1, alert: oops }'), '7: expect.0.alert: expected one of "over-limit"'],
    ['a binding nobody knows', expectations('{ at: 1, binding: { CP1/1: wish } }'), '7: expect.0.binding.CP1/1: expected one of "fuse"'],
    ['two times', expectations('{ at: 1, by: 2, alert: deaf }'), '7: expect.0: there is more than one time; keep one'],
    ['an unknown connector in an expectation', expectations('{ at: 1, allocatedA: { CP9/1: 3 } }'), '7: expect.0.allocatedA: there is no connector CP9/1'],
  ])('%s', (_title, text, message) => {
    expect(() => readScenario(text, 'f.yaml')).toThrow(ScenarioError)
    try {
      readScenario(text, 'f.yaml')
    } catch (error) {
      expect(String((error as Error).message).split('\n').find((line) => line.startsWith(`f.yaml:${message}`)), (error as Error).message).toBeDefined()
    }
  })

  test('all faults at once, in the order of the file', () => {
    try {
      readScenario(events('{ at: 1, plugin: CP1/1 }', '{ at: x, offline: CP1 }'), 'f.yaml')
      expect.unreachable()
    } catch (error) {
      expect((error as ScenarioError).problems.map(({ line }) => line)).toEqual([...(error as ScenarioError).problems.map(({ line }) => line)].sort((a, b) => a - b))
      expect((error as ScenarioError).problems.length).toBeGreaterThan(1)
    }
  })
  test('no text at all takes the reader down', () => {
    for (const text of ['\0', '&a [*a]', `${'['.repeat(2000)}`, 'x'.repeat(2_000_000), '{__proto__: {polluted: 1}}', '- - - -', '? {a: 1} : 2', '!!js/function x']) {
      expect(() => readScenario(text, 'f.yaml')).toThrow(ScenarioError)
    }
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })
})
