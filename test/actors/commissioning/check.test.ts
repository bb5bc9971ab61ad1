// Commissioning checks of simulated charge points that obey, that do not, that cannot, and that go away; whatever happens, nothing of it stays.
import { expect, test } from 'vitest'
import { caller, openYard, step, type Yard } from './check-yard.ts'

const car = { maxA: 32, phases: 3, energyNeededWh: Infinity } as const

async function charging(yard: Yard, ...clientIDs: readonly string[]): Promise<void> {
  for (const id of clientIDs) yard.stations.get(id)!.plugIn(1, car)
  await yard.run(90_000)
  yard.worstA()
}

test('one that obeys: all steps pass, the car is lowered and has its current back, and the limit holds all the time', async () => {
  const yard = await openYard([{ id: 'CP1' }, { id: 'CP2' }])
  await charging(yard, 'CP1', 'CP2')
  const beforeA = yard.drawnA('CP1')
  expect(beforeA).toBeGreaterThan(15)
  const view = await yard.check('CP1')
  expect(view.steps.map(({ id, state }) => [id, state])).toEqual([['boot', 'passed'], ['clock', 'passed'], ['security', 'warning'], ['configuration', 'passed'], ['profiles', 'passed'], ['limit', 'passed']])
  expect(view).toMatchObject({ state: 'finished', verdict: 'passed-with-warnings', startedBy: 'tester', clientID: 'CP1' })
  const { details, summary } = step(view, 'limit')
  expect(details).toMatchObject({ connectorId: 1, limitA: 12 })
  expect(summary).toMatch(/^From 20 A it came down to 12 A \d+ s after it accepted 12 A\.$/)
  for (const one of view.steps) expect([one.id, one.summary.endsWith('.'), one.startedAt !== null, one.endedAt !== null]).toEqual([one.id, true, true, true])
  await yard.run(120_000)
  expect(yard.drawnA('CP1')).toBeCloseTo(beforeA, 0)
  expect(yard.worstA()).toBeLessThanOrEqual(40.01)
})

test('why says so while it lasts, and the decision names it', async () => {
  const yard = await openYard([{ id: 'CP1' }])
  await charging(yard, 'CP1')
  const { house } = yard.directory()
  await yard.wait(house.checks.start('CP1', {}, caller))
  for (let turn = 0; turn < 100 && house.allocation('CP1', 1).binding !== 'commissioning-check'; turn++) await yard.run(100)
  const { summary, constraints, allocatedA } = house.allocation('CP1', 1)
  expect(summary).toMatch(/^19 A: a commissioning check tests whether it follows a lower limit, for a minute at most\./)
  expect(constraints.find(({ id }) => id === 'commissioning-check')).toEqual({ id: 'commissioning-check', limitA: allocatedA, state: 'binding' })
  expect(house.overviews.overview('main').decisions.map(({ cause }) => cause)).toContain('check-cap-set')
})

test('one that accepts and does not follow fails, with what to do', async () => {
  const yard = await openYard([{ id: 'CP1', behaviour: ['ignores-profiles'] }])
  await charging(yard, 'CP1')
  const view = await yard.check('CP1')
  expect(step(view, 'limit')).toMatchObject({ state: 'failed', details: { limitA: 19, measuredA: 32 }, fix: expect.stringContaining('update its firmware') as string })
  expect(step(view, 'limit').summary).toBe('It accepted a limit of 19 A, and draws 32 A.')
  expect(view.verdict).toBe('failed')
})

test('one without smart charging: it cannot be limited', async () => {
  const yard = await openYard([{ id: 'CP1', behaviour: ['not-supported'] }])
  const view = await yard.check('CP1')
  expect(step(view, 'profiles')).toMatchObject({ state: 'failed', summary: 'It refuses charging profiles.' })
  expect(view.verdict).toBe('failed')
})

test('a clock that is an hour ahead fails', async () => {
  const yard = await openYard([{ id: 'CP1', behaviour: ['clock-ahead'] }])
  const view = await yard.check('CP1')
  expect(step(view, 'clock')).toMatchObject({ state: 'failed', details: { offsetS: -3600 }, fix: expect.stringContaining('NTP') as string })
})

test('without a car the limit test is skipped, and the check is incomplete; not wanted, it leaves nothing open', async () => {
  const yard = await openYard([{ id: 'CP1' }])
  const view = await yard.check('CP1')
  expect(step(view, 'limit')).toMatchObject({ state: 'skipped', fix: 'Plug in a car and run the check again.' })
  expect(view.verdict).toBe('incomplete')
  expect(await yard.check('CP1', { limitTest: false })).toMatchObject({ verdict: 'passed-with-warnings' })
})

