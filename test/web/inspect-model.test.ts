// What the inspect page makes of the stream: actors with their states, lines that say something new, the tree, and the states that are lit.
import { describe, expect, it } from 'vitest'
import { InspectModel, litStates, mostLines, shortState, stateWords, type Actor, type Told } from '../../web/src/pages/inspect/model.ts'
import { linesOf } from '../../web/src/pages/inspect/past.ts'
import { rowsOf } from '../../web/src/pages/inspect/rows.ts'

let next = 1
const told = (type: Told['type'], sessionId: string, more: Partial<Told> = {}): Told => ({ type, sessionId, id: String(next++), createdAt: '1795496514261', siteID: 'main', ...(sessionId.startsWith('site') ? {} : { clientID: 'CP-01' }), ...more })
const snapshot = (id: string, value: NonNullable<Told['snapshot']>['value'], event = 'STATUS_REPORTED'): Told => told('@xstate.snapshot', id, { event: { type: event }, snapshot: { status: 'active', ...(value !== undefined && { value }) } })
const connector = 'connector:CP-01:1'

describe('the model of inspection', () => {
  it('knows who lives in which state, and forgets who has ended', () => {
    const model = new InspectModel()
    model.apply([told('@xstate.actor', connector, { id: null, snapshot: { status: 'active', value: { status: 'available', limit: 'none' } } })])
    expect(model.lines).toEqual([])
    model.apply([snapshot(connector, { status: 'charging', limit: 'none' })])
    expect(model.actors.get(connector)).toMatchObject({ type: 'connector', connectorId: 1, parent: 'charge-point:CP-01', state: { status: 'charging', limit: 'none' } })
    expect(model.lines[0]?.words).toBe('available, limit none → charging, limit none (STATUS_REPORTED)')
    model.apply([told('@xstate.snapshot', connector, { event: { type: 'xstate.stop' }, snapshot: { status: 'stopped' } })])
    expect(model.actors.has(connector)).toBe(false)
    expect(model.lines[0]).toMatchObject({ kind: 'ended' })
  })

  it('says nothing of a snapshot in the same state, tells who told whom, and puts frames and decisions beside it', () => {
    const model = new InspectModel()
    model.apply([
      snapshot(connector, 'a'), snapshot(connector, 'a'), told('@xstate.event', connector, { sourceId: 'charge-point:CP-01', event: { type: 'STATUS_REPORTED' } }),
      told('@kwota.frame', 'charge-point:CP-01', { direction: 'in', frame: 'result', action: 'Reset' }), told('@kwota.decision', 'site:main', { cause: 'due', lowerings: 2, raisings: 1, dropped: 7 }),
    ])
    expect(model.lines.map(({ kind, from, words }) => [kind, from, words])).toEqual([
      ['decision', null, 'due: 2 lowered, 1 raised'], ['frame', 'charge point', 'Reset answered'], ['event', 'charge-point:CP-01', 'STATUS_REPORTED'], ['state', null, 'a (STATUS_REPORTED)'],
    ])
    expect(model.dropped).toBe(7)
  })

  it('keeps the newest lines only', () => {
    const model = new InspectModel()
    model.apply(Array.from({ length: mostLines + 10 }, (_, i) => told('@xstate.event', connector, { event: { type: `E${i}` } })))
    expect([model.lines.length, model.lines[0]?.words]).toEqual([mostLines, `E${mostLines + 9}`])
  })

  it('reads the past, which comes newest first, as it happened', () => {
    expect(linesOf([snapshot(connector, 'b'), snapshot(connector, 'a'), snapshot(connector, 'a')]).map(({ words }) => words)).toEqual(['a → b (STATUS_REPORTED)', 'a (STATUS_REPORTED)'])
  })

  it('lights every region and the state in it', () => {
    expect(litStates({ status: 'charging', limit: { sent: 'waiting' } })).toEqual(['status', 'status.charging', 'limit', 'limit.sent', 'limit.sent.waiting'])
    expect([litStates('online'), litStates(null), stateWords({ status: 'charging', limit: 'none' }), shortState({ status: 'charging', limit: { at: 'none' } })]).toEqual([['online'], [], 'charging, limit none', 'charging · none'])
  })
})

const actor = (id: string, more: Partial<Actor> = {}): Actor => ({ id, type: id.split(':')[0] ?? '', parent: null, siteID: 'main', clientID: id.startsWith('site') ? null : 'CP-01', circuitID: null, connectorId: null, state: null, queued: null, ...more })

describe('the tree of actors', () => {
  const all = [actor('transaction:CP-01:7', { connectorId: 1 }), actor(connector, { connectorId: 1 }), actor('site:main'), actor('command:CP-01:c'), actor('charge-point:CP-01', { circuitID: 'row-a' })]
  const shown = (closed: string[] = [], wanted: (one: Actor) => boolean = () => true): string[] => rowsOf(all, new Set(closed), wanted).map(({ id, level }) => `${level} ${id}`)

  it('goes from the site over the circuit to the transaction on its connector', () => {
    expect(shown()).toEqual(['1 site:main', '2 circuit:main/row-a', '3 charge-point:CP-01', '4 connector:CP-01:1', '5 transaction:CP-01:7', '4 command:CP-01:c'])
  })

  it('shows nothing below what is closed, and of a find what is above it', () => {
    expect(shown(['charge-point:CP-01'])).toEqual(['1 site:main', '2 circuit:main/row-a', '3 charge-point:CP-01'])
    expect(shown([], ({ id }) => id === 'transaction:CP-01:7')).toEqual(['1 site:main', '2 circuit:main/row-a', '3 charge-point:CP-01', '4 connector:CP-01:1', '5 transaction:CP-01:7'])
  })
})
