// Slow answers must not withhold evidence: a charger that goes on drawing behind them is counted with what it draws.
import { describe, expect, test } from 'vitest'
import { createWaits } from '../../src/actors/waits.ts'
import { reservedA } from '../../src/power/ledger.ts'
import { Inbox } from '../../src/protocol/inbox.ts'
import { createCounters, defaultLimits, silentLog } from '../../src/protocol/ports.ts'
import { defaultSettings } from '../../src/settings.ts'
import { vendorHandlerSchema, vendorSettingsSchema } from '../../src/vendor-settings.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { meterValue, openStand } from './family-stand.ts'
import { openHouse } from './house-stand.ts'

describe('what the site is told of waits', () => {
  function yard() {
    const clock = new VirtualClock()
    const told: string[] = []
    const waits = createWaits(clock, (forMs) => told.push(`${clock.mono()} ${forMs}`))
    const lasting = (ms: number) => new Promise<string>((resolve) => { clock.after(ms, () => resolve('done')) })
    return { clock, told, waits, lasting }
  }

  test('at once, again as long as it lasts, and when it is over', async () => {
    const { clock, told, waits, lasting } = yard()
    const waited = waits.during(lasting(12_000))
    await clock.advance(13_000)
    expect([await waited, told, clock.pending]).toEqual(['done', ['0 10000', '5000 10000', '10000 10000', '12000 0'], 0])
  })
  test('of several at a time, when the last is over', async () => {
    const { clock, told, waits, lasting } = yard()
    void waits.during(lasting(2_000))
    void waits.during(lasting(4_000))
    await clock.advance(5_000)
    expect(told).toEqual(['0 10000', '4000 0'])
  })
  test('of one that fails, too; the failure goes to who asked', async () => {
    const { clock, told, waits } = yard()
    await expect(waits.during(Promise.reject(new Error('no answer')))).rejects.toThrow('no answer')
    expect([told, clock.pending]).toEqual([['0 10000', '0 0'], 0])
  })
  test('where only the overdue counts: nothing of the quick, the slow from then on', async () => {
    const { clock, told, waits, lasting } = yard()
    void waits.during(lasting(900), 1_000)
    void waits.during(lasting(1_500), 1_000)
    await clock.advance(2_000)
    expect([told, clock.pending]).toEqual([['1000 10000', '1500 0'], 0])
  })
})

describe('who waits', () => {
  test('for the store: a start that gets no number is told after a second', async () => {
    let number = (): void => undefined
    const stand = await openStand({ claim: () => new Promise((resolve) => { number = () => resolve(900_001) }) })
    await stand.boot()
    const started = stand.family.handle(stand.session, 'StartTransaction', { connectorId: 1, idTag: 'T', meterStart: 0, timestamp: stand.iso() }, [])
    await stand.clock.advance(999)
    expect([stand.site.held, stand.family.starting()]).toEqual([[], [1]])
    await stand.clock.advance(2_001)
    expect(stand.site.held).toEqual([10_000])
    number()
    await stand.clock.advance(1)
    await started
    expect([stand.site.held, stand.family.starting(), stand.family.transactions().map(({ id }) => id)]).toEqual([[10_000, 0], [], [900_001]])
  })
  test('for nobody: a tag we know ourselves, and vendors that are answered by the registry', async () => {
    const vendors = vendorSettingsSchema.parse({ vendors: { Acme: { messages: { '*': { handler: 'accept' } } } } })
    const stand = await openStand({ policy: ['local', 'external'], idTags: [{ id: 'T', status: 'Accepted' }], vendors })
    await stand.boot()
    await stand.send('Authorize', { idTag: 'T' })
    await stand.send('DataTransfer', { vendorId: 'Acme' })
    expect(stand.site.held).toEqual([])
  })
  test('for a service that is not configured: nobody', async () => {
    const stand = await openStand({ policy: ['external'] })
    await stand.boot()
    await stand.send('Authorize', { idTag: 'T' })
    expect(stand.site.held).toEqual([])
  })
  test('for a webhook', async () => {
    const vendors = vendorSettingsSchema.parse({ vendors: { Acme: { messages: { '*': { handler: 'webhook', url: 'https://example.com' } } } } })
    const stand = await openStand({ vendors, outgoing: () => Promise.reject(new Error('nobody is there')) })
    await stand.boot()
    await stand.send('DataTransfer', { vendorId: 'Acme' })
    expect(stand.site.held).toEqual([10_000, 0])
  })
})

