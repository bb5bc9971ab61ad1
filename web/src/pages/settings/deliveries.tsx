// What was sent to a webhook lately, and what became of each.
import type { DeliveryView } from '../../../../src/actors/webhook-record.ts'
import { segment } from '../../data/call.ts'
import { nowMs } from '../../data/now.ts'
import { usePolled } from '../../data/polled.ts'
import { clock } from '../../data/words.ts'
import { Mark, Reading } from '../../parts/reading.tsx'
import { deliveryAnswer, deliveryState } from './delivery-words.ts'

const shownAtMost = 20

export function Deliveries({ webhookID, url }: { webhookID: string; url: string }) {
  const deliveries = usePolled<{ data: readonly DeliveryView[]; nextCursor: string | null }>(`/webhooks/${segment(webhookID)}/deliveries?limit=${shownAtMost}`, { everyMs: 3000 })
  const now = nowMs.value
  return (
    <Reading state={deliveries.state.value} what="what was sent">
      {({ data, nextCursor }) => (data.length === 0 ? <p class="soft">Nothing was sent there yet. Send a test, or wait for something to happen.</p> : (
        <>
          <div class="table" tabIndex={0} role="region" aria-label={`Deliveries to ${url}`}>
            <table class="as-cards">
              <thead><tr><th scope="col">Event</th><th scope="col">State</th><th scope="col">Happened</th><th scope="col" class="number">Attempts</th><th scope="col">Last attempt</th><th scope="col">Answer</th></tr></thead>
              <tbody>
                {data.map((delivery) => {
                  const { mark, words } = deliveryState(delivery, now)
                  return (
                    <tr key={delivery.id}>
                      <th scope="row">{delivery.type}{delivery.siteID !== '' && <span class="soft small"> {delivery.siteID}</span>}</th>
                      <td data-name="State"><Mark kind={mark} /> {words}</td>
                      <td data-name="Happened">{clock(delivery.at, now)}</td>
                      <td data-name="Attempts" class="number">{delivery.attempts}</td>
                      <td data-name="Last attempt">{clock(delivery.lastAttemptAt, now)}</td>
                      <td data-name="Answer">{deliveryAnswer(delivery)}</td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </div>
          <p class="soft small">{nextCursor !== null && `The newest ${shownAtMost}. `}What was not taken is tried again for a while by itself; what was given up is not sent again.</p>
        </>
      ))}
    </Reading>
  )
}
