// The commands that a charge point was sent, newest first, with its answers.
import { Fragment } from 'preact'
import { useState } from 'preact/hooks'
import type { CommandView } from '../../../../src/actors/command-record.ts'
import { call, said, segment } from '../../data/call.ts'
import { nowMs } from '../../data/now.ts'
import { usePolled } from '../../data/polled.ts'
import { may } from '../../data/session.ts'
import { byWords, clock, num } from '../../data/words.ts'
import { notify } from '../../parts/notice.tsx'
import { Mark, Reading } from '../../parts/reading.tsx'
import { answerOf, commandState } from './command-words.ts'

export function CommandHistory({ clientID }: { clientID: string }) {
  const list = usePolled<{ data: readonly CommandView[] }>(`/commands?clientID=${segment(clientID)}&limit=50`, { on: ['command.finished'] })
  const [open, setOpen] = useState<string | null>(null)
  async function cancel(id: string): Promise<void> {
    await call(`/commands/${segment(id)}/cancel`, { method: 'POST' }).catch((error: unknown) => notify(said(error), { bad: true }))
    list.again()
  }
  return (
    <section aria-label="What was sent">
      <h2>What was sent</h2>
      <Reading state={list.state.value} what="the commands">
        {({ data }) => (data.length === 0 ? <p class="card">Nothing yet. What kwota's engine sends by itself is under Messages.</p> : (
          <div class="table" tabIndex={0} role="region" aria-label="Commands that were sent">
            <table>
              <thead><tr><th scope="col">Time</th><th scope="col">Command</th><th scope="col">State</th><th scope="col">Answer</th><th scope="col" class="number">after</th><th scope="col">By</th><th scope="col"><span class="unseen">Details</span></th></tr></thead>
              <tbody>
                {data.map((command) => (
                  <Fragment key={command.id}>
                    <tr>
                      <td>{clock(command.createdAt, nowMs.value)}</td>
                      <th scope="row">{command.action}</th>
                      <td><Mark kind={commandState(command.status).mark} /> {commandState(command.status).words} {command.status === 'queued' && may('commands:write') && <button type="button" onClick={() => void cancel(command.id)}>Cancel it</button>}</td>
                      <td>{answerOf(command)}</td>
                      <td class="number">{command.latencyMs === null ? '' : `${num(command.latencyMs)} ms`}</td>
                      <td>{byWords(command.createdBy)}</td>
                      <td><button type="button" class="plain small" aria-expanded={open === command.id} aria-label={`JSON of ${command.action}`} onClick={() => setOpen(open === command.id ? null : command.id)}>{open === command.id ? '▾' : '▸'}</button></td>
                    </tr>
                    {open === command.id && <tr><td colSpan={7}><pre tabIndex={0}>{JSON.stringify(command, null, 2)}</pre></td></tr>}
                  </Fragment>
                ))}
              </tbody>
            </table>
          </div>
        ))}
      </Reading>
    </section>
  )
}
