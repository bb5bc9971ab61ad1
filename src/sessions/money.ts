// Money in exact fractions: rates are decimals with six places, amounts whole parts of one denominator, rounded once.

/** Rates are whole millionths of a minor unit. */
const places = 6

/** Reads a decimal number ≥ 0 with at most six decimals as whole millionths; null = it is none. */
export function readMillionths(text: string): bigint | null {
  const part = /^(\d{1,15})(?:\.(\d{1,6}))?$/.exec(text)
  return part === null ? null : BigInt(part[1]! + (part[2] ?? '').padEnd(places, '0'))
}

/** Whole millionths as the shortest decimal text. */
export function millionthsText(millionths: bigint): string {
  const digits = millionths.toString().padStart(places + 1, '0')
  const decimals = digits.slice(-places).replace(/0+$/, '')
  return digits.slice(0, -places) + (decimals === '' ? '' : `.${decimals}`)
}

/** `parts / denominator`, both ≥ 0, to the nearest whole number, half up. */
export function roundHalfUp(parts: bigint, denominator: bigint): bigint {
  return (2n * parts + denominator) / (2n * denominator)
}
