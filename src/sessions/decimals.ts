// Numbers as charge points write them: strict, and in thousandths so that what is billed is not rounded on the way.

const decimal = /^[+-]?\d{1,20}(?:\.\d{1,20})?$/

/** A plain decimal number, or null: no hex, no exponent, no blanks, no comma. */
export function readDecimal(text: string): number | null {
  return decimal.test(text) ? Number(text) : null
}

const exactDigits = 15
const [zero, nine, point] = ['0', '9', '.'].map((char) => char.charCodeAt(0)) as [number, number, number]

/** A plain decimal number times 1 or 1000, in thousandths, half up: what is billed is not rounded on the way. Null as in `readDecimal`, or where it is negative. */
export function readThousandths(text: string, factor: number): number | null {
  const decimals = factor === 1000 ? 6 : 3
  let thousandths = 0
  let at = 0
  for (; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char < zero || char > nine) break
    thousandths = thousandths * 10 + char - zero
  }
  // With a sign, or longer than what a number holds exactly.
  if (at === 0 || at + decimals > exactDigits) return readLong(text, decimals)
  let found = 0
  let roundsUp = false
  if (at < text.length) {
    if (text.charCodeAt(at) !== point || text.length - at > 21 || text.length === at + 1) return null
    for (at++; at < text.length; at++, found++) {
      const char = text.charCodeAt(at)
      if (char < zero || char > nine) return null
      if (found < decimals) thousandths = thousandths * 10 + char - zero
      else if (found === decimals) roundsUp = char >= zero + 5
    }
  }
  for (; found < decimals; found++) thousandths *= 10
  return thousandths + (roundsUp ? 1 : 0)
}

function readLong(text: string, decimals: number): number | null {
  const number = readDecimal(text)
  if (number === null || number < 0) return null
  const [whole = '', fraction = ''] = text.replace(/^[+-]/, '').split('.')
  return Number(whole + fraction.slice(0, decimals).padEnd(decimals, '0')) + (fraction.charAt(decimals) >= '5' ? 1 : 0)
}
