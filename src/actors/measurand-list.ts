// A list of measurands that a charge point refuses as a whole: what of it it takes, found out with few questions, the most important first.
import { standardKey } from '../protocol/messages/configuration-keys.ts'

/** What is least done without comes first; everything else after it, as it was written. */
const importance = 'energy.active.import.register power.active.import current.import voltage soc'.split(' ')
/** So many changes of one key at most; each is written to the flash of the charge point. */
export const mostTries = 12
/** Who refuses so many alone, and has taken nothing, takes nothing. */
const mostInVain = 3
const phase = /\.(?:L[123](?:-N|-L[123])?|N)$/i

/** `taken` = the part that it has now. */
export interface FoundList {
  readonly taken: readonly string[]
  readonly refused: readonly string[]
  /** More than it has room for, or not asked about any more. */
  readonly leftOut: readonly string[]
}

/** `broken` = no answer that decides. */
export type Ask = (items: readonly string[]) => Promise<'taken' | 'refused' | 'broken'>

/** Is it one of the keys that list measurands? */
export function listsMeasurands(key: string): boolean {
  const standard = standardKey(key)
  return standard?.type === 'csl' && /^(?:MeterValues|StopTxn)/.test(standard.name)
}

export function itemsOf(value: string): string[] {
  return value.split(',').map((item) => item.trim()).filter((item) => item !== '')
}

/**
 * `refused` = the whole was asked for already. Resolves with what it has taken in the end, and null when an answer stayed out: then nothing was learnt.
 * `most` = how many items it has room for, null = it does not say.
 */
export async function findTaken(list: readonly string[], { refused, most, ask }: { readonly refused: boolean; readonly most: number | null; readonly ask: Ask }): Promise<FoundList | null> {
  const sorted = byImportance(list)
  const wanted = sorted.slice(0, most ?? Infinity)
  const search = new Search(ask, refused && wanted.length === list.length ? wanted : null)
  await search.add(unitsOf(wanted))
  return search.broken ? null : { taken: search.taken, refused: search.refused, leftOut: [...sorted.slice(wanted.length), ...search.untried] }
}

class Search {
  taken: readonly string[] = []
  readonly refused: string[] = []
  readonly untried: string[] = []
  broken = false
  private readonly ask: Ask
  private readonly known = new Set<string>()
  private tries = 0

  constructor(ask: Ask, refused: readonly string[] | null) {
    this.ask = ask
    if (refused !== null) this.known.add(refused.join())
  }

  /** Takes in as many of the units as go, halving those that do not go together. */
  async add(units: readonly (readonly string[])[]): Promise<void> {
    const [first] = units
    if (first === undefined || this.broken) return
    if (await this.takes(units.flat())) return
    if (this.broken) return
    if (units.length > 1) {
      const half = Math.ceil(units.length / 2)
      await this.add(units.slice(0, half))
      return this.add(units.slice(half))
    }
    const whole = first[0]?.replace(phase, '') ?? ''
    const isNamed = [...this.taken, ...first].some((item) => item.toLowerCase() === whole.toLowerCase())
    if (this.exhausted) this.untried.push(...first)
    else this.refused.push(...first)
    // Some do not know phases here, and send them all the same.
    if (!isNamed) await this.takes([whole])
  }

  private get exhausted(): boolean {
    return this.tries >= mostTries || (this.taken.length === 0 && this.refused.length >= mostInVain)
  }

  private async takes(more: readonly string[]): Promise<boolean> {
    const items = [...this.taken, ...more]
    if (this.known.has(items.join()) || this.exhausted || this.broken) return false
    this.tries++
    const answer = await this.ask(items)
    this.broken = answer === 'broken'
    if (answer === 'taken') this.taken = items
    else this.known.add(items.join())
    return answer === 'taken'
  }
}

function byImportance(list: readonly string[]): string[] {
  const rank = (item: string): number => {
    const at = importance.indexOf(item.toLowerCase().replace(phase, ''))
    return at < 0 ? importance.length : at
  }
  return list.toSorted((a, b) => rank(a) - rank(b))
}

/** What names the phases of one measurand stays together. */
function unitsOf(list: readonly string[]): string[][] {
  const units = new Map<string, string[]>()
  for (const item of list) {
    const name = phase.test(item) ? `${item.toLowerCase().replace(phase, '')}.` : item.toLowerCase()
    const unit = units.get(name)
    if (unit === undefined) units.set(name, [item])
    else unit.push(item)
  }
  return [...units.values()]
}
