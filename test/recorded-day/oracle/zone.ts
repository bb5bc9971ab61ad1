// What the clock on the wall shows, by the time zones that the runtime knows.

const formats = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, number>()
const quarterMs = 900_000

/** Weekday (0 = Sunday) and minute of the day at `ms`, with the offset that holds at `offsetOfMs`. */
export function localTime(timezone: string, ms: number, offsetOfMs: number): { readonly weekday: number; readonly minute: number } {
  const local = new Date(ms + offsetAt(timezone, offsetOfMs))
  return { weekday: local.getUTCDay(), minute: local.getUTCHours() * 60 + local.getUTCMinutes() }
}

/** Clocks are changed at a quarter of an hour. */
function offsetAt(timezone: string, ms: number): number {
  const quarter = Math.floor(ms / quarterMs) * quarterMs
  const key = `${timezone} ${quarter}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  const format = formats.get(timezone) ?? new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' })
  formats.set(timezone, format)
  const part = Object.fromEntries(format.formatToParts(quarter).map(({ type, value }) => [type, Number(value)]))
  const offsetMs = Date.UTC(part['year']!, part['month']! - 1, part['day']!, part['hour']!, part['minute']!, part['second']!) - quarter
  offsets.set(key, offsetMs)
  return offsetMs
}
