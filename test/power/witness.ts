// Sums, from the charge points' own side, what could truly be drawn, and compares it with the limits, those between phases too; asks nothing of the ledger.
import { pairOf, pairs, type Constraint, type Pair } from '../../src/power/limits.ts'
import { phases } from '../../src/power/site.ts'
import type { CircuitNode } from '../../src/power/tree.ts'
import type { Play } from './harness.ts'

/** An outside event excuses this long: 10 s to lower, 5 s for cars to follow. */
const excusedMs = 15_000

export interface Breach { readonly atMs: number; readonly where: string; readonly excess: number; readonly lastEvent: string }

export class Witness {
  readonly breaches: Breach[] = []
  private readonly hopeless = new Map<string, number>()
  private untilMs = excusedMs
  private lastEvent = 'start'
  private readonly play: Play
  constructor(play: Play) {
    this.play = play
  }

  /** An event outside the engine's control; `lastsMs` if it goes on. */
  excuse(event: string, lastsMs = 0): void {
    this.lastEvent = event
    this.untilMs = Math.max(this.untilMs, this.play.nowMs + lastsMs + excusedMs)
  }

  look(): void {
    const { nowMs, plan } = this.play
    if (plan === null) return
    // What cannot be helped is said to be so; once it can be, it takes as long as any other event.
    for (const { constraint } of plan.missing) this.hopeless.set(`${constraint.nodeID} ${constraint.on}`, nowMs)
    if (nowMs <= this.untilMs) return
    for (const { where, on, excess } of this.sums()) {
      if (excess <= 0.5 || nowMs <= (this.hopeless.get(`${where} ${on}`) ?? -Infinity) + excusedMs) continue
      this.breaches.push({ atMs: nowMs, where: `${where} ${on}`, excess, lastEvent: this.lastEvent })
    }
  }

  /** By how much each limit is exceeded now. */
  sums(): { where: string; on: Constraint['on']; excess: number }[] {
    const { tree, connectors, baseA, grid, nowMs } = this.play
    const found: { where: string; on: Constraint['on']; excess: number }[] = []
    for (const node of tree.nodes) {
      const isSite = node.parent === null
      const sum = isSite ? { ...baseA } : { L1: 0, L2: 0, L3: 0 }
      for (const [key, connector] of connectors) {
        const outlet = tree.outlets.get(key)!
        if (!outlet.path.includes(node.id)) continue
        const load = connector.couldDrawA(nowMs)
        for (const phase of phases) sum[phase] += load[phase]
      }
      const fuse = tree.site.fuseA
      for (const phase of phases) {
        const ownA = isSite ? Math.min(typeof fuse === 'number' ? fuse : fuse[phase], grid?.currentA ?? Infinity) : (node.limitA?.[phase] ?? Infinity)
        found.push({ where: node.id, on: phase, excess: sum[phase] - ownA })
      }
      const limitW = Math.min(node.limitW ?? Infinity, isSite ? (grid?.powerW ?? Infinity) : Infinity)
      const { imbalanceLimitA = null } = node
      for (const on of imbalanceLimitA === null ? [] : pairs) found.push({ where: node.id, on, excess: this.tilt(node, on) - imbalanceLimitA! })
      found.push({ where: node.id, on: 'W', excess: ((sum.L1 + sum.L2 + sum.L3) * tree.site.voltage - limitW) / tree.site.voltage })
    }
    return found
  }

  /** How much more of a node the first phase of a pair could carry than the second, when all that loads both draws nothing. */
  private tilt({ id, parent }: CircuitNode, pair: Pair): number {
    const { tree, connectors, baseA, nowMs } = this.play
    const [one, other] = pairOf(pair)!
    let tilt = parent === null ? baseA[one] - baseA[other] : 0
    for (const [key, connector] of connectors) if (tree.outlets.get(key)!.path.includes(id) && connector.loadsOnly(one, other)) tilt += connector.couldDrawA(nowMs)[one]
    return tilt
  }
}
