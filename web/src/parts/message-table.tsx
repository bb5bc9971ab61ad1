// A table of OCPP messages: when, who asked whom what, how it was answered; each row opens to its JSON.
import { Fragment } from 'preact'
import { useState } from 'preact/hooks'
import type { MessageView } from '../../../src/actors/message-row.ts'
import { segment } from '../data/call.ts'
import { serverNowMs } from '../data/server-clock.ts'
import { num } from '../data/words.ts'
import { Copy } from './copy.tsx'
import { Mark } from './reading.tsx'
import { gist, outcomeOf } from './message-words.ts'

export function MessageTable({ messages, withName }: { messages: readonly MessageView[]; withName: boolean }) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const toggle = (id: string): void => setOpen((before) => new Set(before.has(id) ? [...before].filter((other) => other !== id) : [...before, id]))
  const columns = withName ? 6 : 5
  return (
    <div class="table" tabIndex={0} role="region" aria-label="Messages">
      <table class="messages">
        <thead><tr><th scope="col">Time</th>{withName && <th scope="col">Charge point</th>}<th scope="col">Message</th><th scope="col">Answer</th><th scope="col" class="number">after</th><th scope="col"><span class="unseen">Details</span></th></tr></thead>
        <tbody>
          {messages.map((message) => {
            const { id, at, clientID, direction, action, latencyMs } = message
            const { mark, words } = outcomeOf(message)
            const shown = open.has(id)
            return (
              <Fragment key={id}>
                <tr>
                  <td class="time">{time(at)}</td>
                  {withName && <td><a href={`/chargepoints/${segment(clientID)}?tab=messages`}>{clientID}</a></td>}
                  <td><span class="direction">{direction === 'in' ? '→' : '←'}<span class="unseen">{direction === 'in' ? 'from the charge point' : 'from kwota'}</span></span> <b>{action ?? 'no action'}</b> <span class="soft">{gist(message)}</span></td>
                  <td><Mark kind={mark} /> {words}</td>
                  <td class="number">{latencyMs === null ? '' : `${num(latencyMs)} ms`}</td>
                  <td><button type="button" class="plain small" aria-expanded={shown} aria-label={`JSON of ${action ?? 'the message'} at ${time(at)}`} onClick={() => toggle(id)}>{shown ? '▾' : '▸'}</button></td>
                </tr>
                {shown && <tr><td colSpan={columns}><Json message={message} /></td></tr>}
              </Fragment>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function Json({ message: { request, response, error, raw, messageId, bytes } }: { message: MessageView }) {
  const pretty = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 2))
  return (
    <div class="pair">
      <div><b>Request</b><pre tabIndex={0}>{request === null ? 'none' : pretty(request)}</pre></div>
      <div><b>Answer</b><pre tabIndex={0}>{error !== null ? pretty(error) : response === null || response === undefined ? 'none' : pretty(response)}</pre></div>
      <p class="line middle soft small">{messageId !== null && <>Message id {messageId}, </>}{bytes} bytes in all. {raw.request !== null && <Copy text={[raw.request, raw.response].filter((text) => text !== null).join('\n')} what="both frames as they came" />}</p>
    </div>
  )
}

const time = (at: string): string => {
  const when = new Date(at)
  const today = when.toDateString() === new Date(serverNowMs()).toDateString()
  const clock = `${when.toLocaleTimeString('en-GB')}.${String(when.getMilliseconds()).padStart(3, '0')}`
  return today ? clock : `${when.toLocaleDateString('sv')} ${clock}`
}
