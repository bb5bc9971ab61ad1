// The form that exchanges an API key for a session of this browser.
import { useState } from 'preact/hooks'
import { enter } from '../data/session.ts'

export function KeyEntry() {
  const [trouble, setTrouble] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (!(event.currentTarget instanceof HTMLFormElement)) return
    const key = new FormData(event.currentTarget).get('key')
    setBusy(true)
    setTrouble(await enter(typeof key === 'string' ? key.trim() : ''))
    setBusy(false)
  }
  return (
    <form class="card entry" onSubmit={(event) => void submit(event)}>
      <h1>API key</h1>
      <p>This kwota asks for a key. It is exchanged for a cookie that ends after 12 hours; the key itself is not kept in this browser.</p>
      <label>API key <input name="key" type="password" autocomplete="current-password" required autofocus /></label>
      <button type="submit" class="main" disabled={busy}>Enter</button>
      {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
    </form>
  )
}
