// What a connector was allotted while a session ran, read out of the decisions that changed it.
import type { DecisionView } from '../../../../src/actors/decision-record.ts'
import type { Point } from '../../parts/chart-geometry.ts'

export interface Whose { readonly clientID: string; readonly connectorId: number; readonly fromMs: number; readonly toMs: number }

/** Amps from each change on, oldest first, to the end of the session. `decisions` as they are listed: newest first. */
export function allocatedA(decisions: readonly DecisionView[], { clientID, connectorId, fromMs, toMs }: Whose): Point[] {
  const points: (readonly [number, number])[] = []
  let before: number | null = null
  for (const { at, changes } of decisions.toReversed()) {
    const ms = Date.parse(at)
    const change = changes.find((one) => one.clientID === clientID && one.connectorId === connectorId)
    if (change === undefined || ms >= toMs) continue
    const afterA = change.after?.allocatedA ?? 0
    if (ms <= fromMs) before = afterA
    else {
      if (points.length === 0) points.push([fromMs, before ?? change.before?.allocatedA ?? 0])
      points.push([ms, afterA])
    }
  }
  if (points.length === 0 && before !== null) points.push([fromMs, before])
  const last = points.at(-1)
  if (last !== undefined) points.push([toMs, last[1]])
  return points
}

/** Of the wires it has, W for each A. */
export function wattsPerA(voltage: number, connector: { readonly phases?: readonly string[] | undefined; readonly current?: string; readonly efficiency?: number } | undefined): number {
  if (connector?.current === 'DC') return 3 * voltage * (connector.efficiency ?? 1)
  return voltage * (connector?.phases?.length ?? 3)
}
