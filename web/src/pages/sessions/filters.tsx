// Which sessions are asked for: state, charge point, days.
import { usePolled } from '../../data/polled.ts'

export interface Chosen { readonly status: string; readonly clientID: string; readonly from: string; readonly to: string }

export function Filters({ siteID, chosen, onChoose }: { siteID: string; chosen: Chosen; onChoose: (change: Partial<Chosen>) => void }) {
  const points = usePolled<{ data: readonly { readonly id: string }[] }>(`/chargepoints?siteID=${encodeURIComponent(siteID)}&limit=500`, { everyMs: 300_000 }).state.value.data?.data ?? []
  const ids = points.some(({ id }) => id === chosen.clientID) || chosen.clientID === '' ? points.map(({ id }) => id) : [chosen.clientID, ...points.map(({ id }) => id)]
  return (
    <form class="line filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <label>State
        <select value={chosen.status} onChange={({ currentTarget }) => onChoose({ status: currentTarget.value })}>
          <option value="">all</option>
          <option value="running">running</option>
          <option value="stopped">ended</option>
          <option value="unconfirmed">ended without a stop message</option>
        </select>
      </label>
      <label>Charge point
        <select value={chosen.clientID} onChange={({ currentTarget }) => onChoose({ clientID: currentTarget.value })}>
          <option value="">all</option>
          {ids.map((id) => <option key={id} value={id}>{id}</option>)}
        </select>
      </label>
      <label>Begun from <input type="date" value={chosen.from} max={chosen.to} onChange={({ currentTarget }) => onChoose({ from: currentTarget.value })} /></label>
      <label>to <input type="date" value={chosen.to} min={chosen.from} onChange={({ currentTarget }) => onChoose({ to: currentTarget.value })} /></label>
    </form>
  )
}
