// A week of limits: seven days of 24 hours, each block a button that opens it.
import { useState } from 'preact/hooks'
import type { CurtailmentView } from '../../../../src/actors/curtailment-record.ts'
import { nowMs } from '../../data/now.ts'
import { plusDays } from '../../data/zone.ts'
import type { KeptSchedule } from './changes.ts'
import { mondayOf, placeIn, weekOf, type BlockOf } from './week.ts'

const hours = [0, 3, 6, 9, 12, 15, 18, 21]
/** What is shorter has room for one short line. */
const shortMinutes = 120
/** Left out where there is no room; whoever is read the block to hears it always. */
const perPhase = ' per phase'
const kinds = { weekly: 'weekly block', interval: 'interval', curtailment: 'curtailment' } as const

export function Calendar({ zone, schedules, curtailments, editable, onOpen }: { zone: string; schedules: readonly KeptSchedule[]; curtailments: readonly CurtailmentView[]; editable: boolean; onOpen: (of: BlockOf) => void }) {
  const thisWeek = mondayOf(nowMs.value, zone)
  const [shift, setShift] = useState(0)
  const monday = plusDays(thisWeek, shift * 7)
  const days = weekOf(monday, zone, schedules, curtailments)
  const now = placeIn(monday, nowMs.value, zone)
  return (
    <>
      <div class="line">
        <button type="button" onClick={() => setShift(shift - 1)}>← Week before</button>
        <button type="button" onClick={() => setShift(0)} disabled={shift === 0}>This week</button>
        <button type="button" onClick={() => setShift(shift + 1)}>Week after →</button>
        <span aria-live="polite">{shortDate(monday)} – {shortDate(plusDays(monday, 6))}</span>
      </div>
      <ul class="legend keys"><li><span class="week-key weekly" /> weekly block</li><li><span class="week-key interval" /> interval</li><li><span class="week-key curtailment" /> curtailment</li></ul>
      <div class="week">
        <div class="week-hours" aria-hidden="true">{hours.map((hour) => <span key={hour} style={{ top: `${(hour / 24) * 100}%` }}>{String(hour).padStart(2, '0')}</span>)}</div>
        {days.map((blocks, day) => (
          <section key={day} class={`week-day${now?.day === day ? ' today' : ''}`} aria-label={shortDate(plusDays(monday, day))}>
            <h3>{shortDate(plusDays(monday, day))}</h3>
            <ol>
              {blocks.map(({ key, from, to, of, amount, words, lane, lanes }) => {
                const ended = of.kind === 'curtailment' && (of.curtailment.state === 'ended' || of.curtailment.state === 'cancelled')
                const text = `${kinds[of.kind]}${ended ? ` (${of.curtailment.state})` : ''}`
                const narrow = lanes > 1 || to - from < shortMinutes
                const inside = <><span class="unseen">{text}: </span><b>{narrow ? <>{amount.replace(perPhase, '')}{amount.endsWith(perPhase) && <span class="unseen">{perPhase}</span>}</> : amount}</b> <span class="block-words">{words}</span></>
                const place = { '--top': `${(from / 1440) * 100}%`, '--height': `${((to - from) / 1440) * 100}%`, '--left': `${(lane / lanes) * 100}%`, '--width': `${100 / lanes}%` }
                return <li key={key} style={place}>{ended || !editable ? <span class={`block ${of.kind}${ended ? ' ended' : ''}`} title={`${text}: ${amount}, ${words}`}>{inside}</span>
                  : <button type="button" class={`block ${of.kind}`} title={`${text}: ${amount}, ${words}`} onClick={() => onOpen(of)}>{inside}</button>}</li>
              })}
            </ol>
            {blocks.length === 0 && <p class="week-empty soft">No limits by the calendar.</p>}
            {now?.day === day && <div class="week-now" aria-hidden="true" style={{ '--top-part': String(now.minutes / 1440) }} />}
          </section>
        ))}
      </div>
    </>
  )
}

function shortDate(date: string): string {
  return new Date(`${date}T12:00:00Z`).toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' })
}
