// Amps or kilowatts: chosen where it is read, kept for this browser.
import { chooseUnit, unit, type Unit } from '../data/taste.ts'

const choices: readonly Unit[] = ['A', 'kW']

export function UnitChoice() {
  return (
    <div class="choice" role="group" aria-label="Power in">
      {choices.map((one) => <button key={one} type="button" aria-pressed={unit.value === one} onClick={() => chooseUnit(one)}>{one}</button>)}
    </div>
  )
}
