// The dialog that makes an API key and shows its secret once.
import { useState } from 'preact/hooks'
import { call, said } from '../../data/call.ts'
import { sites } from '../../data/sites.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'

const scopes: readonly (readonly [string, string])[] = [
  ['read', 'look at everything but secrets; id tags are masked'], ['limits:write', 'set limits, curtailments and schedules'], ['commands:write', 'send commands to charge points'],
  ['config:write', 'add and change sites, charge points, tariffs, id tags'], ['inspect', 'watch the actors inside'], ['pii:read', 'see id tags unmasked'], ['admin', 'everything, also keys and backups'],
]

export function NewKey({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [chosen, choose] = useState<readonly string[]>(['read'])
  const [only, setOnly] = useState<readonly string[]>([])
  const [expires, setExpires] = useState('')
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [made, setMade] = useState<{ readonly name: string; readonly secret: string } | null>(null)

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setBusy(true)
    setTrouble(null)
    try {
      const body = { name, scopes: chosen, sites: only.length === 0 ? null : only, expiresAt: expires === '' ? null : new Date(expires).toISOString() }
      setMade(await call<{ name: string; secret: string }>('/api-keys', { method: 'POST', body }))
    } catch (error) {
      setTrouble(said(error))
    }
    setBusy(false)
  }
  if (made !== null) {
    return (
      <Dialog title={`${made.name} is made`} onClose={onClose}>
        <ShownOnce what={`The key ${made.name}`} secret={made.secret} />
        <p>It is sent as <code>Authorization: Bearer …</code>, or entered where these pages ask for a key.</p>
        <p><button type="button" class="main" onClick={onClose}>Done</button></p>
      </Dialog>
    )
  }
  const toggled = (list: readonly string[], item: string): readonly string[] => (list.includes(item) ? list.filter((other) => other !== item) : [...list, item])
  return (
    <Dialog title="Make a key" onClose={onClose}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <label>Name: who or what it is for <input required maxLength={64} autocomplete="off" autofocus value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} /></label>
        <fieldset><legend>It may</legend>
          {scopes.map(([scope, words]) => <label class="row" key={scope}><input type="checkbox" checked={chosen.includes(scope)} onChange={() => choose(toggled(chosen, scope))} /> <span><code>{scope}</code> {words}</span></label>)}
        </fieldset>
        {sites.value.length > 0 && (
          <fieldset><legend>On these sites; none chosen = all, those to come as well</legend>
            {sites.value.map(({ id, name: of }) => <label class="row" key={id}><input type="checkbox" checked={only.includes(id)} onChange={() => setOnly(toggled(only, id))} /> {of}</label>)}
          </fieldset>
        )}
        <label>It ends (empty = never) <input type="datetime-local" value={expires} onInput={({ currentTarget }) => setExpires(currentTarget.value)} /></label>
        {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
        <p class="line"><button type="submit" class="main" disabled={busy || chosen.length === 0}>{busy ? 'Making …' : 'Make it'}</button><button type="button" onClick={onClose}>Cancel</button></p>
      </form>
    </Dialog>
  )
}
