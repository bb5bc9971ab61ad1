// Plays one world: warm-up, faults, healing, verdict; every event is watched by the witnesses and goes into the hash of the trace.
import { createHash } from 'node:crypto'
import type { KwotaEvent } from '../../actors/house.ts'
import { createFaultyStore } from '../faulty-store.ts'
import { forkRandom } from '../random.ts'
import { createVirtualClock } from '../virtual-clock.ts'
import { wireSite } from '../wiring.ts'
import { createStagehand } from './acts.ts'
import { speaksOf } from './alarms.ts'
import { createBuilding } from './building.ts'
import { createCoverage, type State } from './coverage.ts'
import { createFindings, type Finding } from './finding.ts'
import { createGridWitness } from './grid-witness.ts'
import { createImposed } from './imposed.ts'
import { checkLedger } from './ledger-witness.ts'
import { createMachine } from './machine.ts'
import { createNetwork } from './network.ts'
import { createRecordsWitness } from './records-witness.ts'
import { createTenant } from './tenant.ts'
import { setTrap } from './trap.ts'
import { judgeShare, livenessFaults } from './verdict.ts'
import { createWireWitness } from './wire-witness.ts'
import { startWallMs, type World } from './world.ts'
import { createYard } from './yard.ts'

export interface SeedResult {
  readonly seed: number
  readonly findings: readonly Finding[]
  /** Of every frame, alert and finding, in order. */
  readonly hash: string
  readonly events: number
  readonly profiles: number
  readonly raisings: number
  readonly transactions: number
  readonly stations: number
  readonly alerts: Readonly<Record<string, number>>
  readonly coverage: Readonly<Record<string, number>>
  readonly worstMarginA: number | null
  readonly overS: number
  readonly simulatedS: number
}

const checkEveryMs = 5_000
/** What is wrong at one moment may just be on its way; what is wrong all through these is stuck. */
const judgedForMs = 30_000

