// What a connector was measured to draw, from its stored meter values, or from the samples that 0.4 kept in their place.
import { readRow } from '../../actors/meter-history.ts'
import { readEntry, secondOf } from '../../actors/meter-bundle.ts'
import { meterSeries } from '../../actors/meter-row.ts'
import { phases, type Phase } from '../../power/site.ts'
import type { Outlet } from '../../power/tree.ts'
import type { Store } from '../../store/port.ts'
import { field } from './held-back.ts'
import { readSeries } from './stored-series.ts'

/** With less a car draws nothing: noise of a meter. */
export const strayA = 1

/** `highestA` = on the phase of the grid that carries most. */
export interface Sampled { readonly atMs: number; readonly highestA: number; readonly phases: number }

/** With fromMs ≤ atMs < toMs, ascending; those that say nothing of current or power are left out. Rejects as the store does. */
export async function readSampled(store: Pick<Store, 'range'>, siteID: string, outlet: Outlet, nominalV: number, fromMs: number, toMs: number): Promise<Sampled[]> {
  const entries = await readSeries(store, siteID, meterSeries(outlet.key), secondOf(fromMs), toMs)
  const rows = entries.flatMap((entry) => readEntry(outlet.key, entry)).filter(({ atMs }) => atMs >= fromMs && atMs < toMs).sort((a, b) => a.atMs - b.atMs)
  const sampled = rows.flatMap((row) => said(row.atMs, gridAmps(outlet, readRow(row, outlet.phases.length, nominalV))))
  if (rows.length > 0) return sampled
  return (await readSeries(store, siteID, `samples:${outlet.key}`, fromMs, toMs)).flatMap(({ atMs, value }) => said(atMs, field(value, 'currentA')))
}

/** The amps of a DC connector's cable are not those of the grid, which its power says. */
function gridAmps({ dc = null }: Outlet, { currentA, powerW }: ReturnType<typeof readRow>): Partial<Record<Phase, number>> | null {
  if (dc === null) return currentA
  return powerW === null ? null : Object.fromEntries(phases.map((phase) => [phase, powerW / dc.wattsPerA]))
}

function said(atMs: number, currentA: unknown): Sampled[] {
  if (typeof currentA !== 'object' || currentA === null) return []
  const amps = Object.values(currentA).filter((one): one is number => typeof one === 'number' && Number.isFinite(one))
  return [{ atMs, highestA: Math.max(0, ...amps), phases: Math.max(1, amps.filter((one) => one > strayA).length) }]
}
