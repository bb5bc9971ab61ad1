// The commissioning check: begun, followed step by step, with what to do where something is wrong.
import { useState } from 'preact/hooks'
import type { CheckView } from '../../../../src/actors/commissioning/check-face.ts'
import { call, said, segment } from '../../data/call.ts'
import { nowMs } from '../../data/now.ts'
import { usePolled, type Polled } from '../../data/polled.ts'
import { may } from '../../data/session.ts'
import { byWords, clock } from '../../data/words.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { notify } from '../../parts/notice.tsx'
import { Mark } from '../../parts/reading.tsx'
import { stepName, stepState, took, verdictOf } from './check-words.ts'
import { placesFor } from './mending.ts'
import type { TabProps } from './page.tsx'

export function Check({ point }: TabProps) {
  const path = `/chargepoints/${segment(point.id)}/check`
  const check = usePolled<CheckView>(path, { everyMs: 1500, goesOn: mayChange })
  const { data, error, status } = check.state.value
  const [limitTest, setLimitTest] = useState(true)
  const [busy, setBusy] = useState(false)
  const [asking, ask] = useState(false)
  const running = data?.state === 'running'

  async function run(method: 'POST' | 'DELETE'): Promise<void> {
    ask(false)
    setBusy(true)
    try {
      await call(path, { method, ...(method === 'POST' && { body: { limitTest } }), withinMs: 35_000 })
    } catch (refused) {
      notify(said(refused), { bad: true })
    }
    check.again()
    setBusy(false)
  }
  return (
    <>
      <section class="card">
        <h2>Is it ready?</h2>
        <p>Looks at its boot, clock, security, configuration and charging profiles, and, with a car that draws, whether it follows a limit.</p>
        {!may('commands:write') ? <p class="soft">Checking needs the scope commands:write.</p> : running ? <button type="button" disabled={busy} onClick={() => void run('DELETE')}>Stop the check</button> : (
          <div class="stack">
            <label class="row"><input type="checkbox" checked={limitTest} onChange={({ currentTarget }) => setLimitTest(currentTarget.checked)} /> Test a limit too: a car that charges is lowered for a minute at most</label>
            <button type="button" class="main" disabled={busy || point.connection.state !== 'online'} onClick={() => { if (limitTest) ask(true); else void run('POST') }}>{point.connection.state === 'online' ? data === null ? 'Check it' : 'Check it again' : 'It is offline'}</button>
          </div>
        )}
      </section>
      {data !== null && <Steps check={data} />}
      {data === null && status === 404 && <p class="soft">It was not checked yet.</p>}
      {error !== null && status !== 404 && <p role="alert" class="bad">{error}</p>}
      {asking && <Confirm title={`Check ${point.id}?`} action="Check it" onClose={() => ask(false)} onYes={() => void run('POST')}>If a car charges there, it gets less for up to a minute, and then what it had.</Confirm>}
    </>
  )
}

/** One that has ended stays as it is, and where none was there is none until somebody begins one. */
function mayChange({ data, status }: Polled<unknown>): boolean {
  return status !== 404 && (status !== null || (data as CheckView | null)?.state === 'running')
}

function Steps({ check }: { check: CheckView }) {
  const verdict = verdictOf(check)
  const now = nowMs.value
  return (
    <section class="card" aria-label="The check">
      <div role="status"><h2><Mark kind={verdict.mark} /> {verdict.words}</h2></div>
      <p class="soft">Begun {clock(check.startedAt, now)} by {byWords(check.startedBy)}{check.endedAt !== null && `, ended ${clock(check.endedAt, now)}`}{!check.limitTest && ', without the limit test'}.</p>
      <ol class="steps">
        {check.steps.map((step) => {
          const { mark, words } = stepState(step.state)
          return (
            <li key={step.id}>
              <p><Mark kind={mark} /> <b>{stepName(step.id)}</b>: {words}{took(step) !== '' && <span class="soft small"> {took(step)}</span>}</p>
              {step.summary !== '' && <p class="inset">{step.summary}</p>}
              {step.fix !== null && <p class="inset"><b>What to do:</b> {step.fix}</p>}
              {placesFor(step, check.clientID).length > 0 && <p class="inset line">{placesFor(step, check.clientID).map(({ href, words }) => <a key={href} class="button" href={href}>{words}</a>)}</p>}
              {Object.keys(step.details).length > 0 && (
                <details class="inset small"><summary>Details</summary><dl class="facts">{Object.entries(step.details).map(([name, value]) => <><dt key={name}>{name}</dt><dd>{String(value ?? 'not known')}</dd></>)}</dl></details>
              )}
            </li>
          )
        })}
      </ol>
    </section>
  )
}
