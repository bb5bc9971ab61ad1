// The line in front of the door: of those who want to come in, so many are taken up in one turn of the event loop, the others wait in order.
import { atEndOfTurn } from '../clock.ts'

export interface UpgradeLineOptions {
  /** Timers (lowerings among them) and what was read go ahead between two turns. */
  readonly perTurn: number
  /** The next is turned away. */
  readonly mostWaiting: number
  /** Taken up and not decided yet: on a password, or on whether an old connection is alive. */
  readonly mostUnderWay: number
}

type Begin = () => Promise<void>

export class UpgradeLine {
  private readonly options: UpgradeLineOptions
  private waiting: Begin[] = []
  /** Where in `waiting` the next stands. */
  private next = 0
  private underWay = 0
  private isComing = false

  constructor(options: UpgradeLineOptions) {
    this.options = options
  }

  /** False = too many wait, nothing was done. `begin` never rejects. */
  enter(begin: Begin): boolean {
    if (this.waiting.length - this.next >= this.options.mostWaiting) return false
    this.waiting.push(begin)
    this.come()
    return true
  }

  private come(): void {
    if (this.isComing || this.next === this.waiting.length || this.underWay >= this.options.mostUnderWay) return
    this.isComing = true
    atEndOfTurn(() => {
      this.isComing = false
      this.takeUp()
    })
  }

  private takeUp(): void {
    const { perTurn, mostUnderWay } = this.options
    for (let taken = 0; taken < perTurn && this.underWay < mostUnderWay; taken++) {
      const begin = this.waiting[this.next]
      if (begin === undefined) break
      this.next++
      this.underWay++
      void begin().finally(() => {
        this.underWay--
        this.come()
      })
    }
    if (this.next === this.waiting.length || this.next >= 1_024) {
      this.waiting = this.waiting.slice(this.next)
      this.next = 0
    }
    this.come()
  }
}
