// Makes the golden store of this version, once per release, with KWOTA_GOLDEN=make; without it only sees that it could.
import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { caller, openHouse, type HouseStand } from './house-stand.ts'
import type { Peer } from './site-stand.ts'

const { version } = packageJson
const ids = ['CP1', 'CP2', 'CP3', 'CP4'] as const

/** Cars that charge, have stopped, are offline, are expected; limits of each kind; a command that waits; a stop of nothing. */
async function lively(): Promise<HouseStand> {
  const stand = await openHouse({
    sites: [{ id: 'main', fuseA: 63, failsafeA: 8, circuits: [{ id: 'garage', limitA: 40 }, { id: 'yard', limitA: 40 }] }],
    chargePoints: [{ id: 'CP1', circuit: 'garage' }, { id: 'CP2', circuit: 'yard' }, { id: 'CP3', circuit: 'garage' }, { id: 'CP4' }],
    idTags: [{ id: 'BAD', status: 'Blocked', concurrent: false }],
    tariffs: [{ id: 'day', name: '', currency: 'EUR', perKWhMinor: 40, perMinuteMinor: 0, perSessionMinor: 0, idlePerMinuteMinor: 0, idleGraceS: 0 }],
  })
  const { house, clock } = stand
  const iso = (ms = 0): string => new Date(clock.wall() + ms).toISOString()
  const peers = new Map<string, { peer: Peer; transactionId: number }>()
  for (const id of ids) peers.set(id, { peer: await stand.boot(id), transactionId: 0 })
  await clock.advance(15_000)
  const of = (id: (typeof ids)[number]) => peers.get(id)!
  for (const id of ['CP1', 'CP2', 'CP4'] as const) {
    of(id).transactionId = await stand.start(of(id).peer)
    await stand.call(of(id).peer, 'StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError', timestamp: iso() })
  }
  const doing = async (run: () => Promise<unknown>): Promise<void> => {
    const done = run()
    await clock.advance(5_000)
    await done
  }
  await doing(() => house.setGridLimit('main', { currentA: 50, ttlS: 3_600 }, caller))
  await doing(() => house.limits.createCurtailment('main', { currentA: 45, expiresAt: iso(3_600_000) }, caller))
  await doing(() => house.limits.putSchedule('main', { id: 'evening', startsAt: iso(7_200_000), durationS: 3_600, currentA: 30 }, caller))
  await doing(() => house.reservations.create({ clientID: 'CP3', connectorId: 1, idTag: 'ANNA', expiryDate: iso(3_600_000) }, 0, caller))
  await doing(() => house.patchConnector('CP1', 1, { priority: 2, energyNeededWh: 20_000 }, caller))
  await clock.advance(20_000)
  await stand.call(of('CP1').peer, 'MeterValues', { connectorId: 1, transactionId: of('CP1').transactionId, meterValue: [{ timestamp: iso(), sampledValue: [{ value: '500', measurand: 'Energy.Active.Import.Register', unit: 'Wh' }] }] })
  await stand.call(of('CP4').peer, 'StopTransaction', { transactionId: of('CP4').transactionId, meterStop: 900, timestamp: iso(), idTag: 'TAG' })
  await stand.call(of('CP3').peer, 'StopTransaction', { transactionId: 4_711, meterStop: 5, timestamp: iso(), idTag: 'TAG' })
  for (const id of ['CP2', 'CP3'] as const) {
    of(id).peer.cut()
    stand.desk.disconnected(of(id).peer, 1006, 'gone')
  }
  await doing(() => house.commands.issue('CP3', 'UnlockConnector', { connectorId: 1 }, { expiresAt: iso(86_400_000) }, caller))
  await clock.advance(30_000)
  return stand
}

test('what a golden store is made of: cars that charge, limits that end, what waits and what came of nothing', async () => {
  const { house, clock, directory, store } = await lively()
  const said = {
    wallMs: clock.wall(),
    reservedA: Object.fromEntries(ids.map((id) => [id, house.allocation(id, 1).reservedA])),
    limitA: house.power('main').effective.currentA,
    grid: house.gridLimit('main').value,
    curtailments: house.limits.curtailments('main').map(({ value }) => `${value.id} ${value.expiresAt}`),
    reservations: house.reservations.list().map(({ id, status, expiryDate }) => `${id} ${status} ${expiryDate}`),
  }
  directory.crash()
  const kept = store.restart()
  const scopes: Record<string, Record<string, unknown>> = {}
  for (const scope of await kept.scopes()) scopes[scope] = Object.fromEntries(await kept.read(scope))
  const open = Object.entries(scopes['main'] ?? {}).flatMap(([key, value]) => (key.startsWith('tx:') && (value as { status: string }).status !== 'stopped' ? [Number(key.slice(3))] : [])).sort()
  const kinds = [...new Set(Object.values(scopes).flatMap((records) => Object.keys(records).map((key) => key.split(':')[0])))].sort()
  expect(open).toHaveLength(2)
  expect(kinds).toEqual(expect.arrayContaining(['family', 'row', 'tx', 'grid-limit', 'curtailment', 'reservation', 'command', 'orphan']))
  if (process.env['KWOTA_GOLDEN'] !== 'make') return
  const text = JSON.stringify({ version, expected: { ...said, open, kinds }, claims: Object.fromEntries(await kept.claims('chargepoint')), scopes }, null, 1)
  await writeFile(new URL(`golden/store-${version}.json`, import.meta.url), text)
})
