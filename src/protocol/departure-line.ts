// The line at the exit: when thousands are cut in one moment, so many of them are worked off in one turn of the event loop, the others wait in order.
import { atEndOfTurn } from '../clock.ts'

export class DepartureLine {
  private readonly perTurn: number
  private readonly waiting: (() => void)[] = []
  private taken = 0
  private isComing = false

  /** Timers (lowerings among them) and what was read go ahead between two turns. */
  constructor(perTurn: number) {
    this.perTurn = perTurn
  }

  /** At once where few leave. A `depart` that throws keeps no other from leaving. */
  leave(depart: () => void): void {
    this.waiting.push(depart)
    this.workOff()
  }

  private workOff(): void {
    this.comeAgain()
    while (this.taken < this.perTurn) {
      const depart = this.waiting.shift()
      if (depart === undefined) return
      this.taken++
      depart()
    }
  }

  private comeAgain(): void {
    if (this.isComing) return
    this.isComing = true
    atEndOfTurn(() => {
      this.isComing = false
      this.taken = 0
      if (this.waiting.length > 0) this.workOff()
    })
  }
}
