// The text of an instant, as people and files see it (RFC 3339, UTC): readings come by the thousand, and many of them within one millisecond.

/** Two at a time: when something was measured, and when it is told, take turns. */
const known = { ms: NaN, text: '', olderMs: NaN, olderText: '' }

export function instantText(ms: number): string {
  const whole = Math.trunc(ms)
  if (whole === known.ms) return known.text
  if (whole === known.olderMs) return known.olderText
  const text = new Date(whole).toISOString()
  known.olderMs = known.ms
  known.olderText = known.text
  known.ms = whole
  known.text = text
  return text
}
