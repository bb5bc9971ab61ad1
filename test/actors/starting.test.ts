// A start whose tag is still being asked about draws all the same: nothing may take its charge point out of the count meanwhile.
import { describe, expect, test } from 'vitest'
import { defaultSettings } from '../../src/settings.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { caller, openHouse, twoSites } from './house-stand.ts'
import { pointOf } from './site-stand.ts'

const two = { id: 'CP1', connectors: [{ id: 1 }, { id: 2 }] }

/** CP1 has begun a transaction on connector 1, 500 ms ago; who says whether it may answers after 2 s. */
async function starting() {
  const clock = new VirtualClock()
  const stand = await openHouse({
    ...twoSites, clock, chargePoints: [two], defaults: { ...defaultSettings, authorisation: ['external'], authorisationUnreachable: 'accept' },
    externalAuthority: { ask: () => new Promise((resolve) => { clock.after(2_000, () => resolve({ failure: 'late' })) }) },
  })
  const peer = await stand.boot('CP1')
  await clock.advance(15_000)
  const started = stand.desk.handle(peer, 'StartTransaction', { connectorId: 1, idTag: 'A', meterStart: 0, timestamp: new Date(clock.wall()).toISOString() }, [])
  await clock.advance(500)
  const end = async () => {
    await clock.advance(2_000)
    return (await started) as { transactionId: number }
  }
  return { ...stand, peer, end }
}

describe('while a start waits for the service outside', () => {
  const change = (config: Parameters<typeof pointOf>[0]) => ({ house }: Awaited<ReturnType<typeof starting>>) => house.putChargePoint(pointOf(config), undefined, caller)
  test.each([
    ['deleted', 'it cannot be deleted now', (stand: Awaited<ReturnType<typeof starting>>) => stand.house.deleteChargePoint('CP1', caller)],
    ['in another site', 'it cannot be moved to another site now', change({ ...two, site: 'annex' })],
    ['under control none', 'it cannot be put under control none now', change({ ...two, control: 'none' })],
    ['without the connector', 'it cannot be left without connector 1 now', change({ id: 'CP1', connectors: [{ id: 2 }] })],
  ])('%s: refused, and the transaction gets its number', async (_, why, asked) => {
    const stand = await starting()
    await expect(asked(stand)).rejects.toMatchObject({ kind: 'conflict', code: 'transaction-running', message: `A transaction begins on CP1; ${why}.`, hint: 'Wait until it runs, then stop it.' })
    const { transactionId } = await stand.end()
    expect([stand.peer.closedBy, stand.house.records.held().map(({ id }) => id)]).toEqual([null, [transactionId]])
    await expect(asked(stand)).rejects.toMatchObject({ code: 'transaction-running', message: `Transaction ${transactionId} runs on CP1; ${why}.` })
  })

  test('what it does not draw from may change', async () => {
    const stand = await starting()
    await change({ id: 'CP1', connectors: [{ id: 1 }] })(stand)
    expect(stand.house.chargePoint('CP1').value.connectors.map(({ id }) => id)).toEqual([1])
  })
})
