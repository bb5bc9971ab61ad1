// Whatever the order, repetition, reconnects and restarts: at most one open transaction per connector, one record per start, the same numbers.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { listTransactions } from '../../src/sessions/record.ts'
import { meterValue, openStand } from './family-stand.ts'

type Step =
  | { readonly do: 'start'; readonly which: number }
  | { readonly do: 'stop'; readonly which: number; readonly meterStop: number }
  | { readonly do: 'meter'; readonly which: number; readonly named: boolean; readonly energyWh: number }
  | { readonly do: 'status'; readonly connectorId: number; readonly status: 'Available' | 'Charging' }
  | { readonly do: 'boot' } | { readonly do: 'reconnect' } | { readonly do: 'restart' } | { readonly do: 'wait' }

const which = fc.integer({ min: 0, max: 5 })
const steps: fc.Arbitrary<Step[]> = fc.array(fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('start' as const), which }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('stop' as const), which, meterStop: fc.constantFrom(500, 600) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('meter' as const), which, named: fc.boolean(), energyWh: fc.integer({ min: 0, max: 500 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('status' as const), connectorId: fc.constantFrom(1, 2), status: fc.constantFrom('Available' as const, 'Charging' as const) }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'boot' }, { do: 'reconnect' }, { do: 'restart' }, { do: 'wait' }) },
), { minLength: 5, maxLength: 40 })

test('starts, stops and readings in any order', async () => {
  await fc.assert(fc.asyncProperty(steps, async (list) => {
    let stand = await openStand()
    await stand.boot()
    const bornMs = stand.clock.wall()
    const startOf = (at: number) => ({ connectorId: 1 + (at % 2), idTag: `tag${at % 3}`, meterStart: 100, timestamp: new Date(bornMs - 100_000 + at * 30_000).toISOString() })
    const ids = new Map<number, number>()
    const stops = new Map<number, string>()
    for (const step of list) {
      const id = 'which' in step ? ids.get(step.which) : undefined
      if (step.do === 'start') {
        const { transactionId } = await stand.send('StartTransaction', startOf(step.which))
        expect(ids.get(step.which) ?? transactionId).toBe(transactionId)
        ids.set(step.which, transactionId)
      } else if (step.do === 'stop') {
        await stand.send('StopTransaction', { transactionId: id ?? -1, meterStop: step.meterStop, timestamp: stand.iso() })
      } else if (step.do === 'meter') {
        const transactionId = step.named && id !== undefined ? { transactionId: id } : {}
        await stand.send('MeterValues', { connectorId: 1 + (step.which % 2), ...transactionId, meterValue: [meterValue(stand.iso(), { energyWh: step.energyWh })] })
      } else if (step.do === 'status') await stand.send('StatusNotification', { connectorId: step.connectorId, errorCode: 'NoError', status: step.status })
      else if (step.do === 'boot') await stand.boot()
      else if (step.do === 'reconnect') stand.connect()
      else if (step.do === 'wait') await stand.clock.advance(15_000)
      else {
        stand = await stand.restart()
        stand.connect()
      }
      const open = stand.family.transactions()
      const connectors = open.map(({ connectorId }) => connectorId)
      expect(new Set(connectors).size).toBe(connectors.length)
      const records = listTransactions(stand.scope)
      expect(records.map(({ id: known }) => known).toSorted()).toEqual([...new Set(ids.values())].toSorted())
      expect(new Set(ids.values()).size).toBe(ids.size)
      // A record that is not over has its actor, and the other way round.
      expect(records.filter(({ status }) => status !== 'stopped' && status !== 'unconfirmed').map(({ id: known }) => known).toSorted()).toEqual(open.map(({ id: known }) => known).toSorted())
      for (const { id: known, meterStopWh, stoppedAtMs, status } of records) {
        // The first stop counts, whatever comes after it.
        if (status === 'stopped') expect(stops.get(known) ?? `${meterStopWh} ${stoppedAtMs}`).toBe(`${meterStopWh} ${stoppedAtMs}`)
        if (status === 'stopped') stops.set(known, `${meterStopWh} ${stoppedAtMs}`)
      }
      // What the site believes to run, runs.
      for (const connectorId of [1, 2]) {
        const told = stand.site.facts.filter((fact) => fact.startsWith(`started ${connectorId} `) || fact.startsWith(`stopped ${connectorId} `)).at(-1)
        if (told?.startsWith('started') === true) expect(open.map(({ id: known }) => known)).toContain(Number(told.split(' ')[2]))
      }
    }
    expect(stand.family.view().state).not.toBe('quarantined')
    stand.family.stop()
    expect(stand.logged).not.toContain('charge point restarted from its last good snapshot')
  }), { numRuns: 60 })
})
