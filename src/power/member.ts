// The cars that share and the bounds they share under, as numbers only.

/** An upper bound over some members: Σ coefficient × amps ≤ capacity. Everything that cannot be shared is already subtracted. */
export interface Bound {
  readonly capacity: number
  /** Bought, not fused: members of class 1 and up that still need something keep their minimum whatever it says. */
  readonly economic?: true
}

/** How a car stands in the taking of turns; times in ms. */
export interface Turn {
  /** on = it has current; coming and going = swapped in or out, and not there yet; off = it waits. */
  readonly standing: 'on' | 'coming' | 'going' | 'off'
  /** Since when it has had its turn; for those that have none, nothing. */
  readonly onSinceMs: number
  /** Has been on, or off, for long enough to be swapped. */
  readonly mayGo: boolean
  readonly mayCome: boolean
  /** Since when the clock of the queue it waits in runs; null = it did not wait. */
  readonly clockMs: number | null
}

/** A car that takes part. Amounts are amps; `bounds` names every bound it loads, by index, with amps or watts per amp. */
export interface Member {
  readonly key: string
  /** Larger first; strict. */
  readonly priority: number
  readonly weight: number
  /** Least it can use, most it could use, and what it is counted with even when it gets nothing. */
  readonly minA: number
  readonly capA: number
  readonly floorA: number
  readonly stepA: number
  /** Place in the order of admission inside its class: lower first. */
  readonly rank: number
  readonly bounds: readonly { readonly index: number; readonly perAmp: number }[]
  /** Place in the order of filling (the queue, or by deadline), and of ties: lower first; absent = the rank. */
  readonly queue?: number | undefined
  /** Its deadline is so near that it comes before others of its class. */
  readonly urgent?: boolean | undefined
  /** leastLaxity: until when it can wait if it has everything from then on, whole ms, and what everything is, A; absent = for ever. */
  readonly latestMs?: number | undefined
  readonly fullA?: number | undefined
  /** leastLaxity: what it was granted last, A; steps up to that go to others only for much less slack. Absent = 0. */
  readonly heldA?: number | undefined
  /** Absent = it takes no turns: its rank says it all. */
  readonly turn?: Turn | undefined
  /** It has all that was asked for: it shares only what the others leave, and waits for nothing. */
  readonly sated?: true | undefined
}

export interface Share {
  readonly key: string
  readonly allocatedA: number
  /** What stopped it: a bound's index; its own cap; `minimum` or `queue` when it gets nothing. */
  readonly boundBy: number | 'cap' | 'minimum' | 'queue'
  /** The bound that left less than its minimum, when it gets nothing. */
  readonly blockedBy: number | null
  /** Swapped in or out, and not there yet. */
  readonly move: 'coming' | 'going' | null
  /** Since when the clock of the queue it waits in runs; null = it does not wait. */
  readonly clockMs: number | null
  /** After how many swaps all in its queue have had their turn; Infinity = those before it have it all, null = it does not wait. */
  readonly rounds: number | null
}

/** What an admitted member has at least. */
export function leastOf(member: Member): number {
  return Math.min(Math.max(member.minA, member.floorA), member.capA)
}

/** To whom its minimum is owed under economic bounds. */
export function isOwed({ priority, sated }: Member): boolean {
  return priority >= 1 && sated !== true
}

/** Ties: the queue, then the name. */
export function compareInQueue(a: Member, b: Member): number {
  return (a.queue ?? a.rank) - (b.queue ?? b.rank) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
}

/** A running division: what each member has, what is left of each bound, and what stopped whom. */
export class Division {
  readonly left: number[]
  readonly bounds: readonly Bound[]
  readonly amps = new Map<string, number>()
  readonly boundBy = new Map<string, Share['boundBy']>()

  /** Floors count whatever is given. */
  constructor(bounds: readonly Bound[], members: readonly Member[]) {
    this.bounds = bounds
    this.left = bounds.map(({ capacity }) => capacity)
    for (const member of members) this.load(member, member.floorA)
  }

  of(member: Member): number {
    return this.amps.get(member.key) ?? 0
  }

  load(member: Member, deltaA: number): void {
    if (deltaA !== 0) for (const { index, perAmp } of member.bounds) this.left[index]! -= deltaA * perAmp
  }

  /** Below its floor a car frees nothing: the floor counts all the same. */
  give(member: Member, toA: number): void {
    this.load(member, Math.max(toA, member.floorA) - Math.max(this.of(member), member.floorA))
    this.amps.set(member.key, toA)
  }

  /** The first bound that would not hold with so much more, or undefined. `owed` = what grows is its minimum: under economic bounds that is owed. */
  blocker(member: Member, growthA: number, owed = false): number | undefined {
    if (growthA <= 0) return undefined
    for (const { index, perAmp } of member.bounds) {
      if (this.left[index]! < growthA * perAmp - 1e-7 && !(owed && isOwed(member) && this.bounds[index]!.economic === true)) return index
    }
    return undefined
  }
}
