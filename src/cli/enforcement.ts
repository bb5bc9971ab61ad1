// Follows a limit until every charge point was told and has confirmed, and says how far it is.
import type { GridLimitView } from '../actors/views.ts'
import type { Clock } from '../clock.ts'
import { durationWords } from '../quantities.ts'
import type { Client } from './client.ts'
import { Ended, exitCodes } from './endings.ts'
import { plain } from './table.ts'

export interface Following {
  readonly client: Client
  readonly siteID: string
  readonly clock: Clock
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean }
  readonly timeoutS: number
}

export const usualWaitS = 60
const askEveryMs = 500
const mostNamed = 5

/** How it stands at the end: enforced, or unenforceable although everybody has confirmed. Rejects with Ended (6) when it takes longer than `timeoutS`. */
export async function enforced({ client, siteID, clock, stderr, timeoutS }: Following): Promise<GridLimitView> {
  const endMs = clock.mono() + timeoutS * 1000
  let said = ''
  for (;;) {
    const view = await client.ask<GridLimitView>('GET', `/sites/${encodeURIComponent(siteID)}/grid-limit`)
    const words = propagationWords(view)
    if (words !== said) stderr.write(stderr.isTTY === true && said !== '' ? `\x1b[1A\r\x1b[0J${words}\n` : `${words}\n`)
    said = words
    const { told, targets, confirmed, waiting } = view.propagation
    const settled = told >= targets && confirmed >= targets && waiting.length === 0
    if (view.state === 'enforced' || (view.state === 'unenforceable' && settled)) return view
    if (clock.mono() >= endMs) {
      throw new Ended(exitCodes.timeout, `After ${durationWords(timeoutS)} the limit holds but is not yet proven: ${words}.`, 'It stays set and is carried out further; see kwota limit show, or wait longer with --timeout 5m.')
    }
    await new Promise<void>((then) => { clock.after(askEveryMs, then) })
  }
}

/** `told 8/8, confirmed 7/8, waiting for CP-05/1`. */
export function propagationWords({ state, deficitA, propagation: { targets, told, confirmed, waiting } }: GridLimitView): string {
  const some = waiting.slice(0, mostNamed).map(plain).join(', ')
  const waits = waiting.length === 0 ? '' : `, waiting for ${some}${waiting.length > mostNamed ? ` and ${waiting.length - mostNamed} more` : ''}`
  const how = state === 'unenforceable' ? `unenforceable${deficitA === undefined ? '' : `, ${deficitA} A are missing`}` : state
  return targets === 0 ? how : `${how}: told ${told}/${targets}, confirmed ${confirmed}/${targets}${waits}`
}

/** Throws Ended (1) for what cannot be enforced; it stays set. */
export function demandEnforceable({ state, deficitA }: Pick<GridLimitView, 'state' | 'deficitA'>): void {
  if (state === 'unenforceable') throw new Ended(exitCodes.failure, `The limit is set, but cannot be enforced: ${deficitA ?? 'some'} A are missing.`, 'Everything that can be lowered is; kwota why shows who still counts more, and why.')
}
