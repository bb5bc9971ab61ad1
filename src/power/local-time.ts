// What the clock on the wall of a site shows: offsets of a time zone, and when they change.

/** From `fromMs` until `untilMs` local time is UTC plus `offsetMs`. */
export interface OffsetSpan { readonly fromMs: number; readonly untilMs: number; readonly offsetMs: number }

export const dayMs = 86_400_000

const mostFormats = 50
const formats = new Map<string, Intl.DateTimeFormat>()

/** How far local time is ahead of UTC at an instant, ms. Throws RangeError for a zone that does not exist. */
export function offsetAt(timezone: string, ms: number): number {
  const shown: Record<string, number> = {}
  for (const { type, value } of formatOf(timezone).formatToParts(ms)) shown[type] = Number(value)
  const whole = Math.floor(ms / 1000) * 1000
  return Date.UTC(shown['year']!, shown['month']! - 1, shown['day'], shown['hour'], shown['minute'], shown['second']) - whole
}

/** The offsets that hold from `fromMs` until `untilMs`, in order; a change is found to the millisecond when it lasts a day. */
export function offsetsOver(timezone: string, fromMs: number, untilMs: number): OffsetSpan[] {
  const spans: OffsetSpan[] = []
  let sinceMs = fromMs
  let offsetMs = offsetAt(timezone, fromMs)
  for (let ms = fromMs; ms < untilMs;) {
    const nextMs = Math.min(ms + dayMs, untilMs)
    const nextOffsetMs = offsetAt(timezone, nextMs)
    if (nextOffsetMs !== offsetMs) {
      const changeMs = changeWithin(timezone, ms, nextMs, offsetMs)
      spans.push({ fromMs: sinceMs, untilMs: changeMs, offsetMs })
      sinceMs = changeMs
      offsetMs = nextOffsetMs
    }
    ms = nextMs
  }
  if (sinceMs < untilMs) spans.push({ fromMs: sinceMs, untilMs, offsetMs })
  return spans
}

/** The first instant after `lowMs` at which the offset is no more `offsetMs`. */
function changeWithin(timezone: string, lowMs: number, highMs: number, offsetMs: number): number {
  let [before, after] = [lowMs, highMs]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (offsetAt(timezone, middle) === offsetMs) before = middle
    else after = middle
  }
  return after
}

function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone)
  if (known !== undefined) return known
  if (formats.size >= mostFormats) formats.clear()
  const made = new Intl.DateTimeFormat('en', { timeZone: timezone, calendar: 'iso8601', numberingSystem: 'latn', hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' })
  formats.set(timezone, made)
  return made
}
