// Every command that a charge point can be sent, and what became of those that were.
import { useEffect, useState } from 'preact/hooks'
import { call, said } from '../../data/call.ts'
import { may } from '../../data/session.ts'
import { go } from '../../router.ts'
import { segment } from '../../data/call.ts'
import { CommandHistory } from './command-history.tsx'
import { CommandSheet } from './command-sheet.tsx'
import { commandsIn, type CommandForm, type Description } from './command-schema.ts'
import type { TabProps } from './page.tsx'

/** Read once for as long as the pages are open: it does not change while kwota runs. */
let described: Promise<readonly CommandForm[]> | null = null

function readDescription(): Promise<readonly CommandForm[]> {
  described ??= call<Description>('/openapi.json', { withinMs: 30_000 }).then(commandsIn)
  described.catch(() => { described = null })
  return described
}

export function Commands({ point, query }: TabProps) {
  const [forms, setForms] = useState<readonly CommandForm[] | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  useEffect(() => { readDescription().then(setForms, (error: unknown) => setTrouble(said(error))) }, [])
  const allowed = forms?.filter(({ scope }) => may(scope)) ?? []
  const { tab: _, action, ...given } = Object.fromEntries(query)
  const chosen = allowed.find(({ name }) => name === action)
  const choose = (name: string): void => go(`/chargepoints/${segment(point.id)}?${new URLSearchParams({ tab: 'commands', ...(name !== '' && { action: name }) }).toString()}`, { replace: true })

  return (
    <>
      <section class="card" aria-label="Send a command">
        <h2>Send a command</h2>
        {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
        {forms === null && trouble === null && <p class="first" aria-busy="true">Reading what can be sent …</p>}
        {forms !== null && allowed.length === 0 && <p>Your key may not send commands: it lacks the scope <code>commands:write</code>.</p>}
        {allowed.length > 0 && (
          <label>Command
            <select value={chosen?.name ?? ''} onChange={({ currentTarget }) => choose(currentTarget.value)}>
              <option value="">Choose</option>
              {allowed.map(({ name, action: of, summary }) => <option key={name} value={name}>{of}: {summary}</option>)}
            </select>
          </label>
        )}
        {chosen !== undefined && <CommandSheet key={`${chosen.name} ${JSON.stringify(given)}`} point={point} form={chosen} given={given} />}
      </section>
      <CommandHistory clientID={point.id} />
    </>
  )
}
