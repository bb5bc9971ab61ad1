// Where on these pages that is mended which a commissioning check has found.
import type { CheckView } from '../../../../src/actors/commissioning/check-face.ts'
import { segment } from '../../data/call.ts'

export interface Place { readonly href: string; readonly words: string }

/** By what the advice names; the words of the check are kwota's own. */
const places: readonly (readonly [RegExp, (clientID: string) => Place])[] = [
  [/in the lobby/, () => ({ href: '/lobby', words: 'To the lobby' })],
  [/wss:\/\//, (id) => ({ href: `/connect?id=${segment(id)}`, words: 'Its address' })],
  [/Set a password here/, (id) => ({ href: tabOf(id, 'settings'), words: 'Give it a password' })],
  [/MeterValueSampleInterval/, (id) => ({ href: keyOf(id, 'MeterValueSampleInterval'), words: 'Set MeterValueSampleInterval' })],
  [/MeterValuesSampledData/, (id) => ({ href: keyOf(id, 'MeterValuesSampledData'), words: 'Set MeterValuesSampledData' })],
  [/Clear profiles/, (id) => ({ href: tabOf(id, 'commands', { action: 'clear-charging-profile' }), words: 'Clear profiles …' })],
  [/\brestart it\b/i, (id) => ({ href: tabOf(id, 'commands', { action: 'reset', type: 'Soft' }), words: 'Restart it …' })],
  [/its messages/, (id) => ({ href: tabOf(id, 'messages'), words: 'Its messages' })],
  [/time source/, (id) => ({ href: keyOf(id, 'ntp'), words: 'Its keys about NTP' })],
  [/control: none/, (id) => ({ href: tabOf(id, 'settings'), words: 'Who limits it' })],
]

/** Of a step that needs somebody; none where it is mended elsewhere, such as in the charge point itself. */
export function placesFor({ state, fix }: Pick<CheckView['steps'][number], 'state' | 'fix'>, clientID: string): readonly Place[] {
  if (fix === null || (state !== 'failed' && state !== 'warning')) return []
  return places.filter(([named]) => named.test(fix)).map(([, place]) => place(clientID))
}

const tabOf = (id: string, tab: string, more: Readonly<Record<string, string>> = {}): string => `/chargepoints/${segment(id)}?${new URLSearchParams({ tab, ...more }).toString()}`
const keyOf = (id: string, key: string): string => tabOf(id, 'configuration', { key })
