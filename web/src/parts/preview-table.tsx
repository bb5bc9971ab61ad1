// What a change would come to: for the site, and before, after and why for every connector.
import type { LimitPreview } from '../../../src/actors/limit-preview.ts'
import { amps } from '../data/words.ts'

export function PreviewTable({ preview: { effective, connectors, counts, state, deficitA } }: { preview: LimitPreview }) {
  return (
    <div aria-live="polite">
      <p><b>{effective.before === null ? '' : `${amps(effective.before.currentA)} → `}{amps(effective.after.currentA)}</b> per phase.{' '}
        {counts.changed === 0 ? 'No connector changes.' : `${counts.changed} of ${counts.connectors} connectors change: ${counts.lowered} lower, ${counts.raised} higher.`}
        {state === 'unenforceable' && <span class="bad"> It cannot be met: {amps(deficitA)} are missing.</span>}
      </p>
      {connectors.length > 0 && (
        <div class="table preview" role="region" aria-label="Before and after" tabIndex={0}><table>
          <thead><tr><th scope="col">Connector</th><th scope="col" class="number">Before</th><th scope="col" class="number">After</th><th scope="col">Why</th></tr></thead>
          <tbody>{connectors.map(({ clientID, connectorId, beforeA, afterA, why }) => (
            <tr key={`${clientID}/${connectorId}`}><th scope="row">{clientID}/{connectorId}</th><td class="number">{amps(beforeA)}</td><td class="number">{afterA < beforeA ? '↓ ' : afterA > beforeA ? '↑ ' : ''}{amps(afterA)}</td><td>{why}</td></tr>
          ))}</tbody>
        </table></div>
      )}
      {counts.leftOut > 0 && <p class="soft">{counts.leftOut} more are not listed.</p>}
    </div>
  )
}
