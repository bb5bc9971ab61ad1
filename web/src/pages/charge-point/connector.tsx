// One connector: what it does, what it was given and draws, and every limit above it.
import type { AllocationView, ConnectorView } from '../../../../src/actors/views.ts'
import { segment } from '../../data/call.ts'
import { nowMs } from '../../data/now.ts'
import { usePolled } from '../../data/polled.ts'
import { may } from '../../data/session.ts'
import { amps, clock } from '../../data/words.ts'
import { Mark, Reading } from '../../parts/reading.tsx'
import { connectorOf } from '../charge-points/row.ts'
import { constraintName, constraintStates } from './why.ts'

export function ConnectorCard({ connector, only }: { connector: ConnectorView; only: boolean }) {
  const { id, clientID, siteID, power, transactionId } = connector
  const why = usePolled<AllocationView>(`/chargepoints/${segment(clientID)}/connectors/${id}/allocation`, { on: ['allocation.changed', 'limit.changed', 'limit.expired'], everyMs: 3000 })
  const { mark, words } = connectorOf(power)
  const tell = (action: string, fields: Record<string, string>): string => `/chargepoints/${segment(clientID)}?${new URLSearchParams({ tab: 'commands', action, ...fields }).toString()}`
  return (
    <section class="card" aria-label={`Connector ${id}`}>
      <div class="line spread">
        <h2>{only ? 'Connector' : `Connector ${id}`}: <Mark kind={mark} /> {words}{connector.errorCode !== 'NoError' && <span class="bad"> ({connector.errorCode}{connector.info === undefined ? '' : `: ${connector.info}`})</span>}</h2>
        {may('commands:write') && (
          <p class="line">
            {transactionId === null
              ? <a class="button" href={tell('remote-start', { connectorId: String(id) })}>Start …</a>
              : <a class="button" href={tell('remote-stop', { transactionId: String(transactionId) })}>Stop …</a>}
            <a class="button" href={tell('unlock-connector', { connectorId: String(id) })}>Unlock …</a>
          </p>
        )}
      </div>
      <Reading state={why.state.value} what="why">
        {(allocation) => (
          <>
            <p class="summary">{allocation.summary}</p>
            <Numbers allocation={allocation} power={power} />
            <Constraints allocation={allocation} siteID={siteID} />
          </>
        )}
      </Reading>
      {transactionId !== null && <p><a href={`/sessions/${transactionId}`}>The session that runs</a></p>}
    </section>
  )
}

function Numbers({ allocation: { requestedA, allocatedA, confirmedA, reservedA, measuredA, measuredAt }, power }: { allocation: AllocationView; power: ConnectorView['power'] }) {
  return (
    <dl class="numbers">
      <div><dt>wanted</dt><dd>{amps(requestedA)}</dd></div>
      {power.online ? <div><dt>given</dt><dd>{amps(allocatedA)}</dd></div> : <div><dt>counted, as nobody hears it</dt><dd>{amps(Math.max(allocatedA, reservedA))}{confirmedA === null && ' (unconfirmed)'}</dd></div>}
      <div><dt>confirmed by it</dt><dd>{amps(confirmedA)}</dd></div>
      <div><dt>drawn</dt><dd>{amps(measuredA)}{measuredAt !== null && <span class="soft small"> {measuredA === null && 'last measured '}{clock(measuredAt, nowMs.value)}</span>}</dd></div>
      <div><dt>reserved for it</dt><dd>{amps(reservedA)}</dd></div>
      {power.allocatedW !== undefined && <div><dt>at the car</dt><dd>{power.allocatedW} W</dd></div>}
    </dl>
  )
}

function Constraints({ allocation: { constraints, queue, nextReviewAt, decisionId }, siteID }: { allocation: AllocationView; siteID: string }) {
  const now = nowMs.value
  return (
    <>
      {queue !== null && <p><Mark kind="waiting" /> It waits: place {queue.place} of {queue.of}.</p>}
      <details open>
        <summary>Every limit above it</summary>
        <div class="table" tabIndex={0} role="region" aria-label="Limits above this connector">
          <table class="as-cards">
            <thead><tr><th scope="col">Limit</th><th scope="col" class="number">Allows</th><th scope="col" class="number">Its share</th><th scope="col">State</th><th scope="col">Until</th></tr></thead>
            <tbody>
              {constraints.map(({ id, limitA, shareA, overA, state, until, inferred }) => (
                <tr key={id} class={state === 'binding' ? 'strong' : state === 'inactive' ? 'soft' : undefined}>
                  <th scope="row">{constraintName(id)}{inferred === true && <span class="soft"> (inferred)</span>}</th>
                  <td data-name="Allows" class="number">{amps(limitA)}</td>
                  <td data-name="Its share" class="number">{shareA === undefined ? '' : amps(shareA)}</td>
                  <td data-name="State"><Mark kind={overA !== undefined || state === 'binding' ? 'warning' : state === 'ok' ? 'ok' : 'info'} /> {state === 'binding' || overA === undefined ? constraintStates[state] : ''}{state === 'binding' && overA !== undefined && ', '}{overA !== undefined && `exceeded by ${amps(overA)}, counting what is reserved`}</td>
                  <td data-name="Until">{until === undefined ? '' : clock(until, now)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p class="soft small">{nextReviewAt !== null && <>Looked at again {clockS(nextReviewAt)} at the latest. </>}{decisionId !== null && <>Decision <a href={`/sites/${segment(siteID)}/activity?decision=${segment(decisionId)}`}>{decisionId}</a>.</>}</p>
      </details>
    </>
  )
}

const clockS = (at: string): string => new Date(at).toLocaleTimeString('en-GB')
