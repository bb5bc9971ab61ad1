// What a limit would come to, as a dry run answers it: before, after and why of every connector.
import type { LimitPreview } from '../actors/limit-preview.ts'
import { plain, tableOf } from './table.ts'

export function previewText({ siteID, effective: { before, after }, state, deficitA, connectors, counts, misfits }: LimitPreview): string {
  const rows = connectors.map(({ clientID, connectorId, beforeA, afterA, why }) => [`${clientID}/${connectorId}`, `${beforeA} A`, `${afterA} A`, why])
  return `${[
    `${siteID}: ${before === null ? 'not yet decided' : `${before.currentA} A (${before.binding})`} → ${after.currentA} A (${after.binding}), ${state}${deficitA === undefined ? '' : `, ${deficitA} A are missing`}`,
    ...(rows.length === 0 ? ['  nobody would notice'] : tableOf(['connector', 'before', 'after', 'why'], rows)),
    ...(counts.leftOut > 0 ? [`  and ${counts.leftOut} more; --json says how many change`] : []),
    `  ${counts.lowered} lowered, ${counts.raised} raised of ${counts.connectors}`,
    ...misfits.map((misfit) => `  does not hold: ${plain(misfit)}`),
    'Nothing was sent or stored.',
  ].join('\n')}\n`
}
