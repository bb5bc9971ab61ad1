// Authorisation: which policy decides, what a local tag says, and when a tag is already charging.
import { describe, expect, test } from 'vitest'
import { byTag, createAuthoriser, type IdTag, type Policy } from '../../src/actors/authorise.ts'
import { VirtualClock } from '../virtual-clock.ts'

const tags: IdTag[] = [
  { id: 'Good', status: 'Accepted' },
  { id: 'Fleet', status: 'Accepted', concurrent: true, parentIdTag: 'F1' },
  { id: 'Blocked', status: 'Blocked' },
  { id: 'Old', status: 'Accepted', expiryDate: '2024-05-01T09:59:59Z' },
  { id: 'Soon', status: 'Accepted', expiryDate: '2024-05-01T10:00:01Z' },
  { id: 'Odd', status: 'Accepted', expiryDate: 'some day' },
]
const authoriser = (policy: Policy[]) => createAuthoriser({ policy, idTags: byTag(tags), clock: new VirtualClock() })

describe('policies in order', () => {
  const rows: [Policy[], string, string][] = [
    [['local'], 'Good', 'Accepted'], [['local'], 'gOOD', 'Accepted'], [['local'], 'nobody', 'Invalid'], [['local'], '__proto__', 'Invalid'],
    [['local'], 'Blocked', 'Blocked'], [['local'], 'Old', 'Expired'], [['local'], 'Soon', 'Accepted'], [['local'], 'Odd', 'Expired'],
    [['accept-all'], 'nobody', 'Accepted'], [['local', 'accept-all'], 'nobody', 'Accepted'],
    [['local', 'accept-all'], 'Blocked', 'Blocked'], [['accept-all', 'local'], 'Blocked', 'Accepted'], [[], 'Good', 'Invalid'],
  ]
  test.each(rows)('%j: %s is %s', (policy, tag, status) => {
    expect(authoriser(policy).authorise(tag).status).toBe(status)
  })
  test('what the list knows is passed on, fields in order', () => {
    expect(JSON.stringify(authoriser(['local']).authorise('fleet'))).toBe('{"parentIdTag":"F1","status":"Accepted"}')
    expect(JSON.stringify(authoriser(['local']).authorise('soon'))).toBe('{"expiryDate":"2024-05-01T10:00:01Z","status":"Accepted"}')
  })
})

describe('a tag that charges already', () => {
  const here = { clientID: 'CP1', connectorId: 1 }
  const there = { clientID: 'CP2', connectorId: 1 }
  function busy(tag: string, policy: Policy[] = ['local']) {
    const one = authoriser(policy)
    one.started(tag, here, 7)
    return one
  }
  test('elsewhere, only for a start', () => {
    expect(busy('GOOD').authorise('good', there).status).toBe('ConcurrentTx')
    expect(busy('GOOD').authorise('good', { clientID: 'CP1', connectorId: 2 }).status).toBe('ConcurrentTx')
    expect(busy('GOOD').authorise('good').status).toBe('Accepted')
  })
  test('the same place, a tag that may, a policy that does not ask', () => {
    expect(busy('Good').authorise('Good', here).status).toBe('Accepted')
    expect(busy('Fleet').authorise('Fleet', there).status).toBe('Accepted')
    expect(busy('Good', ['accept-all']).authorise('Good', there).status).toBe('Accepted')
  })
  test('free again after its stop', () => {
    const one = busy('Good')
    one.stopped(7)
    expect(one.authorise('Good', there).status).toBe('Accepted')
  })
})
