// Messages, frames, decisions and changes of state on one axis, newest first: who told whom what.
import { useState } from 'preact/hooks'
import type { Line } from './model.ts'

const mostDrawn = 150
const kinds = { event: { sign: '→', words: 'message' }, state: { sign: '◆', words: 'state' }, frame: { sign: '⇄', words: 'OCPP frame' }, decision: { sign: '★', words: 'decision' }, begun: { sign: '+', words: 'begins' }, ended: { sign: '×', words: 'ended' } } as const
type Kind = keyof typeof kinds

export function Timeline({ lines, selected, onSelect }: { lines: readonly Line[]; selected: string | null; onSelect: (id: string) => void }) {
  const [hidden, hide] = useState<readonly Kind[]>([])
  const [only, setOnly] = useState(false)
  const [open, setOpen] = useState<string | null>(null)
  const wanted = lines.filter(({ kind, actorID, from }) => !hidden.includes(kind) && (!only || selected === null || actorID === selected || from === selected))
  return (
    <>
      <div class="line kinds" role="group" aria-label="Which lines">
        {(['event', 'state', 'frame', 'decision'] as const).map((kind) => <label key={kind} class="row"><input type="checkbox" checked={!hidden.includes(kind)} onChange={({ currentTarget }) => hide(currentTarget.checked ? hidden.filter((one) => one !== kind) : [...hidden, kind])} /> {kinds[kind].sign} {kinds[kind].words}s</label>)}
        <label class="row"><input type="checkbox" checked={only} onChange={({ currentTarget }) => setOnly(currentTarget.checked)} /> chosen actor only</label>
      </div>
      {wanted.length === 0 ? <p class="soft">Nothing yet.</p> : (
        <ol class="timeline" tabIndex={0} aria-label="Timeline, newest first">
          {wanted.slice(0, mostDrawn).map((line) => (
            <li key={line.key} class={`${line.kind}${line.actorID === selected ? ' chosen' : ''}`}>
              <button type="button" class="link" aria-expanded={open === line.key} onClick={() => { setOpen(open === line.key ? null : line.key); onSelect(line.actorID) }}>
                <span class="soft">{timeOf(line.atMs)}</span> <span aria-hidden="true">{kinds[line.kind].sign}</span><span class="unseen">{kinds[line.kind].words}:</span> {line.from === null ? '' : `${line.from} → `}{line.kind === 'frame' && line.from === 'kwota' ? `${line.told.clientID ?? ''}` : line.kind === 'frame' ? `kwota (${line.told.clientID ?? ''})` : line.actorID} <b>{line.words}</b>
              </button>
              {open === line.key && <pre>{detailOf(line)}</pre>}
            </li>
          ))}
        </ol>
      )}
      {wanted.length > mostDrawn && <p class="soft">{wanted.length - mostDrawn} older ones are not drawn: filter, or go back with the slider.</p>}
    </>
  )
}

function timeOf(ms: number): string {
  return new Date(ms).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 })
}

function detailOf({ told }: Line): string {
  if (told.type === '@kwota.frame') return told.payload ?? ''
  return JSON.stringify(told.event ?? told.snapshot ?? told, null, 2)
}
