// The alarm of a deadline that lives in a machine's context: armed again from there after a restore, at once when overdue.
import { fromCallback } from 'xstate'
import type { Clock } from '../clock.ts'

/** Sends DUE to its parent once `dueAtMs` (our wall clock) has come; the time left runs on the monotonic clock. */
export function alarmOn(clock: Clock) {
  return alarmBy(() => clock)
}

/** The same, on the clock of the system in which it is started. */
export function alarmBy(clockOf: (system: object) => Clock) {
  return fromCallback<{ type: 'DUE' }, { dueAtMs: number }>(({ input, sendBack, system }) => {
    const clock = clockOf(system)
    return clock.after(input.dueAtMs - clock.wall(), () => sendBack({ type: 'DUE' }))
  })
}

/** Stands in the machines until `.provide()` hands in one with a clock; a machine without a clock cannot wait. */
export const alarmWithoutClock = fromCallback<{ type: 'DUE' }, { dueAtMs: number }>(() => {
  throw new Error('this machine was started without a clock')
})
