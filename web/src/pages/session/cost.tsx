// What a session costs, line by line, so that it can be worked out again.
import type { CostView } from '../../../../src/actors/terms-face.ts'
import type { TransactionView } from '../../../../src/actors/views.ts'
import { isRunning } from '../../data/limit-words.ts'
import { usePolled } from '../../data/polled.ts'
import { clock, duration, kilowattHours, money, num } from '../../data/words.ts'
import { Reading } from '../../parts/reading.tsx'

const kinds = { energy: 'Energy', time: 'Time', session: 'The session', idle: 'Connected without charging' } as const

export function Cost({ session, zone }: { session: TransactionView; zone: string }) {
  const cost = usePolled<CostView>(`/transactions/${session.id}/cost`, { everyMs: isRunning(session) ? 15_000 : 600_000 })
  return (
    <Reading state={cost.state.value} what="the cost" staleMs={isRunning(session) ? 40_000 : Infinity}>
      {({ lines, tariff, currency, amountMinor, final }: CostView) => (
        <div class="table" role="region" aria-label="Cost, line by line" tabIndex={0}>
          <table>
            <caption>Tariff {tariff.name ?? tariff.id}, version {tariff.version}; {final ? 'final' : 'up to now'}: {money({ amountMinor, currency })}</caption>
            <thead><tr><th scope="col">For</th><th scope="col">From</th><th scope="col" class="number">Amount</th><th scope="col" class="number">Rate</th><th scope="col" class="number">Cost</th></tr></thead>
            <tbody>{lines.map((line, i) => (
              <tr key={i}><th scope="row">{kinds[line.kind]}</th><td>{line.fromAt === undefined ? '' : clock(line.fromAt, Date.parse(session.startedAt), zone)}</td><td class="number">{line.unit === 'Wh' ? kilowattHours(line.quantity) : line.unit === 's' ? duration(line.quantity) : '1'}</td><td class="number">{line.rateMinor} {line.unit === 'Wh' ? 'per kWh' : line.unit === 's' ? 'per min' : 'once'}</td><td class="number">{num(line.amountMinor, 3)}</td></tr>
            ))}</tbody>
          </table>
          <p class="soft">Rates and costs of the lines are in minor units of {currency}; the sum is rounded once.</p>
        </div>
      )}
    </Reading>
  )
}
