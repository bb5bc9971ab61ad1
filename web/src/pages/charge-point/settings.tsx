// What can be changed about a charge point here: how it is wired, its password, and that kwota knows it at all.
import { useEffect, useState } from 'preact/hooks'
import type { ChargePointView } from '../../../../src/actors/views.ts'
import { call, callTagged, Refusal, said, segment } from '../../data/call.ts'
import { may } from '../../data/session.ts'
import { retyped, sameTyped, type Typed } from '../../data/typed.ts'
import { go } from '../../router.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { notify } from '../../parts/notice.tsx'
import { Stale } from '../../parts/stale.tsx'
import type { TabProps } from './page.tsx'
import { Password } from './password.tsx'
import { bodyOf, typedOf } from './wiring-change.ts'
import { WiringForm } from './wiring-form.tsx'

interface Kept { readonly point: ChargePointView; readonly etag: string }

export function Settings({ point: { id, site } }: TabProps) {
  const path = `/chargepoints/${segment(id)}`
  const [kept, keep] = useState<Kept | null>(null)
  const [typed, type] = useState<Typed>({})
  const [busy, setBusy] = useState(false)
  const [stale, setStale] = useState<string | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [deleting, askToDelete] = useState(false)
  const allowed = may('config:write')

  /** Reads what is kept; what was typed otherwise stays. */
  async function read(): Promise<void> {
    try {
      const { data, etag } = await callTagged<ChargePointView>(path)
      type((now) => (kept === null ? typedOf(data) : retyped(typedOf(kept.point), now, typedOf(data))))
      keep({ point: data, etag: etag ?? '*' })
      setStale(null)
      setTrouble(null)
    } catch (error) {
      setTrouble(said(error))
    }
  }
  useEffect(() => { void read() }, [id])

  async function save({ point, etag }: Kept): Promise<void> {
    setBusy(true)
    setTrouble(null)
    try {
      const answer = await callTagged<ChargePointView>(path, { method: 'PUT', body: bodyOf(point, typed), headers: { 'If-Match': etag } })
      keep({ point: answer.data, etag: answer.etag ?? '*' })
      // What was typed while it was under way stays.
      type((now) => retyped(typed, now, typedOf(answer.data)))
      notify(`${id} is kept as you said; kwota plans with it from now on.`)
    } catch (error) {
      if (error instanceof Refusal && error.status === 412) setStale(error.message)
      else setTrouble(said(error))
    }
    setBusy(false)
  }
  async function remove({ etag }: Kept): Promise<void> {
    askToDelete(false)
    try {
      await call(path, { method: 'DELETE', headers: { 'If-Match': etag } })
      notify(`${id} is deleted.`)
      go(`/sites/${segment(site)}/chargepoints`)
    } catch (error) {
      notify(said(error), { bad: true })
      if (error instanceof Refusal && error.status === 412) await read()
    }
  }
  if (kept === null) return trouble === null ? <p class="first" aria-busy="true">Reading its settings …</p> : <p role="alert" class="bad card">{trouble}</p>
  return (
    <>
      {!allowed && <p class="soft">Your key may look at this and not change it: it lacks the scope <code>config:write</code>.</p>}
      <section class="card" aria-labelledby="wiring">
        <h2 id="wiring">How it is wired</h2>
        <form class="stack" onSubmit={(event) => { event.preventDefault(); void save(kept) }}>
          <WiringForm siteID={site} typed={typed} change={type} allowed={allowed} />
          {stale !== null && <Stale words={stale} onReadAgain={() => void read()} />}
          {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
          {allowed && (
            <p class="line">
              <button type="submit" class="main" disabled={busy || stale !== null || sameTyped(typed, typedOf(kept.point))}>{busy ? 'Saving …' : 'Save'}</button>
              <button type="button" disabled={sameTyped(typed, typedOf(kept.point))} onClick={() => type(typedOf(kept.point))}>Back to what is kept</button>
            </p>
          )}
        </form>
      </section>
      <Password point={kept.point} allowed={allowed} onChanged={() => void read()} />
      {allowed && (
        <section class="card" aria-labelledby="delete">
          <h2 id="delete">Delete</h2>
          <p>For a charge point that is gone for good, or was added by mistake.</p>
          <p><button type="button" class="danger" onClick={() => askToDelete(true)}>Delete {id} …</button></p>
        </section>
      )}
      {deleting && (
        <Confirm title={`Delete ${id}?`} action="Delete it" onClose={() => askToDelete(false)} onYes={() => void remove(kept)}>
          kwota cuts its connection and forgets how it is wired, its password, and what waits to be sent to it; nothing is reserved for it any more. Its sessions stay on record. If it comes again, it comes as one that nobody knows. One that kwota.yaml names is back after the next start.
        </Confirm>
      )}
    </>
  )
}
