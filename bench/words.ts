// Figures as people read them.
import type { Summary } from './statistics.ts'

export const whole = (value: number): string => Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ',')
export const ms = (value: number): string => (value < 10 ? value.toFixed(1) : whole(value))
export const percent = (part: number): string => `${Math.round(part * 100)} %`

/** 4,810 (4,483–4,857) */
export function span({ median, min, max }: Summary): string {
  return `${whole(median)} (${whole(min)}–${whole(max)})`
}

/** 26 ms (12–74) */
export function times({ median, min, max }: Summary): string {
  return `${ms(median)} ms (${ms(min)}–${ms(max)})`
}

export function atLeast(value: number, least: number, words: string): { readonly words: string; readonly met: boolean } {
  return { words, met: value >= least }
}

export function atMost(value: number, most: number, words: string): { readonly words: string; readonly met: boolean } {
  return { words, met: value <= most }
}
