// How this browser likes its pages: light or dark, amps or kilowatts; kept in this browser only.
import { signal } from '@preact/signals'

export type Theme = 'system' | 'light' | 'dark'
export type Unit = 'A' | 'kW'

/** `theme-early.js` reads the same name before anything is drawn. */
const themeKey = 'kwota-theme'
const unitKey = 'kwota-unit'

export const theme = signal<Theme>(themeOf(kept(themeKey)))
export const unit = signal<Unit>(kept(unitKey) === 'kW' ? 'kW' : 'A')

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen
  keep(themeKey, chosen)
  if (chosen === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = chosen
}

export function chooseUnit(chosen: Unit): void {
  unit.value = chosen
  keep(unitKey, chosen)
}

function themeOf(text: string | null): Theme {
  return text === 'light' || text === 'dark' ? text : 'system'
}

// A browser may refuse to keep anything: then it holds for this page.
function kept(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    return
  }
}
