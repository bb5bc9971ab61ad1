// Events in words, those of a charge point with its name, and what nobody knows by its type.
import { describe, expect, it } from 'vitest'
import { eventWords } from '../../web/src/pages/activity/event-words.ts'

const of = (type: string, data: Readonly<Record<string, unknown>>, where: { clientID?: string; connectorId?: number } = {}): string => eventWords({ id: '1', type, at: '2026-11-24T10:00:00Z', data, ...where })

describe('events in words', () => {
  it('say what happened, to whom and by whom', () => {
    expect(of('limit.changed', { source: 'grid-limit', limit: { currentA: 70 }, reason: 'test', changedBy: 'local' })).toBe('The grid limit was changed to 70 A per phase by somebody on this machine (test)')
    expect(of('allocation.changed', { allocatedA: 6, beforeA: 8, binding: 'grid-limit' }, { clientID: 'CP-01', connectorId: 1 })).toBe('CP-01/1 8 A → 6 A, bound by the grid limit')
    expect(of('transaction.stopped', { energyWh: 1500, stopReason: 'EVDisconnected' }, { clientID: 'CP-01', connectorId: 1 })).toBe('CP-01/1 a session ended after 1.5 kWh: the cable was unplugged at the car')
    expect(of('connector.status', { status: 'Faulted', errorCode: 'GroundFailure' }, { clientID: 'CP-01', connectorId: 2 })).toBe('CP-01/2 is faulted: GroundFailure')
    expect(of('alert.raised', { message: 'CP-05/1 draws 16 A.' }, { clientID: 'CP-05' })).toBe('Alert: CP-05/1 draws 16 A.')
    expect(of('news.unheard', {}, { clientID: 'CP-01' })).toBe('CP-01 news.unheard')
  })
})
