// The decisions of one running site: numbered as they are made, the newest kept at hand, and for each connector the one it stands by.
import { connectorKey } from '../power/site.ts'
import { changedKeys, decisionOf, isDecision, type Decided, type DecisionOrder, type DecisionView, type Trigger } from './decision-record.ts'
import { DecisionShelf, type DecisionShelfOptions } from './decision-shelf.ts'
import type { Scope } from './scope.ts'

/** Older ones are read from the store. */
const mostKept = 50
/** Changes in all those kept, besides the newest. */
const mostChanges = 20_000

interface Kept { readonly id: string; readonly keys: readonly string[]; readonly make: () => DecisionView }

export interface MadeDecision {
  readonly id: string
  /** Connectors whose allocation, reason or place is another than before. */
  readonly changed: readonly string[]
}

export class DecisionLog {
  private readonly prefix: string
  private readonly suffix: string
  private readonly shelf: DecisionShelf
  /** Oldest first. */
  private kept: Kept[] = []
  private changes = 0
  private made = 0
  private newest: string | null = null
  private readonly standing = new Map<string, string>()
  /** No longer among the newest, but a connector stands by them: only what concerns such connectors. */
  private readonly pinned = new Map<string, { readonly decision: DecisionView; readonly keys: Set<string> }>()

  constructor(siteID: string, scope: Scope, options: Omit<DecisionShelfOptions, 'siteID' | 'scope'>) {
    this.prefix = `dec_${scope.epoch}_`
    this.suffix = siteID === 'main' ? '' : `_${siteID}`
    this.shelf = new DecisionShelf({ ...options, siteID, scope })
  }

  /** Records a review that decided something, or that somebody asked for; null = it changed nothing. Costs what it takes to compare: the record is made when it is read or stored. */
  take(decided: Decided, trigger: Trigger): MadeDecision | null {
    const changed = changedKeys(decided)
    if (!isDecision(decided, changed) && trigger.requestId === undefined) return null
    const id = `${this.prefix}${++this.made}${this.suffix}`
    const make = makeOnce(decided, changed, id, trigger)
    for (const key of changed) this.stand(key, decided.plan.targets.has(key) ? id : null)
    this.newest = id
    this.kept.push({ id, keys: changed, make })
    this.changes += changed.length
    while (this.kept.length > mostKept || (this.kept.length > 1 && this.changes > mostChanges)) this.letGo(this.kept.shift()!)
    this.shelf.add(make)
    return { id, changed }
  }

  /** The newest decision; null before the first. */
  get newestId(): string | null { return this.newest }

  /** The decision that gave a connector what it has. */
  standingBy(key: string): string | null {
    return this.standing.get(key) ?? null
  }

  /** Newest first, at most so many; all of them are of this process. */
  recent(most = mostKept): readonly DecisionView[] {
    return this.kept.slice(-most).map(({ make }) => make()).reverse()
  }

  /** The newest `most` that `pass`, newest first, of those at hand. */
  recentOf(most: number, pass: (decision: DecisionView) => boolean): readonly DecisionView[] {
    const found: DecisionView[] = []
    for (let at = this.kept.length - 1; at >= 0 && found.length < most; at -= 1) {
      const decision = this.kept[at]!.make()
      if (pass(decision)) found.push(decision)
    }
    return found
  }

  /** One that is at hand; undefined = look in the store, then at `remains`. */
  find(id: string): DecisionView | undefined {
    return this.kept.find((one) => one.id === id)?.make()
  }

  /** What is left of an old one that connectors still stand by: its changes are theirs only. */
  remains(id: string): DecisionView | undefined {
    return this.pinned.get(id)?.decision
  }

  flush(): Promise<void> { return this.shelf.flush() }
  stop(): void { this.shelf.stop() }
  /** As if killed. */
  abandon(): void { this.shelf.abandon() }

  private stand(key: string, id: string | null): void {
    const before = this.standing.get(key)
    const old = before === undefined ? undefined : this.pinned.get(before)
    if (old !== undefined && old.keys.delete(key) && old.keys.size === 0) this.pinned.delete(before!)
    if (id === null) this.standing.delete(key)
    else this.standing.set(key, id)
  }

  private letGo({ id, keys, make }: Kept): void {
    this.changes -= keys.length
    const held = new Set(keys.filter((key) => this.standing.get(key) === id))
    if (held.size === 0) return
    const decision = make()
    const concerns = ({ clientID, connectorId }: DecisionOrder): boolean => held.has(connectorKey(clientID, connectorId))
    const { changes, lowerings, raisings } = decision
    this.pinned.set(id, { decision: { ...decision, changes: changes.filter((_, index) => held.has(keys[index]!)), lowerings: lowerings.filter(concerns), raisings: raisings.filter(concerns) }, keys: held })
  }
}

/** What it is made of is let go of then: whole plans hang on it. */
function makeOnce(decided: Decided, changed: readonly string[], id: string, trigger: Trigger): () => DecisionView {
  let made: DecisionView | null = null
  let from: Decided | null = decided
  return () => {
    if (made === null && from !== null) made = decisionOf(from, changed, id, trigger)
    from = null
    return made!
  }
}
