// What people write behind flags, read: numbers, limits, durations, connectors; what cannot be read is told with what is accepted.
import { InvalidArgumentError } from 'commander'
import { readAmount, readDuration, type Amount } from '../quantities.ts'

export interface ConnectorWords {
  readonly clientID: string
  /** Null = not said. */
  readonly connectorId: number | null
}

export function positive(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number <= 0) throw new InvalidArgumentError('a whole number above 0.')
  return number
}

/** 0 too. */
export function count(value: string): number {
  if (!/^\d{1,5}$/.test(value)) throw new InvalidArgumentError('a whole number from 0 to 99999.')
  return Number(value)
}

/** Seconds. */
export function duration(value: string): number {
  return orRefused(readDuration(value))
}

/** Percent too. */
export function amount(value: string): Amount {
  return orRefused(readAmount(value))
}

/** Amps per phase, or watts in all. */
export function standing(value: string): Exclude<Amount, { readonly percent: number }> {
  const read = readAmount(value)
  if (typeof read === 'string') throw new InvalidArgumentError(`${JSON.stringify(value)} is no limit; write 40A (per phase), or 27.6kW or 27600W (in all).`)
  if ('percent' in read) throw new InvalidArgumentError(`${JSON.stringify(value)} is a share of the fuse, which only kwota curtail takes; write 40A (per phase), or 27.6kW (in all).`)
  return read
}

/** `CP-03/1`; a charge point may have slashes in its name. */
export function connector(value: string): ConnectorWords {
  const match = /^(.+)\/(\d{1,4})$/s.exec(value)
  return match === null ? { clientID: value, connectorId: null } : { clientID: match[1] ?? '', connectorId: Number(match[2]) }
}

function orRefused<T>(read: T | string): T {
  if (typeof read === 'string') throw new InvalidArgumentError(`${read}.`)
  return read
}
