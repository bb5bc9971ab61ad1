// How a charge point is wired and proves itself, as a form for those that add or accept one.
import { useEffect, useState } from 'preact/hooks'
import { call, segment } from '../data/call.ts'
import type { Wiring } from './wiring.ts'

interface Props {
  readonly siteID: string | null
  readonly value: Wiring
  readonly change: (wiring: Wiring) => void
  /** Offered in the place of `none`: what saying nothing about a password comes to. */
  readonly keepText?: string
}

export function WiringFields({ siteID, value, change, keepText }: Props) {
  const circuits = useCircuits(siteID)
  const set = (part: Partial<Wiring>): void => change({ ...value, ...part })
  return (
    <>
      <div class="line">
        <label>Connectors <input type="number" min="1" max="100" required value={value.connectors} onInput={({ currentTarget }) => set({ connectors: currentTarget.valueAsNumber })} /></label>
        <label>Current
          <select value={value.current} onChange={({ currentTarget }) => set({ current: currentTarget.value === 'DC' ? 'DC' : 'AC' })}><option>AC</option><option>DC</option></select>
        </label>
        {value.current === 'AC'
          ? <label>Most, A per phase <input type="number" min="6" max="1000" step="0.1" required value={value.maxA} onInput={({ currentTarget }) => set({ maxA: currentTarget.valueAsNumber })} /></label>
          : <label>Most, W <input type="number" min="1000" max="10000000" step="100" required value={value.maxW} onInput={({ currentTarget }) => set({ maxW: currentTarget.valueAsNumber })} /></label>}
        {value.current === 'AC' && (
          <label>Wired to
            <select value={value.phase} onChange={({ currentTarget }) => set({ phase: phaseOf(currentTarget.value) })}>
              <option value="">three phases</option><option value="L1">L1 only</option><option value="L2">L2 only</option><option value="L3">L3 only</option>
            </select>
          </label>
        )}
        {circuits.length > 0 && (
          <label>Circuit
            <select value={value.circuit} onChange={({ currentTarget }) => set({ circuit: currentTarget.value })}>
              <option value="">directly at the site</option>{circuits.map((id) => <option key={id} value={id}>{id}</option>)}
            </select>
          </label>
        )}
      </div>
      <fieldset>
        <legend>Password</legend>
        <Choice {...{ value, set }} choice="drawn" text="kwota makes one and shows it once (best)" />
        <Choice {...{ value, set }} choice="own" text="This one, 16 to 20 characters:" />
        {value.password === 'own' && (
          <label class="inset">Its password <input type="text" autocomplete="off" spellcheck={false} minLength={16} maxLength={20} required value={value.ownPassword} onInput={({ currentTarget }) => set({ ownPassword: currentTarget.value })} /></label>
        )}
        {keepText !== undefined && <Choice {...{ value, set }} choice="keep" text={keepText} />}
        {keepText === undefined && <Choice {...{ value, set }} choice="none" text="None: anybody who knows its name may come as it. Only where nobody else reaches kwota." />}
      </fieldset>
    </>
  )
}

function Choice({ value, set, choice, text }: { value: Wiring; set: (part: Partial<Wiring>) => void; choice: Wiring['password']; text: string }) {
  return <label class="row"><input type="radio" name="password" checked={value.password === choice} onChange={() => set({ password: choice })} /> {text}</label>
}

function phaseOf(text: string): Wiring['phase'] {
  return text === 'L1' || text === 'L2' || text === 'L3' ? text : ''
}

function useCircuits(siteID: string | null): readonly string[] {
  const [circuits, setCircuits] = useState<readonly string[]>([])
  useEffect(() => {
    setCircuits([])
    if (siteID === null) return
    let current = true
    call<{ circuits: readonly { id: string }[] }>(`/sites/${segment(siteID)}`).then((site) => { if (current) setCircuits(site.circuits.map(({ id }) => id)) }, () => undefined)
    return () => { current = false }
  }, [siteID])
  return circuits
}
