// The witness on the chargers' side: adds up what they were told they may draw, and holds it against the limits that were asked for over REST.

interface Span { readonly currentA: number; readonly fromMs: number; untilMs: number }

/** A request may have overtaken, or been overtaken by, what a charge point was told so long ago. */
const inFlightMs = 3_000
/** So long, with kwota running, a sum may stay above a limit that was lowered. */
const loweringMs = 10_000
const toleranceA = 0.05
const mostSpans = 200

export class GridWitness {
  raisings = 0
  lowerings = 0
  /** Where it came nearest to the limit, A; below 0 it was above. */
  leastMarginA = Infinity
  private readonly fuseA: number
  private readonly fault: (text: string) => void
  private readonly sumA: () => number
  /** Limits that could be in force. */
  private limits: Span[]
  /** Limits for a time that are in force beside them. */
  private caps: Span[] = []
  private overMs = 0

  constructor({ fuseA, sumA, fault }: { readonly fuseA: number; readonly sumA: () => number; readonly fault: (text: string) => void }) {
    this.fuseA = fuseA
    this.sumA = sumA
    this.fault = fault
    this.limits = [{ currentA: fuseA, fromMs: 0, untilMs: Infinity }]
  }

  /** Asked for: may be in force from now on. */
  limitAsked(currentA: number): void {
    this.limits.push({ currentA, fromMs: Date.now(), untilMs: Infinity })
    if (this.limits.length > mostSpans) this.limits = this.limits.filter(({ untilMs }) => untilMs > Date.now() - 60_000)
  }

  /** Acknowledged, or found: no other is in force from now on. */
  limitIs(currentA: number): void {
    const nowMs = Date.now()
    if (currentA < this.allowedA(nowMs)) this.overMs = 0
    const standing = this.limits.findLast((span) => span.currentA === currentA)
    for (const span of this.limits) if (span !== standing) span.untilMs = Math.min(span.untilMs, nowMs)
    if (standing === undefined) this.limits.push({ currentA, fromMs: nowMs, untilMs: Infinity })
    else standing.untilMs = Infinity
  }

  limitRefused(currentA: number): void {
    const refused = this.limits.findLast((span) => span.currentA === currentA)
    if (refused !== undefined) refused.untilMs = Math.min(refused.untilMs, Date.now())
  }

  /** Acknowledged; ends by itself. Gives what ends it before. */
  capped(currentA: number, untilMs: number): () => void {
    const span: Span = { currentA, fromMs: Date.now(), untilMs }
    this.caps = [...this.caps.filter((cap) => cap.untilMs > Date.now() - 60_000), span]
    this.overMs = 0
    return () => { span.untilMs = Math.min(span.untilMs, Date.now()) }
  }

  /** A charge point was told something that changes what it may draw. */
  told(clientID: string, beforeA: number, afterA: number): void {
    if (afterA < beforeA) this.lowerings++
    if (afterA <= beforeA + toleranceA) return
    this.raisings++
    const [sumA, allowedA] = [this.sumA(), this.allowedA(Date.now())]
    this.leastMarginA = Math.min(this.leastMarginA, allowedA - sumA)
    if (sumA > allowedA + toleranceA) this.fault(`${clientID} was raised from ${beforeA} to ${afterA} A: all together may draw ${sumA.toFixed(1)} A then, and ${allowedA} A is the limit`)
  }

  /** Every so often, while kwota runs. */
  look(sinceMs: number): void {
    const [sumA, allowedA] = [this.sumA(), this.allowedA(Date.now())]
    if (sumA <= allowedA + toleranceA) {
      this.overMs = 0
      return
    }
    this.overMs += sinceMs
    if (this.overMs < loweringMs) return
    this.overMs = 0
    this.fault(`all together were allowed ${sumA.toFixed(1)} A for ${loweringMs / 1000} s of kwota running, and ${allowedA} A is the limit`)
  }

  /** The highest that could be in force now or a moment ago. */
  private allowedA(nowMs: number): number {
    const sinceMs = nowMs - inFlightMs
    const possible = this.limits.filter((span) => span.fromMs <= nowMs && span.untilMs >= sinceMs).map(({ currentA }) => currentA)
    const caps = this.caps.filter((span) => span.fromMs <= sinceMs && span.untilMs > nowMs).map(({ currentA }) => currentA)
    return Math.min(this.fuseA, Math.max(...possible), ...caps)
  }
}
