// Instants and ages as people read them, in the time zone of this terminal.

/** `18:30`, or with its date where that is another day than `nowMs`. */
export function timeWords(at: string, nowMs: number): string {
  const date = new Date(at)
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`
  const day = dayOf(date)
  return day === dayOf(new Date(nowMs)) ? time : `${day} ${time}`
}

/** `18:30:05.123`. */
export function momentWords(at: string): string {
  const date = new Date(at)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

function dayOf(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
