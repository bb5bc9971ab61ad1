// A line in front of costly work: so many at a time, the rest in order, and only so many waiting.

/** Too many wait already; nothing was done. */
export class LineFull extends Error {
  override readonly name = 'LineFull'
}

export interface WorkLineOptions {
  readonly atOnce: number
  /** Of those at the door; the next is refused. */
  readonly mostWaiting: number
  /** Of our own; they go ahead of the door. */
  readonly mostOwnWaiting: number
}

export class WorkLine {
  private readonly options: WorkLineOptions
  private readonly door: (() => void)[] = []
  private readonly own: (() => void)[] = []
  private running = 0
  private total = 0

  constructor(options: WorkLineOptions) {
    this.options = options
  }

  /** How many jobs were begun so far. */
  get begun(): number {
    return this.total
  }

  /** Resolves as `job` does; rejects with LineFull when too many strangers wait. */
  run<T>(job: () => Promise<T>): Promise<T> {
    return this.queue(this.door, this.options.mostWaiting, job)
  }

  /** The same for what we or an authenticated caller want. */
  runOwn<T>(job: () => Promise<T>): Promise<T> {
    return this.queue(this.own, this.options.mostOwnWaiting, job)
  }

  private async queue<T>(waiting: (() => void)[], most: number, job: () => Promise<T>): Promise<T> {
    if (this.running < this.options.atOnce) this.running++
    else if (waiting.length >= most) throw new LineFull(`${most} wait already`)
    // Whoever leaves hands its place over.
    else await new Promise<void>((go) => waiting.push(go))
    this.total++
    try {
      return await job()
    } finally {
      const next = this.own.shift() ?? this.door.shift()
      if (next === undefined) this.running--
      else next()
    }
  }
}
