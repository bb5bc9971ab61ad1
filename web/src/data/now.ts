// The time of day as a signal that moves every second, stopped while nobody looks.
import { signal } from '@preact/signals'

export const nowMs = signal(Date.now())
setInterval(() => {
  if (!document.hidden) nowMs.value = Date.now()
}, 1000)
document.addEventListener('visibilitychange', () => { nowMs.value = Date.now() })