/** A house whose CP1 reports every 10 s over its own connection and obeys nothing; the service outside answers after `slowly.ms`. */
async function disobeying() {
  const clock = new VirtualClock()
  const slowly = { ms: 0 }
  const stand = await openHouse({
    clock, sites: [{ id: 'main', fuseA: 64 }], chargePoints: [{ id: 'CP1' }, { id: 'CP2' }],
    defaults: { ...defaultSettings, authorisation: ['external'], authorisationUnreachable: 'accept' },
    externalAuthority: { ask: () => new Promise((resolve) => { clock.after(slowly.ms, () => resolve({ failure: 'no answer' })) }) },
  })
  const [one, two] = [await stand.boot('CP1'), await stand.boot('CP2')]
  await clock.advance(15_000)
  const id = await stand.start(one, 'A')
  await stand.start(two, 'B')
  let next = 0
  const inbox = new Inbox({
    clock, limits: defaultLimits, counters: createCounters(), log: silentLog, strict: false, from: 'station',
    handle: (action, payload, faults) => stand.desk.handle(one, action, payload, faults),
    send: () => undefined, pause: () => undefined, resume: () => undefined, overrun: () => undefined,
  })
  const say = (action: string, payload: unknown) => inbox.push({ type: 'call', id: `i${++next}`, action, payload }, 200)
  const sample = (amps: number) => say('MeterValues', { connectorId: 1, transactionId: id, meterValue: [meterValue(new Date(clock.wall()).toISOString(), { currentA: amps })] })
  const { room } = stand.directory.estate.sites.get('main')!
  const reserved = (key: string) => reservedA(room.engine.books.row(key)!, clock.wall()).thisCarA
  for (let s = 0; s < 60; s += 10) {
    sample(32)
    await clock.advance(10_000)
  }
  expect([reserved('CP1/1'), reserved('CP2/1')]).toEqual([32, 32])
  return { ...stand, clock, slowly, one, two, room, reserved, say, sample }
}

describe('a charger that accepts a lowering and goes on drawing 32 A, heard over its own connection', () => {
  test.each([['nothing', 0, 0], ['nine cards, 2 s each', 9, 2_000], ['nine cards, as slow as may be', 9, 10_000], ['one card', 1, 10_000]])('behind %s its row never says less', async (_, cards, waitMs) => {
    const { clock, slowly, two, room, reserved, say, sample } = await disobeying()
    slowly.ms = waitMs
    const limited = room.setGridLimit({ currentA: 32 }, 'tester')
    await clock.advance(1_000)
    await limited
    const low: string[] = []
    let most = 0
    for (let s = 0; s < 150; s++) {
      if (s === 0) for (let card = 0; card < cards; card++) say('Authorize', { idTag: `X${card}` })
      if (s % 10 === 2) sample(32)
      await clock.advance(1_000)
      if (reserved('CP1/1') < 32) low.push(`${s} s: ${reserved('CP1/1')}`)
      if (s >= 30) most = Math.max(most, reserved('CP1/1') + reserved('CP2/1'))
    }
    expect(low).toEqual([])
    // The other has paid for it, once and for all.
    expect([two.profiles().at(-1), most <= 16 + 32 * 1.05]).toEqual(['TxProfile 1 0', true])
  })

  test('one that obeys settles as soon as it is heard again', async () => {
    const { clock, slowly, room, reserved, say, sample } = await disobeying()
    slowly.ms = 5_000
    const limited = room.setGridLimit({ currentA: 32 }, 'tester')
    await clock.advance(1_000)
    await limited
    say('Authorize', { idTag: 'X' })
    await clock.advance(2_000)
    sample(16)
    await clock.advance(2_500)
    expect(reserved('CP1/1')).toBe(32)
    await clock.advance(1_000)
    expect(reserved('CP1/1')).toBe(16)
  })
})

test('nobody may be made to wait for longer than 10 s', () => {
  const handler = (timeoutS: number) => vendorHandlerSchema.safeParse({ handler: 'webhook', url: 'https://example.com', timeoutS }).success
  expect([handler(10), handler(11)]).toEqual([true, false])
})
