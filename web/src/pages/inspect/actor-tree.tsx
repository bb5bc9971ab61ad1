// The tree of actors, moved through by keys; only the rows in sight are drawn, however many there are.
import { useRef, useState } from 'preact/hooks'
import { shortState, stateWords, type State } from './model.ts'
import type { TreeRow } from './rows.ts'

const rowPx = 30
const beyond = 6

export function ActorTree({ rows, selected, stateOf, onSelect, onToggle }: { rows: readonly TreeRow[]; selected: string | null; stateOf: (row: TreeRow) => State | null; onSelect: (id: string) => void; onToggle: (id: string) => void }) {
  const frame = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  const height = frame.current?.clientHeight ?? 600
  const first = Math.max(0, Math.floor(top / rowPx) - beyond)
  const last = Math.min(rows.length, Math.ceil((top + height) / rowPx) + beyond)
  const index = rows.findIndex(({ id }) => id === selected)

  function move(to: number): void {
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))]
    if (row === undefined || frame.current === null) return
    onSelect(row.id)
    const at = rows.indexOf(row) * rowPx
    if (at < frame.current.scrollTop) frame.current.scrollTop = at
    else if (at + rowPx > frame.current.scrollTop + frame.current.clientHeight) frame.current.scrollTop = at + rowPx - frame.current.clientHeight
  }
  function key(event: KeyboardEvent): void {
    const row = rows[index]
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: rows.length - 1 }[event.key]
    if (to !== undefined) move(to)
    else if (row !== undefined && ((event.key === 'ArrowRight' && row.open === false) || (event.key === 'ArrowLeft' && row.open === true))) onToggle(row.id)
    else if (row !== undefined && event.key === 'ArrowLeft') move(rows.findLastIndex((one, i) => i < index && one.level < row.level))
    else if (row !== undefined && event.key === 'ArrowRight') move(index + 1)
    else return
    event.preventDefault()
  }
  return (
    <div class="actor-tree" ref={frame} onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}>
      <div role="tree" aria-label="Actors" tabIndex={0} aria-activedescendant={index >= first && index < last ? `row-${index}` : undefined} onKeyDown={key} style={{ height: `${rows.length * rowPx}px`, position: 'relative' }}>
        {rows.slice(first, last).map((row, i) => {
          const state = stateOf(row)
          return (
            <div key={row.id} id={`row-${first + i}`} role="treeitem" aria-level={row.level} aria-selected={row.id === selected} aria-expanded={row.open ?? undefined} class={row.id === selected ? 'chosen' : undefined}
              style={{ position: 'absolute', top: `${(first + i) * rowPx}px`, height: `${rowPx}px`, paddingLeft: `${(row.level - 1) * 0.9}rem` }} onClick={() => onSelect(row.id)}>
              <span class="twist" aria-hidden="true" onClick={(event) => { if (row.open !== null) { event.stopPropagation(); onToggle(row.id) } }}>{row.open === null ? '' : row.open ? '▾' : '▸'}</span>
              <span class="who">{row.actor === null ? `${row.level === 1 ? 'site' : 'circuit'} ${row.name}` : row.actor.type === 'site' ? `site ${row.name}` : row.name}</span>
              {state !== null && <span class="soft" title={stateWords(state)}>{shortState(state)}</span>}
              {(row.actor?.queued ?? 0) > 0 && <span class="warn">{row.actor?.queued} waiting</span>}
            </div>
          )
        })}
      </div>
    </div>
  )
}
