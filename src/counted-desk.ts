// The desk of the charge points with every OCPP message counted on its way past: those that came by how they were answered, ours by how they ended.
import type { Metrics } from './observe.ts'
import type { CallOutcome, StationDesk } from './protocol/session.ts'

type Counter = Pick<Metrics, 'ocppMessage'>

/** Says and answers what `desk` does. */
export function countMessages(desk: StationDesk, counter: Counter): StationDesk {
  return {
    admit: desk.admit.bind(desk), refused: desk.refused.bind(desk), connected: desk.connected.bind(desk), disconnected: desk.disconnected.bind(desk),
    mayLeave: desk.mayLeave?.bind(desk) ?? (() => true), frame: desk.frame?.bind(desk) ?? (() => undefined),
    unhandled: (_session, action) => counter.ocppMessage(action, 'in', 'error'),
    ended: (_session, action, outcome) => countEnd(counter, action, outcome),
    handle(session, action, payload, faults) {
      try {
        const answer = desk.handle(session, action, payload, faults)
        if (answer instanceof Promise) return counted(answer, action)
        counter.ocppMessage(action, 'in', 'ok')
        return answer
      } catch (error) {
        counter.ocppMessage(action, 'in', 'error')
        throw error
      }
    },
  }

  async function counted(answer: Promise<unknown>, action: string): Promise<unknown> {
    try {
      const value = await answer
      counter.ocppMessage(action, 'in', 'ok')
      return value
    } catch (error) {
      counter.ocppMessage(action, 'in', 'error')
      throw error
    }
  }
}

function countEnd(counter: Counter, action: string, outcome: CallOutcome): void {
  if (outcome.type === 'result') counter.ocppMessage(action, 'out', 'ok')
  // Nobody wanted it any more: that is no message.
  else if (outcome.type !== 'dropped' || outcome.reason !== 'withdrawn') counter.ocppMessage(action, 'out', outcome.type)
}
