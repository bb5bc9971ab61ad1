// The dialog that changes one configuration key and shows what the charge point said to it.
import { useState } from 'preact/hooks'
import type { ChargePointView } from '../../../../src/actors/views.ts'
import type { ConfigurationView } from '../../../../src/actors/configuration-view.ts'
import { call, said, segment } from '../../data/call.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Mark } from '../../parts/reading.tsx'
import { expectedValue, keyOutcome, type KeyStatus } from './key-words.ts'

interface Outcome { readonly keys: Readonly<Record<string, KeyStatus>>; readonly reasons: Readonly<Record<string, string>> }

export function ChangeKey({ point, of, onClose }: { point: ChargePointView; of: ConfigurationView['keys'][number]; onClose: () => void }) {
  const { key, standard } = of
  const [value, setValue] = useState(of.value ?? '')
  const [queue, setQueue] = useState(false)
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const offline = point.connection.state !== 'online'
  const result = outcome?.keys[key]

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setBusy(true)
    setTrouble(null)
    setOutcome(null)
    try {
      setOutcome(await call<Outcome>(`/chargepoints/${segment(point.id)}/configuration`, { method: 'PUT', body: { keys: { [key]: value }, queue }, withinMs: 65_000 }))
    } catch (error) {
      setTrouble(said(error))
    }
    setBusy(false)
  }
  const set = ({ currentTarget }: { currentTarget: HTMLInputElement | HTMLSelectElement }): void => setValue(currentTarget.value)
  return (
    <Dialog title={`Change ${key}`} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <p>{expectedValue(of)}</p>
        <label>New value
          {standard?.type === 'bool'
            ? <select value={value.toLowerCase()} onChange={set}><option value="true">true</option><option value="false">false</option></select>
            : standard?.type === 'int'
              ? <input type="number" step="1" required autofocus value={value} onInput={set} />
              : <input class="wide" maxLength={500} autofocus autocomplete="off" spellcheck={false} value={value} onInput={set} />}
        </label>
        {offline && <label class="row"><input type="checkbox" checked={queue} onChange={({ currentTarget }) => setQueue(currentTarget.checked)} /> It is offline: send this when it is back</label>}
        {result !== undefined && <p role="status"><Mark kind={keyOutcome(result).mark} /> <b>{result}</b>: {keyOutcome(result).words}.{outcome?.reasons[key] !== undefined && ` ${outcome.reasons[key]}`}</p>}
        {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
        <p class="line">
          <button type="submit" class="main" disabled={busy || (offline && !queue)}>{busy ? 'Sending …' : 'Send it'}</button>
          <button type="button" onClick={onClose}>{result === undefined ? 'Cancel' : 'Close'}</button>
        </p>
      </form>
    </Dialog>
  )
}
