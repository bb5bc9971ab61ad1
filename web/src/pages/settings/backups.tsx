// The backups that were made here: one more, downloaded, removed.
import { useState } from 'preact/hooks'
import type { BackupView } from '../../../../src/backups.ts'
import { call, said, segment } from '../../data/call.ts'
import { nowMs } from '../../data/now.ts'
import { usePolled } from '../../data/polled.ts'
import { clock, num } from '../../data/words.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { notify } from '../../parts/notice.tsx'
import { Reading } from '../../parts/reading.tsx'

export function BackupList() {
  const backups = usePolled<{ data: readonly BackupView[] }>('/backups?limit=50', { everyMs: 60_000 })
  const [busy, setBusy] = useState(false)
  const [removing, remove] = useState<BackupView | null>(null)
  const now = nowMs.value

  async function run(work: () => Promise<unknown>, done: string): Promise<void> {
    setBusy(true)
    try {
      await work()
      notify(done)
    } catch (error) {
      notify(said(error), { bad: true })
    }
    backups.again()
    setBusy(false)
  }
  return (
    <section class="card">
      <div class="line spread"><h2>Backups</h2><button type="button" disabled={busy} onClick={() => void run(() => call('/backups', { method: 'POST', withinMs: 600_000 }), 'The backup is made.')}>{busy ? 'Working …' : 'Make one now'}</button></div>
      <p class="soft">Everything in the store in one file, with all secrets; <code>kwota restore</code> puts it back. The newest 10 are kept.</p>
      <Reading state={backups.state.value} what="the backups" staleMs={180_000}>
        {({ data }) => (data.length === 0 ? <p>None yet.</p> : (
          <ul class="plain-list">
            {data.map((backup) => (
              <li key={backup.id} class="line middle">
                <span>{clock(backup.madeAt, now)}, {num(backup.bytes / 1_048_576)} MiB{backup.withoutHistory && ', without history'}</span>
                <a class="button" href={`/api/v1/backups/${segment(backup.id)}/content`} download>Download</a>
                <button type="button" class="danger" aria-label={`Remove the backup of ${clock(backup.madeAt, now)}`} onClick={() => remove(backup)}>Remove …</button>
              </li>
            ))}
          </ul>
        ))}
      </Reading>
      {removing !== null && <Confirm title={`Remove the backup of ${clock(removing.madeAt, now)}?`} action="Remove it" onClose={() => remove(null)} onYes={() => { remove(null); void run(() => call(`/backups/${segment(removing.id)}`, { method: 'DELETE' }), 'Removed.') }}>The file is deleted.</Confirm>}
    </section>
  )
}
