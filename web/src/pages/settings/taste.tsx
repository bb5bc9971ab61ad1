// How this browser likes its pages; kept here, for nobody else.
import { chooseTheme, chooseUnit, theme, unit, type Theme, type Unit } from '../../data/taste.ts'

const themes: readonly (readonly [Theme, string])[] = [['system', 'As the system'], ['light', 'Light'], ['dark', 'Dark']]
const units: readonly (readonly [Unit, string])[] = [['A', 'Amps'], ['kW', 'Kilowatts']]

export function Taste() {
  return (
    <section class="card">
      <h2>This browser</h2>
      <div class="line">
        <fieldset><legend>Theme</legend>{themes.map(([value, name]) => <label class="row" key={value}><input type="radio" name="theme" checked={theme.value === value} onChange={() => chooseTheme(value)} /> {name}</label>)}</fieldset>
        <fieldset><legend>Bars and charts of a site in</legend>{units.map(([value, name]) => <label class="row" key={value}><input type="radio" name="unit" checked={unit.value === value} onChange={() => chooseUnit(value)} /> {name}</label>)}</fieldset>
      </div>
    </section>
  )
}
