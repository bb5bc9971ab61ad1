// The field in which somebody says how big the fuse of a site is.
import { useState } from 'preact/hooks'
import type { SiteConfig } from '../../../src/power/site.ts'
import { call, callTagged, said, segment } from '../data/call.ts'

export function FuseForm({ siteID, onStated }: { siteID: string; onStated: () => void }) {
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)

  async function state(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setBusy(true)
    setTrouble(null)
    try {
      // As it is at this moment; whoever changes it in between is not overwritten.
      const { data: { fuseAssumed: _assumed, ...site }, etag } = await callTagged<SiteConfig>(`/sites/${segment(siteID)}`)
      await call(`/sites/${segment(siteID)}`, { method: 'PUT', body: { ...site, fuseA: Number(text) }, headers: etag === null ? {} : { 'If-Match': etag } })
      setText('')
      onStated()
    } catch (error) {
      setTrouble(said(error))
    }
    setBusy(false)
  }
  return (
    <form class="line" onSubmit={(event) => void state(event)}>
      <label>Fuse, A per phase<input type="number" min="0" step="any" required value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} /></label>
      <button type="submit" class="main" disabled={busy}>{busy ? 'Saving …' : 'This is the fuse'}</button>
      {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
    </form>
  )
}
