// Every OCPP message is counted once, by who sent it and what became of it.
import { expect, test } from 'vitest'
import { countMessages } from '../src/counted-desk.ts'
import { CallError, type CallOutcome, type Session, type StationDesk } from '../src/protocol/session.ts'

const session = { clientID: 'CP-1' } as Session

function counting(handle: StationDesk['handle']) {
  const counted: string[] = []
  const desk = countMessages({ admit: async () => ({ admitted: false, reason: 'unknown-id', status: 401 }), refused: () => undefined, connected: () => undefined, disconnected: () => undefined, handle }, {
    ocppMessage: (...what) => void counted.push(what.join(' ')),
  })
  return { desk, counted }
}

test('what charge points send: answered, refused, at once or later, or never handed over', async () => {
  const answers: Record<string, () => unknown> = {
    Heartbeat: () => ({}), Authorize: async () => ({}),
    StatusNotification: () => { throw new CallError('InternalError', 'no') }, StopTransaction: async () => { throw new CallError('InternalError', 'no') },
  }
  const { desk, counted } = counting((_session, action) => answers[action]?.())
  for (const action of Object.keys(answers)) {
    try {
      await desk.handle(session, action, {}, [])
    } catch (error) {
      expect(error).toBeInstanceOf(CallError)
    }
  }
  desk.unhandled?.(session, 'MadeUp')
  expect(counted).toEqual(['Heartbeat in ok', 'Authorize in ok', 'StatusNotification in error', 'StopTransaction in error', 'MadeUp in error'])
})

test('what kwota sends, by how it ended; what nobody wanted any more is no message', () => {
  const { desk, counted } = counting(() => ({}))
  const outcomes: CallOutcome[] = [
    { type: 'result', payload: {} }, { type: 'error', code: 'NotImplemented', description: '' }, { type: 'timed-out' }, { type: 'disconnected' },
    { type: 'dropped', reason: 'queue-full' }, { type: 'dropped', reason: 'withdrawn' },
  ]
  for (const outcome of outcomes) desk.ended?.(session, 'Reset', outcome)
  expect(counted).toEqual(['ok', 'error', 'timed-out', 'disconnected', 'dropped'].map((result) => `Reset out ${result}`))
})
