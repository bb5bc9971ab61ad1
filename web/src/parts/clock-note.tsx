// Says that the clock of the browser, or kwota's, is wrong, since people read both.
import { aheadMs, clockWords } from '../data/server-clock.ts'
import { Mark } from './reading.tsx'

export function ClockNote() {
  const words = clockWords(aheadMs.value)
  return words === null ? null : <p role="status" class="once"><Mark kind="warning" /> {words}</p>
}
