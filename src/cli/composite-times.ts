// Times and limits as people read them: UTC, since a profile knows no zone; seconds only where there are any.

/** `2024-01-17 18:01`; without the date where `beside` is on the same day. */
export function writtenTime(ms: number, beside?: number): string {
  const iso = new Date(ms).toISOString()
  const time = iso.slice(11, iso.endsWith('00.000Z') ? 16 : 19)
  return beside !== undefined && new Date(beside).toISOString().slice(0, 10) === iso.slice(0, 10) ? time : `${iso.slice(0, 10)} ${time}`
}

/** `2 d 3 h`, `17 min`, `1 min 5 s`: the two largest parts. */
export function writtenDuration(durationS: number): string {
  const parts = [[Math.floor(durationS / 86_400), 'd'], [Math.floor(durationS / 3_600) % 24, 'h'], [Math.floor(durationS / 60) % 60, 'min'], [durationS % 60, 's']] as const
  const first = parts.findIndex(([count]) => count > 0)
  return parts.slice(first, first + 2).filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`).join(' ')
}

export function writtenLimit(limit: number | null, unit: 'A' | 'W'): string {
  return limit === null ? 'nothing limits' : `${limit} ${unit}`
}
