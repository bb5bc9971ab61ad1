// The form of one command: filled, asked about where it is dangerous, sent, and answered in place.
import { useState } from 'preact/hooks'
import type { CommandView } from '../../../../src/actors/command-record.ts'
import type { ChargePointView } from '../../../../src/actors/views.ts'
import { call, said, segment } from '../../data/call.ts'
import { serverNowMs } from '../../data/server-clock.ts'
import { num } from '../../data/words.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Mark } from '../../parts/reading.tsx'
import { answerOf, commandState, hasEnded } from './command-words.ts'
import { aside, bodyOf, dangerOf, startOf, type CommandForm } from './command-schema.ts'
import { SchemaFields } from './schema-fields.tsx'

const waitS = 20

export function CommandSheet({ point, form, given }: { point: ChargePointView; form: CommandForm; given: Readonly<Record<string, string>> }) {
  const [values, setValues] = useState(() => startOf(form.schema, given))
  const [waitsH, setWaitsH] = useState(0)
  const [asking, ask] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [command, setCommand] = useState<CommandView | null>(null)
  const offline = point.connection.state !== 'online'

  async function send(): Promise<void> {
    ask(null)
    setBusy(true)
    setTrouble(null)
    setCommand(null)
    try {
      const waiting = waitsH === 0 ? {} : { queue: true, expiresAt: new Date(serverNowMs() + waitsH * 3_600_000).toISOString() }
      const body = { ...bodyOf(form.schema, values), ...waiting }
      setCommand(await call<CommandView>(`/chargepoints/${segment(point.id)}/${form.name}`, { method: 'POST', body, headers: { Prefer: `wait=${waitS}` }, withinMs: (waitS + 15) * 1000 }))
    } catch (error) {
      setTrouble(said(error))
    }
    setBusy(false)
  }
  function submit(event: SubmitEvent): void {
    event.preventDefault()
    const danger = dangerOf(form.name, values)
    if (danger === null) void send()
    else ask(danger)
  }

  return (
    <form class="stack sheet" onSubmit={submit}>
      <SchemaFields schema={form.schema} values={values} change={setValues} skip={aside} />
      <label>If it is offline
        <select value={waitsH} onChange={({ currentTarget }) => setWaitsH(Number(currentTarget.value))}>
          <option value={0}>do not send it</option><option value={1}>keep it for an hour</option><option value={24}>keep it for a day</option><option value={168}>keep it for a week</option>
        </select>
      </label>
      {offline && waitsH === 0 && <p><Mark kind="warning" /> {point.id} is offline: it will be refused unless it may wait.</p>}
      <button type="submit" class="main" disabled={busy}>{busy ? `Waiting for ${point.id} …` : `Send ${form.action}`}</button>
      <div role="status">
        {command !== null && (
          <>
            <p><Mark kind={commandState(command.status).mark} /> <b>{commandState(command.status).words}</b>{answerOf(command) !== '' && <>: {answerOf(command)}</>}{command.latencyMs !== null && <span class="soft"> after {num(command.latencyMs)} ms</span>}</p>
            {!hasEnded(command) && <p class="soft">The list below shows how it ends.</p>}
            {command.response !== null && <pre tabIndex={0}>{JSON.stringify(command.response, null, 2)}</pre>}
          </>
        )}
      </div>
      {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
      {asking !== null && <Confirm title={`Send ${form.action} to ${point.id}?`} action={`Send ${form.action}`} onClose={() => ask(null)} onYes={() => void send()}>{asking}</Confirm>}
    </form>
  )
}
