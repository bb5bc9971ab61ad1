// API keys: who may come in with what, made with its secret shown once, and revoked.
import { useState } from 'preact/hooks'
import type { ApiKeyView } from '../../../../src/actors/api-key-record.ts'
import { call, said, segment } from '../../data/call.ts'
import { nowMs } from '../../data/now.ts'
import { usePolled } from '../../data/polled.ts'
import { ago, byWords, clock } from '../../data/words.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { notify } from '../../parts/notice.tsx'
import { Reading } from '../../parts/reading.tsx'
import { NewKey } from './new-key.tsx'

export function ApiKeys() {
  const keys = usePolled<{ data: readonly ApiKeyView[] }>('/api-keys?limit=500', { everyMs: 30_000 })
  const [making, make] = useState(false)
  const [revoking, revoke] = useState<ApiKeyView | null>(null)
  const now = nowMs.value

  async function remove({ id, name }: ApiKeyView): Promise<void> {
    revoke(null)
    try {
      await call(`/api-keys/${segment(id)}`, { method: 'DELETE' })
      notify(`${name} opens nothing any more.`)
    } catch (error) {
      notify(said(error), { bad: true })
    }
    keys.again()
  }
  return (
    <section class="card">
      <div class="line spread"><h2>API keys</h2><button type="button" onClick={() => make(true)}>Make a key</button></div>
      <Reading state={keys.state.value} what="the keys" staleMs={90_000}>
        {({ data }) => (data.length === 0 ? <p>None was made here. A key from the environment (KWOTA_API_KEY) is not listed.</p> : (
          <div class="table" tabIndex={0} role="region" aria-label="API keys">
            <table class="as-cards">
              <thead><tr><th scope="col">Name</th><th scope="col">May</th><th scope="col">Sites</th><th scope="col">Made</th><th scope="col">Ends</th><th scope="col">Last used</th><th scope="col"><span class="unseen">Revoke</span></th></tr></thead>
              <tbody>
                {data.map((key) => (
                  <tr key={key.id}>
                    <th scope="row">{key.name}</th>
                    <td data-name="May">{key.scopes.join(', ')}</td>
                    <td data-name="Sites">{key.sites === null ? 'all' : key.sites.join(', ')}</td>
                    <td data-name="Made">{clock(key.createdAt, now)} by {byWords(key.createdBy)}</td>
                    <td data-name="Ends">{key.expiresAt === null ? 'never' : clock(key.expiresAt, now)}</td>
                    <td data-name="Last used">{ago(key.lastUsedAt, now)}</td>
                    <td><button type="button" class="danger" aria-label={`Revoke ${key.name}`} onClick={() => revoke(key)}>Revoke …</button></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ))}
      </Reading>
      {making && <NewKey onClose={() => { make(false); keys.again() }} />}
      {revoking !== null && <Confirm title={`Revoke ${revoking.name}?`} action="Revoke it" onClose={() => revoke(null)} onYes={() => void remove(revoking)}>Whoever uses it is shut out at once, also from open pages and streams.</Confirm>}
    </section>
  )
}
