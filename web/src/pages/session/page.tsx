// One session: what it took and costs, how it charged, what held it back, and how it ended.
import { useEffect } from 'preact/hooks'
import type { TransactionAnalytics } from '../../../../src/actors/analytics-views.ts'
import type { AllocationView, TransactionView } from '../../../../src/actors/views.ts'
import { segment } from '../../data/call.ts'
import { isRunning, limitedList, stateOf, stopWords } from '../../data/limit-words.ts'
import { nowMs } from '../../data/now.ts'
import { usePolled } from '../../data/polled.ts'
import { chosenSite, sites } from '../../data/sites.ts'
import { clock, duration, kilowattHours, kilowatts, money } from '../../data/words.ts'
import type { PageProps } from '../../pages.ts'
import { Mark, Reading } from '../../parts/reading.tsx'
import { Actions } from './actions.tsx'
import { Cost } from './cost.tsx'
import { Curve } from './curve.tsx'

const changes = ['transaction.updated', 'transaction.stopped']

export function Page({ parts }: PageProps) {
  const id = parts['transactionID'] ?? ''
  const session = usePolled<TransactionView>(`/transactions/${segment(id)}`, { on: changes, everyMs: 10_000 })
  const { data } = session.state.value
  useEffect(() => {
    if (data !== null) chosenSite.value = data.siteID
  }, [data?.siteID])
  const runs = data !== null && isRunning(data)
  const analytics = usePolled<TransactionAnalytics>(`/transactions/${segment(id)}/analytics`, { on: runs ? ['transaction.stopped'] : [], everyMs: runs ? 10_000 : 600_000 })
  const voltage = usePolled<{ voltage: number }>(data === null ? null : `/sites/${segment(data.siteID)}`, { everyMs: 600_000 }).state.value.data?.voltage ?? 230
  const allocation = usePolled<AllocationView>(data === null || !runs ? null : `/chargepoints/${segment(data.clientID)}/connectors/${data.connectorId}/allocation`, { on: ['allocation.changed'], everyMs: 5000 }).state.value.data
  return (
    <Reading state={session.state.value} what={`session ${id}`} staleMs={25_000}>
      {(one: TransactionView) => {
        const zone = sites.value.find((site) => site.id === one.siteID)?.timezone ?? 'UTC'
        return (
          <>
            <p class="crumbs"><a href={`/sites/${segment(one.siteID)}/sessions`}>Sessions</a></p>
            <h1>{one.clientID}/{one.connectorId}, session {one.id}</h1>
            <p><Mark kind={one.status === 'charging' && (one.doing ?? 'charging') === 'charging' ? 'charging' : isRunning(one) ? 'waiting' : 'ok'} /> <b>{stateOf(one)}</b>{stopWords(one) !== null && <>: {stopWords(one)}</>}{allocation !== null && runs && <>. {allocation.summary}</>}</p>
            {one.anomalies > 0 && <p class="warn"><Mark kind="warning" /> Its meter said {one.anomalies} thing{one.anomalies === 1 ? '' : 's'} that cannot be: energy and cost are doubtful.</p>}
            {runs && <Actions session={one} onChanged={() => { session.again(); analytics.again() }} />}
            <div class="halves">
              <section class="card" aria-labelledby="facts"><h2 id="facts">Facts</h2><Facts session={one} analytics={analytics.state.value.data} zone={zone} /></section>
              <section class="card" aria-labelledby="held"><h2 id="held">What limited it</h2><Limited session={one} analytics={analytics.state.value.data} /></section>
            </div>
            <section class="card" aria-labelledby="curve"><h2 id="curve">Charging curve</h2>
              <Reading state={analytics.state.value} what="the curve" staleMs={runs ? 40_000 : Infinity}>{(found: TransactionAnalytics) => <Curve session={one} analytics={found} zone={zone} voltage={voltage} />}</Reading>
            </section>
            {one.cost !== null && <section class="card" aria-labelledby="cost"><h2 id="cost">Cost</h2><Cost session={one} zone={zone} /></section>}
          </>
        )
      }}
    </Reading>
  )
}

