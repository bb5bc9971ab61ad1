// What a connector will be allowed: as its profiles come to, and as the charge point says when it is asked.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ChargePointView } from '../../../../src/actors/views.ts'
import { call, said, segment } from '../../data/call.ts'
import { serverNowMs } from '../../data/server-clock.ts'
import { may } from '../../data/session.ts'
import { num } from '../../data/words.ts'
import { Mark } from '../../parts/reading.tsx'
import { StepChart } from './step-chart.tsx'
import { stepsOf, type Period } from './steps.ts'

interface Schedule { readonly status: string; readonly scheduleStart: string | null; readonly chargingSchedule: { readonly chargingRateUnit: string; readonly chargingSchedulePeriod: readonly Period[] } | null }
interface Answer {
  readonly durationS: number
  readonly expected: Schedule | null
  readonly reported: Schedule | null
  readonly matches: boolean | null
  readonly differences: readonly { readonly startPeriod: number; readonly durationS: number; readonly expected: number | null; readonly reported: number | null }[] | null
}

export function Composite({ point }: { point: ChargePointView }) {
  const [connectorId, choose] = useState(point.connectors[0]?.id ?? 1)
  const [durationS, last] = useState(3600)
  const [answer, setAnswer] = useState<Answer | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  /** The charge point may take its time: what was asked later stands. */
  const asked = useRef(0)

  async function look(ask: boolean): Promise<void> {
    const own = ++asked.current
    setBusy(true)
    try {
      const told = await call<Answer>(`/chargepoints/${segment(point.id)}/connectors/${connectorId}/composite-schedule?durationS=${durationS}${ask ? '' : '&source=expected'}`, { withinMs: 35_000 })
      if (own !== asked.current) return
      setAnswer(told)
      setTrouble(null)
    } catch (error) {
      if (own !== asked.current) return
      setTrouble(said(error))
    }
    setBusy(false)
  }
  useEffect(() => { void look(false) }, [connectorId, durationS])

  return (
    <section class="card" aria-label="What it will be allowed">
      <h2>What it will be allowed</h2>
      <div class="line">
        <label>Connector <select value={connectorId} onChange={({ currentTarget }) => choose(Number(currentTarget.value))}>{[0, ...point.connectors.map(({ id }) => id)].map((id) => <option key={id} value={id}>{id === 0 ? '0, as a whole' : id}</option>)}</select></label>
        <label>For <select value={durationS} onChange={({ currentTarget }) => last(Number(currentTarget.value))}><option value={3600}>1 hour</option><option value={14_400}>4 hours</option><option value={86_400}>24 hours</option></select></label>
        {may('commands:write') && <button type="button" disabled={busy || point.connection.state !== 'online'} onClick={() => void look(true)}>{busy ? 'Asking …' : 'Ask the charge point'}</button>}
      </div>
      {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
      {answer !== null && <Drawn answer={answer} />}
    </section>
  )
}

function Drawn({ answer: { durationS, expected, reported, matches, differences } }: { answer: Answer }) {
  const unit = expected?.chargingSchedule?.chargingRateUnit ?? reported?.chargingSchedule?.chargingRateUnit ?? 'A'
  const startMs = Date.parse(expected?.scheduleStart ?? reported?.scheduleStart ?? new Date(serverNowMs()).toISOString())
  const laterS = reported?.scheduleStart === null || reported === null ? 0 : (Date.parse(reported.scheduleStart) - startMs) / 1000
  const ours = stepsOf(expected?.chargingSchedule?.chargingSchedulePeriod ?? [], durationS)
  const theirs = reported === null ? null : stepsOf(reported.chargingSchedule?.chargingSchedulePeriod ?? [], durationS, Math.abs(laterS) < 3 ? 0 : laterS)
  const at = (s: number): string => new Date(startMs + s * 1000).toLocaleTimeString('en-GB')
  return (
    <>
      <StepChart expected={ours} reported={theirs} durationS={durationS} unit={unit} startMs={startMs} label={`Limit over time in ${unit}; the table below says the same`} />
      <p class="soft small"><span class="line-key expected" /> expected from its profiles{theirs !== null && <> · <span class="line-key reported" /> as it says itself</>}</p>
      {reported !== null && (
        reported.status === 'Rejected' ? <p><Mark kind="warning" /> It refused to say (Rejected).</p>
          : matches === true ? <p><Mark kind="ok" /> It says the same as its profiles come to.</p>
            : matches === false ? <p class="bad"><Mark kind="bad" /> It will do something else: {differences?.map(({ startPeriod, durationS: forS, expected: wanted, reported: given }) => `${at(startPeriod)} for ${num(forS)} s ${limit(given)} instead of ${limit(wanted)}`).join('; ')}.</p>
              : <p><Mark kind="unknown" /> The two cannot be compared now: something is on its way.</p>
      )}
      <details>
        <summary>As a table</summary>
        <div class="table" tabIndex={0} role="region" aria-label="Limit over time">
          <table>
            <thead><tr><th scope="col">From</th><th scope="col" class="number">Expected, {unit}</th></tr></thead>
            <tbody>{ours.map((step) => <tr key={step.fromS}><th scope="row">{at(step.fromS)}</th><td class="number">{limit(step.limit)}</td></tr>)}</tbody>
          </table>
        </div>
        {theirs !== null && (
          <div class="table" tabIndex={0} role="region" aria-label="Limit over time as the charge point says">
            <table>
              <thead><tr><th scope="col">From</th><th scope="col" class="number">As it says, {unit}</th></tr></thead>
              <tbody>{theirs.map((step) => <tr key={step.fromS}><th scope="row">{at(step.fromS)}</th><td class="number">{limit(step.limit)}</td></tr>)}</tbody>
            </table>
          </div>
        )}
      </details>
    </>
  )
}

const limit = (value: number | null): string => (value === null ? 'no limit' : num(value))
