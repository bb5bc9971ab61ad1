// Webhooks: where what happens is sent, made with its secret shown once, tried, and removed.
import { useState } from 'preact/hooks'
import type { DeliveryView, WebhookView } from '../../../../src/actors/webhook-record.ts'
import { call, said, segment } from '../../data/call.ts'
import { nowMs } from '../../data/now.ts'
import { usePolled } from '../../data/polled.ts'
import { may } from '../../data/session.ts'
import { ago } from '../../data/words.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { notify } from '../../parts/notice.tsx'
import { Mark, Reading } from '../../parts/reading.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'
import { Deliveries } from './deliveries.tsx'

export function Webhooks() {
  const hooks = usePolled<{ data: readonly WebhookView[] }>('/webhooks?limit=100', { everyMs: 10_000 })
  const [making, make] = useState(false)
  const [removing, remove] = useState<WebhookView | null>(null)
  const [opened, open] = useState<string | null>(null)

  async function run(work: () => Promise<string>): Promise<void> {
    try {
      notify(await work())
    } catch (error) {
      notify(said(error), { bad: true })
    }
    hooks.again()
  }
  const attempt = (id: string) => run(async () => {
    const { status, responseStatus, error } = await call<DeliveryView>(`/webhooks/${segment(id)}/test`, { method: 'POST', withinMs: 40_000 })
    return `The test was ${status === 'delivered' ? 'delivered' : 'not delivered'}${responseStatus === null ? '' : ` (answer ${responseStatus})`}${error === null ? '.' : `: ${error}`}`
  })
  return (
    <section class="card">
      <div class="line spread"><h2>Webhooks</h2>{may('config:write') && <button type="button" onClick={() => make(true)}>Add a webhook</button>}</div>
      <Reading state={hooks.state.value} what="the webhooks" staleMs={30_000}>
        {({ data }) => (data.length === 0 ? <p>None: what happens is told to these pages only.</p> : (
          <ul class="plain-list">
            {data.map((hook) => (
              <li key={hook.id}>
                <p><Mark kind={hook.disabledReason !== null ? 'bad' : hook.enabled ? 'ok' : 'unknown'} /> <code>{hook.url}</code> {hook.description}</p>
                <p class="soft small inset">
                  {hook.disabledReason !== null ? `Disabled: ${hook.disabledReason}` : hook.enabled ? 'On' : 'Off'}; {hook.types === null ? 'every type but readings' : hook.types.join(', ')}; {hook.siteID === null ? 'every site' : `site ${hook.siteID}`}; {hook.queued} waiting; delivered {ago(hook.lastDeliveredAt, nowMs.value)}
                </p>
                <p class="line inset">
                  <button type="button" aria-expanded={opened === hook.id} onClick={() => open(opened === hook.id ? null : hook.id)}>{opened === hook.id ? 'Hide deliveries' : 'Deliveries'} <span class="unseen">to {hook.url}</span></button>
                  {may('config:write') && <>
                    <button type="button" onClick={() => void attempt(hook.id)}>Send a test</button>
                    <button type="button" onClick={() => void run(async () => { await call(`/webhooks/${segment(hook.id)}`, { method: 'PATCH', body: { enabled: !hook.enabled || hook.disabledReason !== null } }); return 'Changed.' })}>{hook.enabled && hook.disabledReason === null ? 'Switch off' : 'Switch on'}</button>
                    <button type="button" class="danger" aria-label={`Remove ${hook.url}`} onClick={() => remove(hook)}>Remove …</button>
                  </>}
                </p>
                {opened === hook.id && <Deliveries webhookID={hook.id} url={hook.url} />}
              </li>
            ))}
          </ul>
        ))}
      </Reading>
      {making && <NewWebhook onClose={() => { make(false); hooks.again() }} />}
      {removing !== null && <Confirm title="Remove this webhook?" action="Remove it" onClose={() => remove(null)} onYes={() => { remove(null); void run(async () => { await call(`/webhooks/${segment(removing.id)}`, { method: 'DELETE' }); return 'Removed.' }) }}>{removing.url} is told nothing any more; what waits for it is dropped.</Confirm>}
    </section>
  )
}

function NewWebhook({ onClose }: { onClose: () => void }) {
  const [url, setUrl] = useState('')
  const [description, setDescription] = useState('')
  const [types, setTypes] = useState('')
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [secret, setSecret] = useState<string | null>(null)

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setBusy(true)
    setTrouble(null)
    const wanted = types.split(',').map((type) => type.trim()).filter((type) => type !== '')
    try {
      const made = await call<{ secret: string }>('/webhooks', { method: 'POST', body: { url, description, types: wanted.length === 0 ? null : wanted } })
      setSecret(made.secret)
    } catch (error) {
      setTrouble(said(error))
    }
    setBusy(false)
  }
  if (secret !== null) {
    return (
      <Dialog title="The webhook is there" onClose={onClose}>
        <ShownOnce what="Its secret" secret={secret} />
        <p>With it the receiver checks that a request is from this kwota (Standard Webhooks).</p>
        <p><button type="button" class="main" onClick={onClose}>Done</button></p>
      </Dialog>
    )
  }
  return (
    <Dialog title="Add a webhook" onClose={onClose}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <label>Address that is told <input class="wide" type="url" required autofocus value={url} placeholder="https://…" onInput={({ currentTarget }) => setUrl(currentTarget.value)} /></label>
        <label>What it is for <input maxLength={200} value={description} onInput={({ currentTarget }) => setDescription(currentTarget.value)} /></label>
        <label>Only these types, separated by commas; empty = all but readings <input class="wide" spellcheck={false} value={types} placeholder="alert.raised, alert.resolved" onInput={({ currentTarget }) => setTypes(currentTarget.value)} /></label>
        {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
        <p class="line"><button type="submit" class="main" disabled={busy}>{busy ? 'Adding …' : 'Add'}</button><button type="button" onClick={onClose}>Cancel</button></p>
      </form>
    </Dialog>
  )
}
