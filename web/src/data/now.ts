// The time of day by kwota's clock as a signal that moves every second, stopped while nobody looks.
import { effect, signal } from '@preact/signals'
import { serverNowMs } from './server-clock.ts'

export const nowMs = signal(serverNowMs())
const move = (): void => { nowMs.value = serverNowMs() }
// Also when kwota's clock becomes known: nothing may look old, or new, for a second.
effect(move)
setInterval(() => {
  if (!document.hidden) move()
}, 1000)
document.addEventListener('visibilitychange', move)
