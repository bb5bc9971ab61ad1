// Reads the date-times of charging profiles as instants; a profile knows no time zones.

const pattern = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:([Zz])|([+-])(\d\d):?(\d\d)?)?$/

/** Ms since the Unix epoch, or null where `text` is no date-time. Without a zone it is UTC, as charge points mean it; a leap second is the first of the next minute. */
export function readInstant(text: string): number | null {
  const part = pattern.exec(text)
  if (part === null) return null
  const at = (index: number) => Number(part[index] ?? 0)
  const [year, month, day, hour, minute, second] = [at(1), at(2), at(3), at(4), at(5), at(6)]
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60 || at(10) > 23 || at(11) > 59) return null
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCDate() !== day) return null
  const offsetMinutes = (at(10) * 60 + at(11)) * (part[9] === '-' ? -1 : 1)
  return date.getTime() + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1_000 + Math.trunc(Number(`0.${part[7] ?? 0}`) * 1_000)
}
