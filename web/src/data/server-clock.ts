// The clock of kwota, as near as its answers tell it: what is sent to it or compared with its times goes by this one, not by the browser's.
import { signal } from '@preact/signals'
import { duration } from './words.ts'

/** By how much kwota's clock is ahead of the browser's, ms; 0 while nothing is known. */
export const aheadMs = signal(0)

/** A browser that is off by more is told so. */
const worthTellingMs = 30_000

/** Milliseconds since 1970 by kwota's clock. */
export const serverNowMs = (): number => Date.now() + aheadMs.value

/** An answer came whose Date header says `date` (whole seconds), asked for and received at these times of the browser. */
export function heardDate(date: string | null, askedAtMs: number, receivedAtMs: number): void {
  aheadMs.value = aheadAfter(aheadMs.peek(), date === null ? NaN : Date.parse(date), askedAtMs, receivedAtMs)
}

/** What is held of the difference, moved no further than the answer proves: its second began before it was received, and ended after it was asked for. */
export function aheadAfter(heldMs: number, secondMs: number, askedAtMs: number, receivedAtMs: number): number {
  if (Number.isNaN(secondMs) || receivedAtMs < askedAtMs) return heldMs
  return Math.min(secondMs + 1000 - askedAtMs, Math.max(secondMs - receivedAtMs, heldMs))
}

/** For people, of a difference worth telling; null where there is none. */
export function clockWords(ahead: number): string | null {
  if (Math.abs(ahead) <= worthTellingMs) return null
  const s = Math.abs(ahead) / 1000
  // Known to a second or two: 39 min 59 s are 40 min.
  return `The clock of this browser is ${duration(s < 120 ? s : Math.round(s / 60) * 60)} ${ahead > 0 ? 'behind' : 'ahead of'} kwota's. These pages go by kwota's clock; set the one that is wrong.`
}
