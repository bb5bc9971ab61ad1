// The fields of how a charge point is wired: where it hangs, who limits it, and what each connector can take.
import { useEffect, useState } from 'preact/hooks'
import { call, segment } from '../../data/call.ts'
import type { Typed } from '../../data/typed.ts'
import { connectorsOf, withConnector, withoutConnector } from './wiring-change.ts'

interface Props { readonly siteID: string; readonly typed: Typed; readonly change: (typed: Typed) => void; readonly allowed: boolean }

const phaseChoices: readonly (readonly [string, string])[] = [
  ['', 'three phases, as the circuit has them'], ['L1', 'L1 only'], ['L2', 'L2 only'], ['L3', 'L3 only'], ['L2,L3,L1', 'three, rotated: L2 L3 L1'], ['L3,L1,L2', 'three, rotated: L3 L1 L2'],
]
const profiles: readonly (readonly [string, string])[] = [['', 'not said: a password where one is set'], ['0', '0: nothing; its name is enough'], ['1', '1: a password'], ['2', '2: TLS and a password'], ['3', '3: TLS and a certificate of its own']]

export function WiringForm({ siteID, typed, change, allowed }: Props) {
  const [circuits, setCircuits] = useState<readonly string[]>([])
  useEffect(() => { call<{ circuits: readonly { id: string }[] }>(`/sites/${segment(siteID)}`).then((site) => setCircuits(site.circuits.map(({ id }) => id)), () => undefined) }, [siteID])
  const ids = connectorsOf(typed)
  const last = ids.at(-1) ?? 0
  const field = (name: string) => ({ value: typed[name] ?? '', disabled: !allowed, onInput: ({ currentTarget }: { currentTarget: HTMLInputElement | HTMLSelectElement }) => change({ ...typed, [name]: currentTarget.value }) })
  const withOwn = (choices: readonly (readonly [string, string])[], name: string): readonly (readonly [string, string])[] => (choices.some(([value]) => value === typed[name]) ? choices : [...choices, [typed[name] ?? '', (typed[name] ?? '').replaceAll(',', ' ')]])
  return (
    <>
      <div class="line">
        <label>Circuit <select {...field('circuit')}><option value="">directly at the site</option>{[...new Set([...circuits, typed['circuit'] ?? ''])].filter((id) => id !== '').map((id) => <option key={id} value={id}>{id}</option>)}</select></label>
        <label>Limited by <select {...field('control')}><option value="engine">kwota</option><option value="none">nobody: its maximum is always reserved</option></select></label>
        <label>Fallback without kwota, A per connector <input type="number" min="0" max="1000" step="0.1" required {...field('fallbackA')} /></label>
        <label>It must come with at least <select {...field('securityProfile')}>{profiles.map(([value, words]) => <option key={value} value={value}>{words}</option>)}</select></label>
      </div>
      <p class="soft small">The fallback is what each connector may take when kwota is out of reach: 0 = it pauses. What all of a circuit or site fall back to must fit together, or kwota refuses it and says the sums.</p>
      {ids.map((id) => (
        <fieldset key={id}>
          <legend>Connector {id}</legend>
          <div class="line">
            <label>Current <select {...field(`${id}.current`)}><option>AC</option><option>DC</option></select></label>
            {typed[`${id}.current`] === 'DC'
              ? <label>Most, W <input type="number" min="1" max="10000000" step="1" required {...field(`${id}.maxW`)} /></label>
              : <label>Most, A per phase <input type="number" min="0" max="1000" step="0.1" required {...field(`${id}.maxA`)} /></label>}
            <label>Least it can charge with, A <input type="number" min="0.1" max="1000" step="0.1" required {...field(`${id}.minA`)} /></label>
            {typed[`${id}.current`] !== 'DC' && <label>Wired to <select {...field(`${id}.phases`)}>{withOwn(phaseChoices, `${id}.phases`).map(([value, words]) => <option key={value} value={value}>{words}</option>)}</select></label>}
            {allowed && ids.length > 1 && id === last && <button type="button" onClick={() => change(withoutConnector(typed, id))}>Take connector {id} out</button>}
          </div>
        </fieldset>
      ))}
      {allowed && ids.length < 100 && <p><button type="button" onClick={() => change(withConnector(typed))}>Add connector {last + 1}</button></p>}
    </>
  )
}