test('a car that draws its minimum is not paused for a test', async () => {
  const yard = await openYard([{ id: 'CP1' }])
  await charging(yard, 'CP1')
  yard.stations.get('CP1')!.drawAtMost(1, 6.5)
  await yard.run(30_000)
  expect(step(await yard.check('CP1'), 'limit')).toMatchObject({ state: 'skipped', details: { limitA: null } })
})

test('one that says something else than its profiles, and one that says nothing', async () => {
  const yard = await openYard([{ id: 'LIES', behaviour: ['lies-in-composite'] }, { id: 'MUTE', behaviour: ['no-composite'] }])
  await charging(yard, 'LIES')
  expect(step(await yard.check('LIES'), 'profiles')).toMatchObject({ state: 'failed', summary: expect.stringContaining('means to do something else') as string })
  expect(step(await yard.check('MUTE'), 'profiles')).toMatchObject({ state: 'warning', summary: expect.stringContaining('GetCompositeSchedule') as string })
})

test('offline: refused at once; gone in the middle: it ends, and what was not gone through is skipped', async () => {
  const yard = await openYard([{ id: 'CP1' }, { id: 'CP2' }])
  await charging(yard, 'CP1')
  const { checks } = yard.directory().house
  yard.stations.get('CP2')!.goOffline()
  await yard.run(5_000)
  await expect(checks.start('CP2', {}, caller)).rejects.toMatchObject({ kind: 'conflict', code: 'charge-point-offline' })
  await yard.wait(checks.start('CP1', {}, caller))
  yard.stations.get('CP1')!.goOffline()
  await yard.run(60_000)
  const view = checks.latest('CP1')
  expect(view.state).toBe('finished')
  expect(['failed', 'incomplete']).toContain(view.verdict)
  expect(step(view, 'limit').state).toBe('skipped')
})

test('one at a time; unknown ones and connectors are refused', async () => {
  const yard = await openYard([{ id: 'CP1' }])
  const { checks } = yard.directory().house
  expect(() => checks.latest('CP1')).toThrow('CP1 was never checked.')
  await expect(checks.cancel('CP1')).rejects.toMatchObject({ code: 'no-check-running' })
  await yard.wait(checks.start('CP1', {}, caller))
  await expect(checks.start('cp1', {}, caller)).rejects.toMatchObject({ code: 'check-running' })
  await expect(checks.start('CP1', { connectorId: 7 }, caller)).rejects.toMatchObject({ code: 'unknown-connector' })
  await expect(checks.start('CP9', {}, caller)).rejects.toMatchObject({ code: 'unknown-charge-point' })
})

/** Until the car is being held lower. */
async function lowered(yard: Yard): Promise<void> {
  await yard.wait(yard.directory().house.checks.start('CP1', {}, caller))
  for (let seconds = 0; seconds < 60 && yard.directory().house.power('main').connectors[0]!.binding !== 'commissioning-check'; seconds++) await yard.run(1_000)
  expect(yard.directory().house.power('main').connectors[0]!.binding).toBe('commissioning-check')
}

test('cancelled while the car is lowered: it may have its current at once', async () => {
  const yard = await openYard([{ id: 'CP1' }])
  await charging(yard, 'CP1')
  await lowered(yard)
  const view = await yard.wait(yard.directory().house.checks.cancel('CP1'))
  expect(view).toMatchObject({ state: 'cancelled', verdict: 'incomplete' })
  expect(yard.directory().house.power('main').connectors[0]).toMatchObject({ binding: 'hardware', allocatedA: 32 })
  await yard.run(60_000)
  expect(yard.drawnA('CP1')).toBe(32)
  expect(yard.directory().house.checks.latest('CP1').state).toBe('cancelled')
  expect((await yard.check('CP1')).state).toBe('finished')
})

test('killed while the car is lowered: interrupted, and nothing of it is left', async () => {
  const yard = await openYard([{ id: 'CP1' }])
  await charging(yard, 'CP1')
  await lowered(yard)
  await yard.restart()
  expect(yard.directory().house.checks.latest('CP1')).toMatchObject({ state: 'interrupted', verdict: 'incomplete' })
  await yard.run(120_000)
  expect(yard.directory().house.power('main').connectors[0]).toMatchObject({ binding: 'hardware', allocatedA: 32 })
  expect(yard.drawnA('CP1')).toBe(32)
  expect(yard.worstA()).toBeLessThanOrEqual(40.01)
})

test('the car leaves while it is lowered: skipped, and the next car has what it can get', async () => {
  const yard = await openYard([{ id: 'CP1' }])
  await charging(yard, 'CP1')
  await lowered(yard)
  yard.stations.get('CP1')!.unplug(1)
  await yard.run(20_000)
  expect(step(yard.directory().house.checks.latest('CP1'), 'limit')).toMatchObject({ state: 'skipped' })
  await charging(yard, 'CP1')
  expect(yard.drawnA('CP1')).toBe(32)
})
