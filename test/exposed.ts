// Every metric that there can be, as one scrape shows it: names, types, help texts and labels.
import { createMetrics, type Metrics } from '../src/observe.ts'

export interface Exposed { readonly name: string; readonly type: string; readonly help: string; readonly labels: readonly string[] }

/** With everything fed once, so that every label is seen. */
export async function exposed(): Promise<readonly Exposed[]> {
  const amps = { L1: 1, L2: 1, L3: 1 }
  const metrics: Metrics = createMetrics({
    actions: ['Heartbeat'], version: '1.2.3',
    collect: () => ({
      connections: 1, chargePoints: 1, storeUp: true, webhookEvents: 1, alerts: [{ code: 'starved', severity: 'warning', open: 1 }],
      sites: [{ siteID: 'main', limitA: 1, currentA: amps, reservedA: amps, engineAgeS: 1, connectors: [{ clientID: 'CP-1', connectorId: 1, allocatedA: 1 }] }],
    }),
  })
  metrics.ocppMessage('Heartbeat', 'in', 'ok')
  metrics.decision('main', 0.001)
  metrics.lowering('main', 0.001)
  metrics.limitViolation('main', 1)
  metrics.stalled(1)
  const lines = (await metrics.text()).split('\n')
  return lines.filter((line) => line.startsWith('# HELP ')).map((line) => {
    const [, , name = '', ...words] = line.split(' ')
    const type = lines.find((each) => each.startsWith(`# TYPE ${name} `))?.split(' ')[3] ?? ''
    const series = lines.filter((each) => new RegExp(`^${name}(?:_bucket|_sum|_count)?[{ ]`).test(each))
    const labels = new Set(series.flatMap((each) => [...each.matchAll(/[{,](\w+)="/g)].map((found) => found[1] ?? '')).filter((label) => label !== 'le'))
    return { name, type, help: words.join(' '), labels: [...labels] }
  })
}
