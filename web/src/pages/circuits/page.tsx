// The circuits of a site as a tree: each with live bars per phase, what binds it, and the connectors that hang on it.
import type { ConnectorPowerView, NodePowerView, PowerView } from '../../../../src/actors/views.ts'
import { segment } from '../../data/call.ts'
import { limitWords } from '../../data/limit-words.ts'
import { usePolled } from '../../data/polled.ts'
import { sites } from '../../data/sites.ts'
import { unit } from '../../data/taste.ts'
import { amps, limitKilowatts, limitPower, num, phasePower, statusWords } from '../../data/words.ts'
import type { PageProps } from '../../pages.ts'
import { barFullA, PowerBar } from '../../parts/power-bar.tsx'
import { Mark, Reading } from '../../parts/reading.tsx'
import { UnitChoice } from '../../parts/unit-choice.tsx'
import { boundPhases, treeOf, type Branch } from './tree.ts'

const phases = ['L1', 'L2', 'L3'] as const
const usualVoltage = 230
const changes = ['allocation.changed', 'decision.made', 'limit.changed', 'limit.expired', 'transaction.started', 'transaction.stopped']

export function Page({ parts }: PageProps) {
  const siteID = parts['siteID'] ?? ''
  const power = usePolled<PowerView>(`/sites/${segment(siteID)}/power`, { on: changes, everyMs: 3000 })
  return (
    <>
      <div class="section-head"><h1>Circuits</h1><UnitChoice /></div>
      <Reading state={power.state.value} what="the circuits">
        {(view: PowerView) => {
          const tree = treeOf(view)
          return (
            <>
              <p class="legend"><span><i class="key measured" /> measured</span><span><i class="key reserved" /> reserved, not used</span><span><i class="key limit" /> limit</span></p>
              {tree === null ? <p>Nothing is known of this site yet.</p> : <ul class="tree"><Node branch={tree} view={view} /></ul>}
            </>
          )
        }}
      </Reading>
    </>
  )
}

/** `aboveA` = the least that is left on what feeds it. */
function Node({ branch: { node, children, connectors, counts }, view, aboveA = Infinity }: { branch: Branch; view: PowerView; aboveA?: number }) {
  const isSite = node.parent === null
  const spokenA = (phase: (typeof phases)[number]): number => node.reservedA[phase] + (isSite ? Math.max(0, view.baseLoad.countedA[phase]) : 0)
  const fullA = barFullA(phases.flatMap((phase) => [node.measuredA[phase], spokenA(phase), node.limitA[phase]]))
  const voltage = sites.value.find(({ id }) => id === view.siteID)?.voltage ?? usualVoltage
  const written = (valueA: number): string => phasePower(valueA, unit.value, voltage)
  const limit = (valueA: number): string => limitPower(valueA, unit.value, voltage)
  const ownA = Math.min(...phases.map((phase) => node.headroomA[phase]))
  const least = Math.min(ownA, aboveA)
  const above = aboveA < ownA ? ' above it' : ''
  return (
    <li>
      <details open class="card">
        <summary>
          <h2>{isSite ? `Site ${node.id}` : `Circuit ${node.id}`}</h2>
          <span class="soft">{counts.charging} of {counts.connectors} connectors with a car</span>
          <span>{node.shedding ? <b class="bad"><Mark kind="bad" /> above its limit: cars are lowered until it holds</b> : least < 0.5 ? <span class="warn"><Mark kind="warning" /> nothing left{above}</span> : <span><Mark kind="ok" /> {amps(least)} left{above}</span>}</span>
        </summary>
        {phases.map((phase) => <PowerBar key={phase} name={phase} measuredA={node.measuredA[phase]} measured={node.measured} reservedA={spokenA(phase)} limitA={node.limitA[phase]} fullA={fullA} written={written} writtenLimit={limit} marks={[{ atA: node.limitA[phase], kind: 'limit', label: `limit ${limit(node.limitA[phase])}` }]} />)}
        <Facts node={node} countedA={isSite ? view.baseLoad.countedA : null} />
        {connectors.length > 0 && <Connectors of={node.id} rows={connectors} />}
        {children.length > 0 && <ul class="tree">{children.map((child) => <Node key={child.node.id} branch={child} view={view} aboveA={least} />)}</ul>}
      </details>
    </li>
  )
}

function Facts({ node, countedA }: { node: NodePowerView; countedA: PowerView['baseLoad']['countedA'] | null }) {
  return (
    <dl class="facts">
      <dt>Limit</dt><dd>{perPhase(node.limitA)}{node.limitW !== undefined && `, ${limitKilowatts(node.limitW)} in total`}</dd>
      <dt>Set by</dt><dd>{boundPhases(node, limitWords)}</dd>
      <dt>{countedA === null ? 'Left on itself' : 'Left'}</dt><dd>{perPhase(node.headroomA)}</dd>
      {countedA !== null && <><dt>Building</dt><dd>{perPhase(countedA)}</dd></>}
      {node.imbalanceLimitA !== undefined && <><dt>Imbalance</dt><dd>{amps(node.imbalanceA)} of {amps(node.imbalanceLimitA)} that one phase may carry more than another{(node.imbalanceA ?? 0) > node.imbalanceLimitA && <b class="bad"> <Mark kind="bad" /> over</b>}</dd></>}
    </dl>
  )
}

function perPhase(values: NodePowerView['limitA']): string {
  const [a, b, c] = phases.map((phase) => num(values[phase]))
  return a === b && b === c ? `${a} A per phase` : `L1 ${a} A, L2 ${b} A, L3 ${c} A`
}

function Connectors({ of, rows }: { of: string; rows: readonly ConnectorPowerView[] }) {
  return (
    <div class="table" role="region" aria-label={`Connectors on ${of}`} tabIndex={0}>
      <table class="as-cards">
        <thead><tr><th scope="col">Connector</th><th scope="col">State</th><th scope="col" class="number">Allotted</th><th scope="col" class="number">Reserved</th><th scope="col" class="number">Measured</th><th scope="col">Bound by</th></tr></thead>
        <tbody>{rows.map((row) => (
          <tr key={`${row.clientID}/${row.connectorId}`}>
            <th scope="row"><a href={`/chargepoints/${segment(row.clientID)}`}>{row.clientID}/{row.connectorId}</a></th>
            <td data-name="State">{!row.online ? <><Mark kind="bad" /> offline</> : row.transactionId === null ? statusWords[row.status] ?? row.status : <><Mark kind={row.status === 'Charging' ? 'charging' : 'waiting'} /> <a href={`/sessions/${row.transactionId}`}>{statusWords[row.status] ?? row.status}</a></>}</td>
            <td data-name="Allotted" class="number">{amps(row.allocatedA)}</td><td data-name="Reserved" class="number">{amps(row.reservedA)}</td><td data-name="Measured" class="number">{amps(row.measuredA)}</td>
            <td data-name="Bound by">{row.transactionId === null ? <span class="soft">no car</span> : limitWords(row.binding)}</td>
          </tr>
        ))}</tbody>
      </table>
    </div>
  )
}
