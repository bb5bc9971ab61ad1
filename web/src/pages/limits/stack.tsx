// The stack of limits, each with what it does now, and the steps of the day ahead.
import type { LimitEntry, LimitStackView } from '../../../../src/actors/limit-views.ts'
import { limitWords } from '../../data/limit-words.ts'
import { amps, clock, kilowatts } from '../../data/words.ts'
import { Mark } from '../../parts/reading.tsx'

const states: Readonly<Record<LimitEntry['state'], { readonly mark: 'ok' | 'warning' | 'info' | 'unknown'; readonly words: string }>> = {
  binding: { mark: 'warning', words: 'binds: the lowest of all' },
  limiting: { mark: 'info', words: 'lower than the fuse, another is lower still' },
  ok: { mark: 'ok', words: 'holds, takes nothing away' },
  inactive: { mark: 'unknown', words: 'does not hold now' },
}

/** `onOpen` null = nothing can be changed. */
export function Stack({ view, zone, onOpen }: { view: LimitStackView; zone: string; onOpen: ((id: string) => void) | null }) {
  const atMs = Date.parse(view.at)
  return (
    <>
      <p><b>{amps(view.effective.currentA)} per phase</b> ({kilowatts(view.effective.powerW)}) by {limitWords(view.effective.binding)}.</p>
      <div class="table" role="region" aria-label="Limits in force" tabIndex={0}>
        <table class="limit-stack as-cards">
          <thead><tr><th scope="col">Limit</th><th scope="col">Now</th><th scope="col" class="number">Per phase</th><th scope="col" class="number">Power</th><th scope="col">Holds</th><th scope="col">Why</th></tr></thead>
          <tbody>{view.limits.map((limit) => (
            <tr key={`${limit.id}/${limit.from ?? ''}`} class={limit.kind === 'fuse' && limit.state === 'binding' ? undefined : limit.state}>
              <th scope="row">{onOpen !== null && (limit.kind === 'curtailment' || limit.kind === 'dimming' || limit.kind === 'schedule') ? <button type="button" class="link" onClick={() => onOpen(limit.id)}>{nameOf(limit)}</button> : nameOf(limit)}{limit.id.startsWith('curtailment:') && <span class="soft small"> {limit.id.slice('curtailment:'.length)}</span>}</th>
              <td data-name="Now"><Mark kind={limit.kind === 'fuse' ? 'ok' : states[limit.state].mark} /> {limit.kind === 'imbalance' ? 'how much more one phase may carry' : limit.kind === 'fuse' && limit.state === 'ok' ? 'holds, lower ones stand before it' : states[limit.state].words}</td>
              <td data-name="Per phase" class="number">{amps(limit.currentA)}</td>
              <td data-name="Power" class="number">{kilowatts(limit.powerW)}</td>
              <td data-name="Holds">{holds(limit, atMs, zone)}</td>
              <td data-name="Why">{[limit.reason, limit.source].filter((one) => one !== null && one !== '').join(', ') || '–'}</td>
            </tr>
          ))}</tbody>
        </table>
      </div>
    </>
  )
}

function nameOf({ id, kind, reason }: LimitEntry): string {
  if (kind === 'schedule' && reason !== null) return `schedule ${reason}`
  return limitWords(id).replace(/^the /, '').replace(/^limit schedule/, 'schedule')
}

function holds({ from, until, state }: LimitEntry, atMs: number, zone: string): string {
  const end = until === null ? '' : `until ${clock(until, atMs, zone)}`
  if (state === 'inactive' && from !== null) return `from ${clock(from, atMs, zone)} ${end}`
  return end === '' ? 'always' : end
}

export function Outlook({ view: { outlook, at }, zone }: { view: LimitStackView; zone: string }) {
  return (
    <details>
      <summary>The same as a table</summary>
      <div class="table" role="region" aria-label="The next 24 hours" tabIndex={0}>
        <table>
          <thead><tr><th scope="col">From</th><th scope="col" class="number">Per phase</th><th scope="col" class="number">Power</th><th scope="col">By</th></tr></thead>
          <tbody>{outlook.map((step) => <tr key={step.at}><td>{clock(step.at, Date.parse(at), zone)}</td><td class="number">{amps(step.currentA)}</td><td class="number">{kilowatts(step.powerW)}</td><td>{limitWords(step.binding)}</td></tr>)}</tbody>
        </table>
      </div>
    </details>
  )
}
