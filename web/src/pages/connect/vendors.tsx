// Where the setting is found in chargers of some makers.
import type { VendorNote } from './setup.ts'

export function VendorNotes({ notes }: { notes: readonly VendorNote[] }) {
  return (
    <details>
      <summary>Where that is in some chargers</summary>
      <p class="soft">From their makers' manuals and from people who did it; menus differ between versions. Elsewhere look for "OCPP", "backend", "back office" or "central system". Where host, port and path have fields of their own, they are the parts of the address above.</p>
      <ul>{notes.map(({ vendor, models, where, note }) => <li key={`${vendor} ${models}`}><b>{vendor}</b> <span class="soft">{models}</span>: {where}{note !== null && ` ${note}`}</li>)}</ul>
    </details>
  )
}
