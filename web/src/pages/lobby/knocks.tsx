// Who could not come in, each with the reason, what to change, and a way in where a yes is all that is missing.
import type { LobbyEntry } from '../../../../src/actors/lobby.ts'
import { nowMs } from '../../data/now.ts'
import { may } from '../../data/session.ts'
import { Mark } from '../../parts/reading.tsx'
import { modelOf } from '../charge-points/row.ts'
import { acceptable, attemptsWords, changeWords, nameOf, reasonWords } from './entry.ts'

export function Knocks({ entries, accept }: { entries: readonly LobbyEntry[]; accept: (entry: LobbyEntry) => void }) {
  return <ul class="plain-list">{entries.map((entry) => <Knock key={`${entry.clientID} ${entry.reason}`} entry={entry} accept={accept} />)}</ul>
}

function Knock({ entry, accept }: { entry: LobbyEntry; accept: (entry: LobbyEntry) => void }) {
  const { verdict, reason, change, path, remoteAddress, subprotocols, boot } = entry
  const way = acceptable(entry)
  return (
    <li class="card">
      <div class="line spread">
        <h2><Mark kind={verdict === 'waiting' ? 'waiting' : 'bad'} /> {nameOf(entry)}{verdict === 'waiting' ? ' knocked and waits' : ' was turned away'}</h2>
        {way !== null && (may('config:write') ? <button type="button" class="main" onClick={() => accept(entry)}>Accept {entry.clientID}{way === 'new' ? ' …' : ''}</button> : <span class="soft">Accepting needs the scope config:write.</span>)}
      </div>
      <p><b>{reasonWords(reason)}.</b> {changeWords(change)}</p>
      <p class="soft small">
        {[modelOf(boot ?? null), `from ${remoteAddress}`, `tried ${attemptsWords(entry, nowMs.value)}`, `path ${path}`, subprotocols.length === 0 ? 'no subprotocol' : `subprotocol ${subprotocols.join(', ')}`].filter((text) => text !== '').join(' · ')}
      </p>
    </li>
  )
}
