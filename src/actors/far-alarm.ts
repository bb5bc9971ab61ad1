// An alarm for deadlines that may lie further ahead than a timer reaches (24 days): it looks at the clock again day by day.
import { fromCallback } from 'xstate'
import type { Clock } from '../clock.ts'

const dayMs = 86_400_000

/** Sends DUE once our wall clock has come to `dueAtMs`, at once when it is overdue. */
export function farAlarmOn(clock: Clock) {
  return farAlarmBy(() => clock)
}

/** The same, on the clock of the system in which it is started. */
export function farAlarmBy(clockOf: (system: object) => Clock) {
  return fromCallback<{ type: 'DUE' }, { dueAtMs: number }>(({ input, sendBack, system }) => {
    const clock = clockOf(system)
    const leftMs = (): number => input.dueAtMs - clock.wall()
    const arm = (): (() => void) => clock.after(Math.min(leftMs(), dayMs), () => {
      if (leftMs() > 0) cancel = arm()
      else sendBack({ type: 'DUE' })
    })
    let cancel = arm()
    return () => cancel()
  })
}
