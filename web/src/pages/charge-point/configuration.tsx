// The configuration keys of a charge point: what they are, read anew, and changed one at a time.
import { useState } from 'preact/hooks'
import type { ConfigurationView } from '../../../../src/actors/configuration-view.ts'
import { call, said, segment } from '../../data/call.ts'
import { nowMs } from '../../data/now.ts'
import { usePolled } from '../../data/polled.ts'
import { may } from '../../data/session.ts'
import { ago } from '../../data/words.ts'
import { notify } from '../../parts/notice.tsx'
import { Mark, Reading } from '../../parts/reading.tsx'
import { ChangeKey } from './change-key.tsx'
import { keyOutcome } from './key-words.ts'
import type { TabProps } from './page.tsx'

type Key = ConfigurationView['keys'][number]

export function Configuration({ point, query }: TabProps) {
  const path = `/chargepoints/${segment(point.id)}/configuration`
  const known = usePolled<ConfigurationView>(path, { on: ['command.finished'], everyMs: 10_000 })
  const [search, setSearch] = useState(query.get('key') ?? '')
  const [busy, setBusy] = useState(false)
  const [editing, edit] = useState<Key | null>(null)
  const online = point.connection.state === 'online'

  async function refresh(): Promise<void> {
    setBusy(true)
    try {
      await call(`${path}?refresh=true`, { withinMs: 65_000 })
      notify(`${point.id} told all its keys.`)
    } catch (error) {
      notify(said(error), { bad: true })
    }
    known.again()
    setBusy(false)
  }

  return (
    <Reading state={known.state.value} what="its configuration" staleMs={30_000}>
      {({ keys, refreshedAt, unknownKeys }) => {
        const wanted = search.trim().toLowerCase()
        const shown = keys.filter(({ key, value, standard }) => wanted === '' || `${key} ${value ?? ''} ${standard?.description ?? ''}`.toLowerCase().includes(wanted))
        return (
          <>
            <div class="line spread">
              <label>Search <input type="search" value={search} onInput={({ currentTarget }) => setSearch(currentTarget.value)} placeholder="Key, value, meaning" /></label>
              <div class="line middle">
                <span class="soft">{refreshedAt === null ? 'Never read as a whole.' : `Read ${ago(refreshedAt, nowMs.value)}.`}{!may('commands:write') && ' Your key may not ask the charge point (commands:write).'}</span>
                {may('commands:write') && <button type="button" class={keys.length === 0 ? 'main' : ''} disabled={busy || !online} onClick={() => void refresh()}>{busy ? 'Asking …' : online ? 'Read all keys now' : 'It is offline'}</button>}
              </div>
            </div>
            {keys.length === 0 ? <p class="card">Nothing is known yet. Read its keys: it will be asked for all of them.</p> : (
              <div class="table" tabIndex={0} role="region" aria-label="Configuration keys">
                <table class="as-cards">
                  <thead><tr><th scope="col">Key</th><th scope="col">Value</th><th scope="col">What it is</th><th scope="col">Last change</th><th scope="col"><span class="unseen">Change</span></th></tr></thead>
                  <tbody>{shown.map((key) => <KeyRow key={key.key} of={key} edit={edit} />)}</tbody>
                </table>
              </div>
            )}
            {unknownKeys.length > 0 && <p class="soft">It does not know: {unknownKeys.join(', ')}.</p>}
            {editing !== null && <ChangeKey point={point} of={editing} onClose={() => { edit(null); known.again() }} />}
          </>
        )
      }}
    </Reading>
  )
}

function KeyRow({ of, edit }: { of: Key; edit: (key: Key) => void }) {
  const { key, value, readonly, standard, desired, status, reason } = of
  const fixed = readonly === true || standard?.access === 'R'
  return (
    <tr>
      <th scope="row">{key}</th>
      <td data-name="Value">{value === null ? <span class="soft">{standard?.access === 'W' ? 'never shown' : 'not known'}</span> : <><code>{value === '' ? '""' : value}</code>{standard?.unit !== undefined && ` ${standard.unit}`}</>}</td>
      <td data-name="Meaning" class="soft meaning">{standard?.description ?? 'Of its vendor.'}</td>
      <td data-name="Change">{status !== undefined && <><Mark kind={keyOutcome(status).mark} /> {desired !== undefined && <><code>{desired}</code> </>}{keyOutcome(status).words}{reason !== undefined && `: ${reason}`}</>}</td>
      <td>{fixed ? <span class="soft">read only</span> : may('config:write') && <button type="button" aria-label={`Change ${key}`} onClick={() => edit(of)}>Change</button>}</td>
    </tr>
  )
}
