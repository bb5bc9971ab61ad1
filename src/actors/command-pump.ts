// One after the other: sends what is next as long as somebody is there to take it.
export interface PumpOptions<T> {
  readonly next: () => T | undefined
  readonly isOpen: () => boolean
  readonly send: (one: T) => Promise<void>
  /** A sending failed inside kwota; the next start tries again. */
  readonly failed: (error: unknown) => void
}

export class Pump<T> {
  private readonly options: PumpOptions<T>
  private running = false
  private stopped = false

  constructor(options: PumpOptions<T>) {
    this.options = options
  }

  /** Until nothing waits or nobody is there; does nothing while it runs already. */
  start(): void {
    if (this.running || this.stopped) return
    this.running = true
    void this.run()
  }

  stop(): void {
    this.stopped = true
  }

  private async run(): Promise<void> {
    const { next, isOpen, send, failed } = this.options
    try {
      for (let one = next(); one !== undefined && !this.stopped && isOpen(); one = next()) await send(one)
    } catch (error) {
      failed(error)
    } finally {
      // In the same turn as the last look: who starts it later finds it stopped.
      this.running = false
    }
  }
}
