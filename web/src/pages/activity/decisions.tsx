// Decisions of the engine in words, newest first; each opens to who had what before, has what now, and what bound him.
import { useState } from 'preact/hooks'
import { causes, decisionWords, moves } from '../../../../src/actors/decision-words.ts'
import type { DecisionView, Standing } from '../../../../src/actors/decision-record.ts'
import { segment } from '../../data/call.ts'
import { download } from '../../data/download.ts'
import { limitWords } from '../../data/limit-words.ts'
import { nowMs } from '../../data/now.ts'
import { usePolled } from '../../data/polled.ts'
import { amps, byWords, clock, kilowatts, num } from '../../data/words.ts'
import { Mark, Reading } from '../../parts/reading.tsx'

interface List { readonly data: readonly DecisionView[]; readonly nextCursor: string | null }

/** Most decisions move nobody: of those that do, as many as are read at once are shown. */
const pageSize = { moves: 100, all: 30 } as const
const states = { enforced: { mark: 'ok', words: 'it holds' }, enforcing: { mark: 'waiting', words: 'being brought about' }, unenforceable: { mark: 'bad', words: 'it cannot be met' } } as const

/** `wanted` = the one that somebody came for, shown first and open. */
export function Decisions({ siteID, zone, wanted }: { siteID: string; zone: string; wanted: string | null }) {
  const [everything, setEverything] = useState(false)
  const one = usePolled<DecisionView>(wanted === null ? null : `/decisions/${segment(wanted)}`, { everyMs: 300_000 }).state.value
  const [trigger, setTrigger] = useState('')
  const [clientID, setClient] = useState('')
  const [cursors, setCursors] = useState<readonly string[]>([])
  const cursor = cursors.at(-1)
  const asked = new URLSearchParams({ siteID, ...(trigger !== '' && { trigger }), ...(clientID.trim() !== '' && { clientID: clientID.trim() }) }).toString()
  const list = usePolled<List>(`/decisions?${asked}&limit=${everything ? pageSize.all : pageSize.moves}${cursor === undefined ? '' : `&cursor=${segment(cursor)}`}`, { on: cursor === undefined ? ['decision.made'] : [], everyMs: cursor === undefined ? 10_000 : 300_000 })
  return (
    <section class="card" aria-labelledby="decisions">
      <h2 id="decisions">Decisions</h2>
      <div class="line">
        <label>Set off by<select value={trigger} onChange={({ currentTarget }) => { setCursors([]); setTrigger(currentTarget.value) }}><option value="">anything</option>{Object.entries(causes).map(([cause, words]) => <option key={cause} value={cause}>{words}</option>)}</select></label>
        <label>Charge point<input type="search" value={clientID} onChange={({ currentTarget }) => { setCursors([]); setClient(currentTarget.value) }} /></label>
        <label class="row"><input type="checkbox" checked={everything} onChange={({ currentTarget }) => { setCursors([]); setEverything(currentTarget.checked) }} /> Also those that moved nobody</label>
        <button type="button" onClick={() => void download(`/decisions?${asked}&limit=500`, `decisions-${siteID}.csv`)}>Decisions as CSV</button>
      </div>
      {wanted !== null && (one.data === null ? one.error !== null && <p role="alert" class="bad">{one.error}</p> : <ol class="decisions wanted"><li><Decision decision={one.data} zone={zone} opened /></li></ol>)}
      <Reading state={list.state.value} what="the decisions" staleMs={cursor === undefined ? 25_000 : Infinity}>
        {({ data, nextCursor }: List) => {
          const shown = everything ? data : data.filter(moves)
          return <>
            {shown.length === 0 ? <p class="soft">No decision {everything ? 'like that' : `${data.length === 0 ? 'like that' : `of these ${data.length}`} gave anybody more or less`}{nextCursor === null ? '' : '; look further back'}.</p> : <ol class="decisions">{shown.map((decision) => <li key={decision.id}><Decision decision={decision} zone={zone} /></li>)}</ol>}
            <div class="line">
              {cursors.length > 0 && <button type="button" onClick={() => setCursors(cursors.slice(0, -1))}>Newer</button>}
              {nextCursor !== null && <button type="button" onClick={() => setCursors([...cursors, nextCursor])}>Older</button>}
            </div>
          </>
        }}
      </Reading>
    </section>
  )
}

function Decision({ decision, zone, opened = false }: { decision: DecisionView; zone: string; opened?: boolean }) {
  const { at, id, inputs, state, trigger, changes, nextReviewAt } = decision
  const [open, setOpen] = useState(opened)
  return (
    <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary><span class="soft">{clock(at, nowMs.value, zone)}:{at.slice(17, 19)}</span> {decisionWords(decision)}{trigger.by !== undefined && <span class="soft"> ({byWords(trigger.by)})</span>}</summary>
      {open && (
        <div class="card">
          <p><Mark kind={states[state].mark} /> {amps(inputs.effective.currentA)} per phase ({kilowatts(inputs.effective.powerW)}) by {limitWords(inputs.effective.binding)}: {states[state].words}. {inputs.baseLoad.status === 'never' ? 'The building has no meter.' : `The building was counted with L1 ${num(inputs.baseLoad.countedA.L1)}, L2 ${num(inputs.baseLoad.countedA.L2)}, L3 ${num(inputs.baseLoad.countedA.L3)} A${inputs.baseLoad.status === 'stale' ? ', from an old reading' : ''}.`}</p>
          {inputs.tight.length > 0 && <p>Tight: {inputs.tight.map(({ id: limit, circuitID, on, capacity, left }) => `${limitWords(limit)} on ${circuitID} ${on === 'W' ? 'in total' : on} (${on === 'W' ? `${kilowatts(left)} of ${kilowatts(capacity)}` : `${num(left)} of ${amps(capacity)}`} left)`).join('; ')}.</p>}
          {changes.length > 0 ? (
            <div class="table" role="region" aria-label="Changes" tabIndex={0}>
              <table>
                <thead><tr><th scope="col">Connector</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
                <tbody>{changes.map(({ clientID, connectorId, before, after }) => <tr key={`${clientID}/${connectorId}`}><th scope="row"><a href={`/chargepoints/${segment(clientID)}`}>{clientID}/{connectorId}</a></th><td>{standing(before, 'not decided upon')}</td><td>{standing(after, 'gone')}</td></tr>)}</tbody>
              </table>
            </div>
          ) : <p>Nobody got anything else.</p>}
          <p class="soft">Orders: {decision.lowerings.length} lower, {decision.raisings.length} higher. Looked at again at {clock(nextReviewAt, nowMs.value, zone)} at the latest. {id}{trigger.requestId !== undefined && `, request ${trigger.requestId}`}</p>
        </div>
      )}
    </details>
  )
}

function standing(one: Standing | null, nothing: string): string {
  if (one === null) return nothing
  return `${amps(one.allocatedA)}, ${one.queuePlace !== null ? `waits, place ${one.queuePlace}` : limitWords(one.binding)}${one.boundBy === null ? '' : ` (${one.boundBy.circuitID} ${one.boundBy.on})`}`
}
