// Instants and ages as people read them: in the time zone of a site, which is named, or in that of this terminal.

/** `18:30`, or with its date where that is another day than `nowMs`; `timezone` absent = that of this terminal. */
export function timeWords(at: string, nowMs: number, timezone?: string): string {
  const [day, time] = shownAt(at, timezone)
  return day === shownAt(nowMs, timezone)[0] ? time.slice(0, 5) : `${day} ${time.slice(0, 5)}`
}

/** `18:30:05.123`. */
export function momentWords(at: string, timezone?: string): string {
  return `${shownAt(at, timezone)[1]}.${String(new Date(at).getUTCMilliseconds()).padStart(3, '0')}`
}

/** Which clock times are told by: `Europe/Berlin`. */
export function zoneWords(timezone: string | undefined): string {
  return timezone ?? `${Intl.DateTimeFormat().resolvedOptions().timeZone}, the time zone of this machine`
}

/** `2026-11-24` and `18:30:05`, as Swedes write them. */
function shownAt(at: string | number, timezone: string | undefined): readonly [day: string, time: string] {
  const [day = '', time = ''] = new Date(at).toLocaleString('sv-SE', timezone === undefined ? {} : { timeZone: timezone }).split(' ')
  return [day, time]
}
