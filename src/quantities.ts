// Amounts and durations as people write them: 40A, 27.6kW, 60%, 1h30m.

export type Amount = { readonly currentA: number } | { readonly powerW: number } | { readonly percent: number }

const digits = String.raw`\d{1,9}(?:\.\d{1,6})?`
const amount = new RegExp(`^(${digits})\\s*(A|kW|W|%)$`, 'i')
const part = new RegExp(`(${digits})\\s*(d|h|min|m|s)\\s*`, 'gy')
const secondsOf = { d: 86_400, h: 3_600, min: 60, m: 60, s: 1 } as const

/** Amps per phase, watts in all or percent of the fuse; a sentence that says what is accepted when it is none of them. */
export function readAmount(text: string): Amount | string {
  const match = amount.exec(text.trim())
  const number = Number(match?.[1])
  const unit = match?.[2]?.toLowerCase()
  if (unit === undefined || (unit === '%' && number > 100)) return `${quoted(text)} is no limit; write 40A (per phase), 27.6kW or 27600W (in all), or 60% (of the fuse)`
  if (unit === '%') return { percent: number }
  // 1.1 × 1000 is not 1100 in floating point.
  return unit === 'a' ? { currentA: number } : { powerW: unit === 'w' ? number : Math.round(number * 1e9) / 1e6 }
}

/** Whole seconds, at least 1; a sentence that says what is accepted when it is none. */
export function readDuration(text: string): number | string {
  const wrong = `${quoted(text)} is no duration; write 90s, 30m, 2h, 1d or 1h30m`
  const written = text.trim().toLowerCase()
  let seconds = 0
  let last = Infinity
  part.lastIndex = 0
  let end = 0
  for (let match = part.exec(written); match !== null; match = part.exec(written)) {
    const unitS = secondsOf[match[2] as keyof typeof secondsOf]
    if (unitS >= last) return wrong
    last = unitS
    seconds += Number(match[1]) * unitS
    end = part.lastIndex
  }
  const whole = Math.round(seconds)
  return end === written.length && whole >= 1 ? whole : wrong
}

/** `40 A`, `27.6 kW` or `60 %`. */
export function amountWords(given: Amount): string {
  if ('currentA' in given) return `${given.currentA} A`
  return 'powerW' in given ? `${Number((given.powerW / 1_000).toPrecision(15))} kW` : `${given.percent} %`
}

/** 5400 → `1h30m`. */
export function durationWords(seconds: number): string {
  let rest = seconds
  let text = ''
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(rest / secondsOf[unit])
    rest -= count * secondsOf[unit]
    if (count > 0) text += `${count}${unit}`
  }
  return text === '' ? '0s' : text
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 40))
}