/** Never rejects for what a world does; the same world gives the same result. `watch` sees every line of the trace. */
export async function playWorld(world: World, watch: (line: string) => void = () => undefined): Promise<SeedResult> {
  const { seed, site } = world
  let afterEach = (): void => undefined
  const clock = createVirtualClock({ wallAtZero: startWallMs, afterEach: () => afterEach(), tieSeed: seed })
  const hash = createHash('sha256')
  const trace = (line: string): void => {
    const whole = `${Math.round(clock.mono())} ${line}\n`
    hash.update(whole)
    watch(whole)
  }
  const findings = createFindings(() => clock.mono())
  const coverage = createCoverage()
  const wiring = wireSite(site)
  const machine = createMachine(clock.partOf('machine'))
  const store = createFaultyStore({ clock: clock.partOf('store'), random: forkRandom(seed, 'store') })
  const records = createRecordsWitness(findings, (what) => stage.happened(what))
  const imposed = createImposed({ site, clock, standing: () => records.standing, findings, untilMs: world.endMs })
  const grid = createGridWitness(wiring.nodes, site.voltage, findings)
  const open = new Map<string, string>()
  const alerts: Record<string, number> = {}
  let news = true
  /** What each connector is to have, since when it is to have something, and when that last rose. */
  const shares = new Map<string, { readonly amps: number; readonly sinceMs: number; readonly risenMs: number }>()
  let storeIllMs = 0
  let outsideMs = -Infinity

  const wire = createWireWitness({
    world, clock, nodes: wiring.nodes, findings, yard: () => yard,
    ground() {
      const baseA = clock.mono() - outsideMs < 1_000 ? null : building.leastA()
      return baseA === null ? null : { baseA, tiltA: building.leastTiltA, limits: imposed.now(), slackA: 0.05 + (world.meter?.noiseA ?? 0) }
    },
    fitSinceMs: (client) => machine.awakeSinceMs === null || store.weather !== 'well' ? Infinity : Math.max(machine.awakeSinceMs, storeIllMs, network.wellSinceMs(client)),
  })
  const network = createNetwork({
    clock: clock.partOf('network'), seed, part: (name) => clock.partOf(name),
    tap: {
      frame(line, client, direction, text) {
        news = true
        trace(`${direction} ${line} ${client} ${text}`)
        wire.frame(line, client, direction, text)
        records.frame(line, client, direction, text)
        if (direction === 'out' && text.includes('"SetChargingProfile"')) stage.happened('profile-sent')
      },
      opened(line, client) { trace(`open ${line} ${client}`); wire.opened(line, client) },
      closed(line, client) { trace(`close ${line} ${client}`); wire.closed(line, client); records.closed(line, client) },
    },
  })
  const yard = createYard({ world, wiring, clock: clock.partOf('yard'), part: (name) => clock.partOf(name), dial: network.dial, tell: () => { news = true } })
  const tenant = createTenant({
    world, machine, store, network, random: forkRandom(seed, 'ids'), later: (delayMs, fn) => void clock.after(delayMs, fn),
    event: heard,
    opened(house) {
      open.clear()
      shares.clear()
      building.forget()
      records.check(house, site.id, true)
      imposed.restarted(house)
      outside()
    },
    failed: (message) => findings.add('failure', message),
  })
  const stage = createStagehand({ world, clock: clock.partOf('stage'), machine, store, network, tenant, yard, records, imposed, findings, outside })
  const building = createBuilding({
    world, clock: clock.partOf('meter'), machine, random: forkRandom(seed, 'noise'), baseA: () => stage.baseA, loads: () => yard.loads(), step: () => yard.step(),
    push(currentA, told) {
      if (stage.meterRunning) tenant.tell((house) => { house.pushBaseLoad(site.id, { currentA }); told() })
    },
  })

  function outside(): void {
    outsideMs = clock.mono()
    grid.excuse(outsideMs)
    news = true
  }

  function heard(event: KwotaEvent): void {
    news = true
    if (event.type === 'allocation.changed') {
      const key = `${event.clientID ?? ''}/${event.connectorId ?? ''}`
      const amps = Number(event.data['allocatedA'])
      const before = shares.get(key)
      if (amps === 0) shares.delete(key)
      else shares.set(key, { amps, sinceMs: before?.sinceMs ?? clock.mono(), risenMs: amps > (before?.amps ?? 0) ? clock.mono() : before!.risenMs })
    }
    if (event.type === 'allocation.changed') trace(`allocation ${event.clientID ?? ''}/${event.connectorId ?? ''} ${String(event.data['allocatedA'])} ${String(event.data['binding'])}`)
    if (event.type !== 'alert.raised' && event.type !== 'alert.resolved') return
    const { id, code } = event.data as { id?: unknown; code?: unknown }
    trace(`${event.type} ${String(code)}`)
    if (event.type === 'alert.resolved') return void open.delete(String(id))
    open.set(String(id), String(code))
    alerts[String(code)] = (alerts[String(code)] ?? 0) + 1
    if (code === 'quarantined') findings.add('failure', 'the engine of the site was quarantined')
  }

  function observe(): void {
    if (!machine.awake) grid.excuse(clock.mono())
    if (store.weather !== 'well') storeIllMs = clock.mono()
    grid.observe({
      atMs: clock.mono(), baseA: stage.baseA, tiltA: building.tiltA, noiseA: world.meter?.noiseA ?? 0, missedA: building.missedA, limits: imposed.now(), loads: yard.loads(), awakeSinceMs: tenant.house === null ? null : machine.awakeSinceMs,
      contactMs: yard.lastJoinMs, alerted: (node, on, below) => speaksOf(tenant.house, node, on, below),
    })
  }

  function statesNow(): State[] {
    const loads = yard.loads()
    const found: State[] = []
    if (loads.every(({ drawA }) => drawA === 0)) found.push('idle')
    else found.push('charging')
    if ([...open.values()].includes('over-limit')) found.push('over')
    if ([...open.values()].includes('meter-stale')) found.push('meter-stale')
    if (store.weather !== 'well') found.push('store-ill')
    if (tenant.house === null) found.push('down')
    else if (!machine.awake) found.push('frozen')
    if (world.chargePoints.some(({ config }) => yard.joined(config.id) && !yard.chargePoint(config.id).online)) found.push('offline')
    const power = tenant.house?.power(site.id)
    if (power?.connectors.some((row) => row.confirmedA !== null && row.allocatedA > row.confirmedA + 0.05) === true) found.push('raising')
    if (power?.connectors.some((row) => row.confirmedA !== null && row.allocatedA < row.confirmedA - 0.05) === true) found.push('lowering')
    return found
  }

  function check(): void {
    building.note()
    wire.look(clock.mono())
    const { house } = tenant
    if (house === null || !machine.awake) return
    checkLedger(house, site, yard, building.silentMs, findings)
    records.check(house, site.id, false)
  }

  function every(everyMs: number, run: () => void): void {
    const again = (): void => { clock.after(everyMs, () => { run(); again() }) }
    again()
  }

  const trap = setTrap()
  try {
    tenant.start()
    yard.begin()
    building.start()
    for (const beginsMs of imposed.beginsMs) clock.after(beginsMs, outside)
    every(checkEveryMs, check)
    for (const event of world.events) {
      clock.after(event.atMs, () => {
        const fault = 'what' in event ? `${event.kind}:${event.what}` : event.kind
        coverage.sometimes(fault, statesNow())
        trace(`event ${JSON.stringify(event)}`)
        news = true
        stage.act(event)
      })
    }
    afterEach = () => {
      if (!yard.takeChange() && !news) return
      news = false
      observe()
    }
    await clock.runUntil(world.healMs)
    stage.heal()
    outside()
    let lasting = null as Map<string, string> | null
    for (let atMs = world.endMs - judgedForMs; atMs <= world.endMs; atMs += checkEveryMs) {
      await clock.runUntil(atMs)
      const now: Map<string, string> = tenant.house === null ? new Map([['kwota', 'kwota is not back']]) : livenessFaults(tenant.house, world, yard, clock.mono(), (key) => shares.get(key) ?? null)
      lasting = lasting === null ? now : new Map([...lasting].filter(([subject]) => now.has(subject)))
    }
    for (const message of lasting?.values() ?? []) findings.add('liveness', message)
    yard.step()
    const { house } = tenant
    if (house !== null) {
      if (world.events.every(({ kind }) => kind === 'plug')) judgeShare(house, world, wiring, yard, stage.baseA, findings)
    }
    afterEach = () => undefined
    building.stop()
    yard.stop()
    const stopping = tenant.stop()
    await clock.runUntil(world.endMs + checkEveryMs)
    await stopping
    for (const message of trap.caught) findings.add('deterministic', message)
  } catch (error) {
    findings.add('failure', `the run broke off: ${error instanceof Error ? error.stack ?? error.message : String(error)}`)
  } finally {
    trap.open()
  }
  for (const { atMs, invariant, message } of findings.list) hash.update(`${atMs} ${invariant} ${message}\n`)
  return {
    seed, findings: findings.list, hash: hash.digest('hex').slice(0, 16), events: clock.ran, profiles: wire.profiles, raisings: wire.raisings, transactions: records.started,
    stations: world.chargePoints.length, alerts, coverage: coverage.counts, worstMarginA: grid.worstMarginA, overS: grid.overSeconds, simulatedS: Math.round(world.endMs / 1000),
  }
}
