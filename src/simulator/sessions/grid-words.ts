// Limits as they are written on the command line: 40A per phase, or 27.6kW in all.
import { amountWords, readAmount } from '../../quantities.ts'
import { perPhase, phases, type SiteConfig } from '../../power/site.ts'
import type { GridLimit } from '../../power/limits.ts'

/** `40A`, `27.6kW` or `27600W` as a standing limit; a sentence when it is none, or above the fuse. */
export function readLimit(text: string, site: SiteConfig): GridLimit | string {
  const amount = readAmount(text)
  if (typeof amount === 'string' || 'percent' in amount) return `${JSON.stringify(text.slice(0, 40))} is no limit; write 40A (per phase) or 27.6kW (in all)`
  const fuse = perPhase(site.fuseA)
  const mostA = Math.max(...phases.map((phase) => fuse[phase]))
  const mostW = site.voltage * phases.reduce((sum, phase) => sum + fuse[phase], 0)
  if ('currentA' in amount ? amount.currentA > mostA : amount.powerW > mostW) return `${text} is above the fuse of the site (${mostA} A); write a limit below it, or a larger fuseA`
  return { ...amount, setAtMs: 0 }
}

/** `40 A` or `27.6 kW`. */
export function limitWords(grid: GridLimit | null): string {
  if (grid === null) return 'none but those of the site itself'
  return amountWords(grid.currentA === undefined ? { powerW: grid.powerW ?? 0 } : { currentA: grid.currentA })
}