function Facts({ session, analytics, zone }: { session: TransactionView; analytics: TransactionAnalytics | null; zone: string }) {
  const now = nowMs.value
  const endMs = session.stoppedAt === null ? now : Date.parse(session.stoppedAt)
  return (
    <dl class="facts">
      <dt>Charge point</dt><dd><a href={`/chargepoints/${segment(session.clientID)}`}>{session.clientID}</a>, connector {session.connectorId}</dd>
      <dt>Id tag</dt><dd>{session.idTag}</dd>
      <dt>Begun</dt><dd>{clock(session.startedAt, now, zone)}</dd>
      <dt>{session.stoppedAt === null ? 'Runs for' : 'Ended'}</dt><dd>{session.stoppedAt === null ? '' : `${clock(session.stoppedAt, now, zone)}, after `}{duration((endMs - Date.parse(session.startedAt)) / 1000)}</dd>
      <dt>Energy</dt><dd>{kilowattHours(session.energyWh)} (meter {kilowattHours(session.meterStartWh)} to {session.meterStopWh === null ? 'now' : kilowattHours(session.meterStopWh)})</dd>
      <dt>Power</dt><dd>{analytics === null ? '–' : `${kilowatts(analytics.averageW)} on average while it charged, ${kilowatts(analytics.peakW)} at most, over a minute`}</dd>
      <dt>Could charge and did not</dt><dd>{duration(session.idleS)}</dd>
      <dt>Cost</dt><dd>{session.cost === null ? 'no tariff holds for it' : money(session.cost)}</dd>
      <dt>Ends at</dt><dd>{limitsInWords(session)}</dd>
    </dl>
  )
}

const froms = { transaction: 'set on it', tag: 'of its id tag', settings: 'of the settings' } as const

function limitsInWords({ limitsInForce, limits, cost }: TransactionView): string {
  const held = limitsInForce ?? {}
  const words = [
    held.energyWh && `${kilowattHours(held.energyWh.value)} (${froms[held.energyWh.from]})`,
    held.durationS && `${duration(held.durationS.value)} (${froms[held.durationS.from]})`,
    held.costMinor && `${cost === null ? `${held.costMinor.value} minor units` : money({ ...cost, amountMinor: held.costMinor.value })} (${froms[held.costMinor.from]})`,
    held.idleTimeoutS && `${duration(held.idleTimeoutS.value)} without charging (${froms[held.idleTimeoutS.from]})`,
  ].filter((one) => one !== undefined && one !== '')
  if (words.length > 0) return words.join(', or ')
  return limitsInForce === undefined && Object.keys(limits).length > 0 ? 'it had limits of its own' : 'no limit on energy, time or cost'
}

function Limited({ session, analytics }: { session: TransactionView; analytics: TransactionAnalytics | null }) {
  const all = limitedList(session.limitedS)
  const totalS = analytics?.durationS ?? 0
  if (all.length === 0) return <p><Mark kind="ok" /> Nothing kept it below what it could take.</p>
  const longest = Math.max(1, totalS, ...all.map(({ seconds }) => seconds))
  return (
    <div class="table" role="region" aria-label="What limited it" tabIndex={0}>
      <table>
        <thead><tr><th scope="col">By</th><th scope="col" class="wide">For</th><th scope="col" class="number">Could have had</th></tr></thead>
        <tbody>{all.map(({ reasons, words, seconds }) => (
          <tr key={words}><th scope="row">{words}</th><td class="wide">{duration(seconds)}{totalS > 0 && ` (${Math.min(100, Math.round((seconds / totalS) * 100))} %)`}<span class="share-bar" style={{ width: `${(seconds / longest) * 100}%` }} /></td><td class="number">{kilowattHours(analytics?.lost.filter(({ reason }) => reasons.includes(reason)).reduce((sum, { energyWh }) => sum + energyWh, 0))}</td></tr>
        ))}</tbody>
      </table>
    </div>
  )
}
