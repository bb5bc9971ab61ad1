// The list of promises: what was acknowledged, what was asked for without an answer, and what was found not to be kept.

/** One thing that is written again and again: its last acknowledged value, and what was asked for since without an answer. */
interface Entry { acknowledged: string | null; maybe: string[] }

export type Written = 'acknowledged' | 'refused' | 'unknown'

const mostFaults = 1_000

export class PromiseBook {
  readonly faults: string[] = []
  /** Acknowledgements received, and how often one was looked up again. */
  made = 0
  checked = 0
  private readonly entries = new Map<string, Entry>()

  fault(text: string): void {
    if (this.faults.length < mostFaults) this.faults.push(text)
  }

  /** Before the request leaves: from now on it may be found. */
  ask(key: string, value: string): void {
    this.entry(key).maybe.push(value)
  }

  /** What became of the request asked last. */
  answered(key: string, value: string, written: Written): void {
    const entry = this.entry(key)
    if (written === 'acknowledged') {
      this.made++
      entry.acknowledged = value
      entry.maybe = []
    } else if (written === 'refused') entry.maybe = entry.maybe.filter((each) => each !== value)
  }

  /** What stands there now: what was promised, or what was asked for after it. From now on that is what is promised. */
  found(key: string, value: string): void {
    const entry = this.entry(key)
    this.checked++
    if (entry.acknowledged === null && entry.maybe.length === 0) return
    if (value !== entry.acknowledged && !entry.maybe.includes(value) && !(entry.acknowledged === null && value === 'gone')) {
      this.fault(`${key}: ${entry.acknowledged ?? 'nothing'} was acknowledged, ${value} is there${entry.maybe.length === 0 ? '' : ` (asked for since: ${entry.maybe.join(', ')})`}`)
    }
    entry.acknowledged = value
    entry.maybe = []
  }

  /** Every key that something was promised or asked for under. */
  keys(prefix: string): string[] {
    return [...this.entries.keys()].filter((key) => key.startsWith(prefix))
  }

  forget(key: string): void {
    this.entries.delete(key)
  }

  /** What was acknowledged last, where nothing was asked for since. */
  settled(key: string): string | null {
    const entry = this.entries.get(key)
    return entry === undefined || entry.maybe.length > 0 ? null : entry.acknowledged
  }

  private entry(key: string): Entry {
    let entry = this.entries.get(key)
    if (entry === undefined) this.entries.set(key, entry = { acknowledged: null, maybe: [] })
    return entry
  }
}

/** 2xx is a promise and 4xx a refusal; anything else, and no answer, leaves both possible. */
export function writtenBy(answer: { readonly status: number } | null): Written {
  if (answer === null || answer.status >= 500) return 'unknown'
  return answer.status < 300 ? 'acknowledged' : 'refused'
}
