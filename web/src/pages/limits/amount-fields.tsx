// How much a limit leaves: a number and its unit.
import type { Unit } from './changes.ts'

const names: Readonly<Record<Unit, string>> = { A: 'A per phase', kW: 'kW', '%': '% of the fuse' }

export function AmountFields({ value, unit, units, label, onChange }: { value: string; unit: Unit; units: readonly Unit[]; label: string; onChange: (amount: { value: string; unit: Unit }) => void }) {
  return (
    <>
      <label>{label}<input type="number" min="0" step="any" required autofocus value={value} onInput={({ currentTarget }) => onChange({ value: currentTarget.value, unit })} /></label>
      <label>Unit<select value={unit} onChange={({ currentTarget }) => onChange({ value, unit: units.find((one) => one === currentTarget.value) ?? unit })}>{units.map((one) => <option key={one} value={one}>{names[one]}</option>)}</select></label>
    </>
  )
}
