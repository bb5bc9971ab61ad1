// What people write behind flags, read: numbers.
import { InvalidArgumentError } from 'commander'

export function positive(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number <= 0) throw new InvalidArgumentError('a whole number above 0.')
  return number
}
