// What the house expects of a charge point's profiles is what that charge point reports over OCPP, through an hour of random profiles, clears and cars.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Refusal, type House } from '../../src/actors/house.ts'
import { chargePointSchema, siteSchema } from '../../src/power/site.ts'
import type { ChargingProfile, ResponseOf } from '../../src/protocol/messages/index.ts'
import { createChargePoint } from '../../src/simulator/charge-point.ts'
import { createKwota } from '../../src/simulator/kwota.ts'
import { between, createRandom, forkRandom } from '../../src/simulator/random.ts'
import { createExchange } from '../../src/simulator/transport.ts'
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts'
import { baseMs, drafts, profileOf, type Draft } from '../profiles/random-stacks.ts'

const clientID = 'CP1'
const caller = { name: 'tester', requestId: 'r1' }
const hourMs = 3_600_000
const prologueMs = 60_000
/** Hardware that no profile here reaches, so that it never hides one. */
const maxA = 1_000
const windowS = 180

test.each([11, 12])('an hour with seed %i', async (seed) => {
  const random = createRandom(seed)
  const clock = createVirtualClock({ wallAtZero: baseMs - prologueMs })
  const exchange = createExchange({ clock, random: forkRandom(seed, 'network'), latencyMs: [5, 60] })
  const config = chargePointSchema.parse({ id: clientID, site: 'depot', control: 'none', connectors: [{ id: 1, maxA: 32 }, { id: 2, maxA: 32 }] })
  const kwota = createKwota({
    scenario: { name: 'agreement', site: siteSchema.parse({ id: 'depot', fuseA: 200 }), chargePoints: [{ config, sampleS: 60, joinsAtS: null, behaviour: [] }], timeline: [], expect: [] },
    clock, random: forkRandom(seed, 'ids'), exchange,
  })
  const house: House = await settled(kwota.start())
  const chargePoint = createChargePoint({
    id: clientID, connectors: [1, 2].map((id) => ({ id, maxA, phases: 3 })), voltage: 230, sampleS: 60, behaviours: [], idTag: 'TAG', clock, random: forkRandom(seed, clientID), dial: exchange.dial, tell: () => undefined,
  })
  chargePoint.start()
  await clock.runUntil(prologueMs)

  const counts = { accepted: 0, refused: 0, cleared: 0, compared: 0, bounded: 0, shifted: 0 }
  const offers = fc.sample(drafts, { numRuns: 120, seed })
  let eventMs = clock.mono()
  while (clock.mono() < prologueMs + hourMs) {
    if (clock.mono() >= eventMs) {
      const dice = random()
      const draft = offers[between(random, 0, offers.length - 1)]
      if (dice < 0.65 && draft !== undefined) await offer(draft)
      else if (dice < 0.8) await withdraw()
      else turn()
      await run(2_000)
      await compare()
      eventMs = clock.mono() + between(random, 5, 60) * 1_000
    }
    chargePoint.step()
    await run(Math.min(10_000, Math.max(1, eventMs - clock.mono())))
    if (random() < 0.3) await compare()
  }
  await settled(kwota.stop())
  chargePoint.stop()
  expect(counts.accepted).toBeGreaterThan(20)
  expect(counts.refused).toBeGreaterThan(3)
  expect(counts.cleared).toBeGreaterThan(3)
  expect(counts.bounded).toBeGreaterThan(counts.compared / 3)
  // Seconds that only the way between the two explains.
  expect(counts.shifted).toBeLessThan(counts.compared / 100)

  async function offer(draft: Draft): Promise<void> {
    const shifted = (ms: number | undefined) => (ms === undefined ? undefined : ms + clock.wall() - baseMs)
    const place = between(random, 0, 2)
    const connectorId = draft.purpose === 'ChargePointMaxProfile' ? 0 : draft.purpose === 'TxProfile' ? Math.max(1, place) : place
    const profile: ChargingProfile = profileOf({ ...draft, startMs: shifted(draft.startMs), validFromMs: shifted(draft.validFromMs), validToMs: shifted(draft.validToMs) }, between(random, 1, 15))
    const running = chargePoint.look().find((look) => look.connectorId === connectorId)?.transactionId ?? null
    if (draft.purpose === 'TxProfile' && running !== null && random() < 0.8) profile.transactionId = running
    const view = await settled(house.profiles.set(clientID, { connectorId, csChargingProfiles: profile }, { waitMs: 10_000 }, caller).catch((error: unknown) => {
      if (error instanceof Refusal) return error
      throw error
    }))
    if (view instanceof Refusal) {
      counts.refused += 1
      return
    }
    // What passed our own judgement passes that of the charge point.
    expect(view.response, JSON.stringify(profile)).toEqual({ status: 'Accepted' })
    counts.accepted += 1
  }

  async function withdraw(): Promise<void> {
    const criteria = [{ id: between(random, 1, 15) }, { connectorId: between(random, 0, 2) }, { stackLevel: between(random, 0, 3) }, { chargingProfilePurpose: 'TxDefaultProfile', connectorId: 1 }][between(random, 0, 3)]
    const { response, count } = await settled(house.commands.issue(clientID, 'ClearChargingProfile', criteria, { waitMs: 10_000 }, caller))
    expect(response).toEqual({ status: (count ?? 0) > 0 ? 'Accepted' : 'Unknown' })
    counts.cleared += count ?? 0
  }

  function turn(): void {
    const connectorId = between(random, 1, 2)
    const plugged = chargePoint.look().find((look) => look.connectorId === connectorId)?.plugged
    if (plugged === true) chargePoint.unplug(connectorId)
    else chargePoint.plugIn(connectorId, { maxA: 32, phases: 3, energyNeededWh: Infinity })
  }

  async function compare(): Promise<void> {
    for (const connectorId of [0, 1, 2]) {
      const unit = random() < 0.5 ? 'A' : 'W'
      const { response } = await settled(house.commands.issue(clientID, 'GetCompositeSchedule', { connectorId, duration: windowS, chargingRateUnit: unit }, { waitMs: 10_000 }, caller))
      const reported = response as ResponseOf<'GetCompositeSchedule'>
      expect([reported.status, reported.chargingSchedule?.chargingRateUnit]).toEqual(['Accepted', unit])
      const startMs = Date.parse(reported.scheduleStart ?? '')
      const hardware = maxA * (unit === 'A' ? 1 : 690)
      const ours = perSecond(house.profiles.expected(clientID, connectorId, { durationS: windowS, unit, startMs }).periods, Infinity)
      const theirs = perSecond(reported.chargingSchedule?.chargingSchedulePeriod ?? [], hardware)
      theirs.forEach((limit, second) => {
        counts.compared += 1
        if (limit !== Infinity) counts.bounded += 1
        if (ours[second] === limit) return
        counts.shifted += 1
        if (!ours.slice(Math.max(0, second - 2), second + 3).includes(limit)) {
          throw new Error(`${new Date(startMs + second * 1_000).toISOString()} connector ${connectorId}: it reports ${limit} ${unit}, we expect ${ours[second]}; ${JSON.stringify(house.profiles.active(clientID, connectorId, { unit, atMs: startMs + second * 1_000 }), null, 1)}`)
        }
      })
    }
  }

  /** One value for each second; from `none` on, nothing limits. */
  function perSecond(periods: readonly { startPeriod: number; limit: number | null }[], none: number): number[] {
    return Array.from({ length: windowS }, (_, second) => periods.findLast(({ startPeriod }) => startPeriod <= second)?.limit ?? Infinity).map((limit) => (limit >= none ? Infinity : limit))
  }

  function run(ms: number): Promise<void> {
    return clock.runUntil(clock.mono() + ms)
  }

  /** Lets virtual time pass until it is done. */
  async function settled<T>(promise: Promise<T>): Promise<T> {
    let waiting = true
    const done = promise.finally(() => { waiting = false })
    done.catch(() => undefined)
    for (let turns = 0; waiting && turns < 3_000; turns++) await run(10)
    expect(waiting, 'it takes more than half a minute').toBe(false)
    return done
  }
}, 60_000)
