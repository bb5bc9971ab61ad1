// What runs here: version, node, store and sizes, and where programs find the rest.
import { usePolled } from '../../data/polled.ts'
import { duration, num } from '../../data/words.ts'
import { Mark, Reading } from '../../parts/reading.tsx'

interface Running {
  readonly version: string
  readonly nodeID: string
  readonly store: { readonly kind: string; readonly ok: boolean; readonly detail: string }
  readonly sizes: { readonly connections: number; readonly chargePoints: number; readonly transactions: number; readonly alerts: number; readonly residentBytes: number; readonly uptimeS: number }
}

export function System() {
  const system = usePolled<Running>('/system', { everyMs: 10_000 })
  return (
    <>
      <section class="card">
        <h2>What runs here</h2>
        {system.state.value.status === 403 || system.state.value.status === 404 ? <p class="soft">Only keys for every site are told.</p> : (
          <Reading state={system.state.value} what="the system" staleMs={30_000}>
            {({ version, nodeID, store, sizes }) => (
              <dl class="facts">
                <dt>Version</dt><dd>{version}</dd>
                <dt>Host</dt><dd>{nodeID}</dd>
                <dt>Up for</dt><dd>{duration(sizes.uptimeS)}</dd>
                <dt>Store</dt><dd><Mark kind={store.ok ? 'ok' : 'bad'} /> {store.kind}: {store.detail}</dd>
                <dt>Connected</dt><dd>{sizes.connections} of {sizes.chargePoints}</dd>
                <dt>Sessions</dt><dd>{sizes.transactions} <span class="soft">running or of the last day</span></dd>
                <dt>Alerts</dt><dd>{sizes.alerts} <span class="soft">open or lately resolved</span></dd>
                <dt>Memory</dt><dd>{num(sizes.residentBytes / 1_048_576, 0)} MiB</dd>
              </dl>
            )}
          </Reading>
        )}
      </section>
      <section class="card">
        <h2>For programs</h2>
        <ul>
          <li><a href="/docs">The REST API</a>, and its <a href="/api/v1/openapi.json" target="_blank" rel="noreferrer">description for programs</a> (OpenAPI 3.1)</li>
          <li><a href="/metrics" target="_blank" rel="noreferrer">Metrics</a> (Prometheus)</li>
          <li><a href="/readyz" target="_blank" rel="noreferrer">Is it ready?</a></li>
        </ul>
      </section>
    </>
  )
}
