// Whether a configuration key may be given a value, in words a person understands; and when two values mean the same.
import { standardKey, type StandardKey } from './protocol/messages/configuration-keys.ts'

/** What is known of the charge point: the value of a key, however it is spelt; null = not known. */
export type Known = (key: string) => string | null

const nothingKnown: Known = () => null
const longestKey = 50
const longestValue = 500
const largestInt = 2_147_483_647

/** Why this value cannot be, null when it can; keys of vendors are held to their lengths only. */
export function faultOf(key: string, value: string, known: Known = nothingKnown): string | null {
  if (key.trim() === '' || [...key].length > longestKey) return `a key has 1 to ${longestKey} characters`
  if ([...value].length > longestValue) return `a value has at most ${longestValue} characters`
  const standard = standardKey(key)
  if (standard === undefined) return null
  if (standard.access === 'R') return 'can only be read'
  if (standard.name === 'AuthorizationKey') return keyFault(value)
  if (standard.type === 'bool') return value === 'true' || value === 'false' ? null : 'true or false'
  if (standard.type === 'int') return intFault(standard, value, known)
  return standard.type === 'csl' ? listFault(standard, value, known) : null
}

function keyFault(value: string): string | null {
  return /^(?:[0-9a-f]{2}){16,20}$/i.test(value) ? null : '16 to 20 bytes, written as 32 to 40 hexadecimal digits'
}

function intFault({ name, min = 0, max = largestInt, unit }: StandardKey, value: string, known: Known): string | null {
  const number = Number(value)
  const wanted = `a whole number${unit === undefined ? '' : unit === 's' ? ' of seconds' : ` of ${unit}`} from ${min} to ${max}`
  if (!/^-?\d{1,10}$/.test(value)) return wanted
  if (name === 'WebSocketPingInterval' && number < 0) return 'must not be negative; 0 turns the pings off'
  if (number < min || number > max) return wanted
  if (name !== 'SecurityProfile') return null
  const now = known(name)
  if (number === 0) return 'can only be raised, so it cannot become 0'
  return now !== null && number <= Number(now) ? `can only be raised, and it is ${now}` : null
}

function listFault({ items, itemsAre, maxLengthKey }: StandardKey, value: string, known: Known): string | null {
  const list = itemsOf(value)
  const wrong = list.find((item) => items?.test(item) === false)
  if (wrong !== undefined) return `${wrong === '' ? 'holds an empty item' : `${JSON.stringify(wrong.slice(0, 60))} is none of its items`}: ${itemsAre}, separated by commas`
  const most = maxLengthKey === undefined ? null : known(maxLengthKey)
  return most !== null && /^\d+$/.test(most) && list.length > Number(most) ? `${list.length} items, and this charge point takes ${most} (${maxLengthKey})` : null
}

function itemsOf(value: string): string[] {
  return value.trim() === '' ? [] : value.split(',').map((item) => item.trim())
}

/** Numbers, booleans and lists are compared by what they mean, everything else by the letter. */
export function sameValue(key: string, a: string, b: string): boolean {
  if (a === b) return true
  switch (standardKey(key)?.type) {
    case 'int': return isNumber(a) && isNumber(b) && Number(a) === Number(b)
    case 'bool': return a.trim().toLowerCase() === b.trim().toLowerCase()
    case 'csl': return bag(a) === bag(b)
    default: return false
  }
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text))
}

/** The order of a list says nothing. */
function bag(value: string): string {
  return itemsOf(value).map((item) => item.toLowerCase()).sort().join()
}
