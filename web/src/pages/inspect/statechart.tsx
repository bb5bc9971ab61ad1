// The machine of an actor as it is defined, with the state it is in lit.
import { useEffect, useRef, useState } from 'preact/hooks'
import { layouts } from 'virtual:machine-layouts'
import type { MachineLayout } from '../../../layout/machine-layout.ts'
import { litStates, stateWords, type State } from './model.ts'

/** So much wider than its frame a machine can still be read when it is made to fit. */
const nearlyFits = 1.4

export function Statechart({ type, state }: { type: string; state: State | null }) {
  const layout: MachineLayout | undefined = layouts[type]
  const frame = useRef<HTMLDivElement>(null)
  const [whole, setWhole] = useState(false)
  // A machine that nearly fits is shown as a whole, until somebody says otherwise.
  useEffect(() => { setWhole(layout !== undefined && frame.current !== null && layout.width <= frame.current.clientWidth * nearlyFits) }, [type])
  const words = state === null ? '' : stateWords(state)
  // What is lit is in sight, also where the machine is larger than its frame.
  useEffect(() => {
    const [first] = litStates(state).flatMap((id) => layout?.nodes.find((node) => node.id === id && node.kind === 'state') ?? [])
    const { current } = frame
    if (first === undefined || current === null || whole) return
    current.scrollTo({ left: first.x + first.width / 2 - current.clientWidth / 2, top: first.y + first.height / 2 - current.clientHeight / 2 })
  }, [type, words, whole])
  if (layout === undefined) return <p class="soft">There is no machine of this type.</p>
  const lit = new Set(litStates(state))
  const leads = [...new Set(layout.edges.filter(({ from, label }) => lit.has(from) && label !== null && label.text !== '').map(({ label, to }) => `${label?.text ?? ''} → ${to}`))]
  return (
    <figure class={whole ? 'statechart whole' : 'statechart'}>
      <div class="statechart-frame" ref={frame} role="region" aria-label="Statechart" tabIndex={0}>
        <svg width={layout.width} height={layout.height} viewBox={`0 0 ${layout.width} ${layout.height}`} role="img" aria-label={`Machine ${type}, ${state === null ? 'state not known' : `in ${words}`}`}>
          <defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" class="arrow-head" /></marker></defs>
          {layout.nodes.map(({ id, label, kind, notes, x, y, width, height }) => kind === 'initial' ? <circle key={id} cx={x + width / 2} cy={y + height / 2} r={width / 2} class="initial" /> : (
            <g key={id} class={`node ${kind}${lit.has(id) ? ' lit' : ''}`}>
              <rect x={x} y={y} width={width} height={height} rx={6} />
              <text x={kind === 'state' || kind === 'anywhere' ? x + width / 2 : x + 10} y={y + 20} text-anchor={kind === 'state' || kind === 'anywhere' ? 'middle' : 'start'}>{lit.has(id) && kind === 'state' ? `● ${label}` : label}</text>
              {notes.map((note, i) => <text key={i} class="note" x={x + width / 2} y={y + 36 + i * 15} text-anchor="middle">{note}</text>)}
            </g>
          ))}
          {layout.edges.map(({ from, to, points, label }, i) => (
            <g key={i} class={`edge${lit.has(from) ? ' lit' : ''}`}>
              <path d={points.map((point, at) => `${at === 0 ? 'M' : 'L'}${point.x} ${point.y}`).join('')} marker-end="url(#arrow)"><title>{`${from} → ${to}`}</title></path>
              {label !== null && <text x={label.x + label.width / 2} y={label.y + 11} text-anchor="middle">{label.text}</text>}
            </g>
          ))}
        </svg>
      </div>
      <figcaption>
        <b>{type}</b> is in <b>{state === null ? 'a state that was not told' : words}</b>. <button type="button" class="link" aria-pressed={whole} onClick={() => setWhole(!whole)}>{whole ? 'Readable size' : 'Whole machine'}</button>
        {leads.length > 0 && <details><summary>What leads on from here ({leads.length})</summary><ul>{leads.map((lead) => <li key={lead}>{lead}</li>)}</ul></details>}
      </figcaption>
    </figure>
  )
}
