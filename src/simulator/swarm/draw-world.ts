// From a seed to a world: options, site, charge points, and everything that will happen, in order of time.
import { perPhase } from '../../power/site.ts'
import { between, forkRandom, type Random } from '../random.ts'
import { drawOptions, type SwarmOptions } from './draw-options.ts'
import { drawSchedules, drawSite } from './draw-site.ts'
import { connectorsOf, killMoments, type World, type WorldCar, type WorldEvent } from './world.ts'
import { healingMs, shortestWorldMs, warmUpMs } from './world-length.ts'

export interface DrawLimits { readonly minutes: number; readonly mostStations: number }


function pick<T>(random: Random, list: readonly T[]): T {
  const chosen = list[between(random, 0, list.length - 1)]
  if (chosen === undefined) throw new Error('nothing to choose from')
  return chosen
}

/** The same seed and limits give the same world. */
export function drawWorld(seed: number, { minutes, mostStations }: DrawLimits): World {
  const options = drawOptions(forkRandom(seed, 'options'), mostStations)
  const { site: drawn, configs, worstCaseA } = drawSite(forkRandom(seed, 'site'), forkRandom(seed, 'more of the site'), options)
  const random = forkRandom(seed, 'charge points')
  const endMs = Math.max(minutes * 60_000, shortestWorldMs)
  const healMs = endMs - healingMs
  const limitSchedules = options.schedules ? drawSchedules(forkRandom(seed, 'schedules'), drawn, warmUpMs, healMs) : []
  const site = limitSchedules.length === 0 ? drawn : { ...drawn, limitSchedules }
  const chargePoints = configs.map((config) => ({
    config, sampleS: pick(random, [5, 10, 10, 10, 30]),
    joinsAtMs: options.lateJoins && random() < 0.3 ? between(random, warmUpMs, healMs) : between(random, 0, 5_000),
    behaviours: options.behaviours.filter(() => random() < 0.12),
  }))
  const meter = options.hasMeter ? { everyMs: 5_000, noiseA: options.meterNoiseA } : null
  const baseA = () => between(random, 0, worstCaseA)
  const base = meter === null ? { L1: worstCaseA, L2: worstCaseA, L3: worstCaseA } : { L1: baseA(), L2: baseA(), L3: baseA() }
  const world = { seed, options: { ...options, behaviours: [...options.behaviours] }, site, chargePoints, leaseS: pick(random, [60, 180, 900]), meter, base, faultsFromMs: warmUpMs, healMs, endMs }
  return { ...world, events: drawEvents(world, options, worstCaseA) }
}

function drawEvents(world: Omit<World, 'events'>, options: SwarmOptions, worstCaseA: number): WorldEvent[] {
  const { seed, faultsFromMs, healMs, site } = world
  const events: WorldEvent[] = []
  const connectors = connectorsOf(world)
  const clients = world.chargePoints.map(({ config }) => config.id)

  /** A Poisson stream of its own, so that one more draw of one fault does not shift the others. */
  function stream(name: string, perMinute: number, make: (atMs: number, random: Random) => readonly WorldEvent[]): void {
    if (perMinute <= 0) return
    const random = forkRandom(seed, name)
    for (let atMs = faultsFromMs; ;) {
      atMs += Math.round((-Math.log(1 - random()) * 60_000) / perMinute)
      if (atMs >= healMs) return
      events.push(...make(atMs, random))
    }
  }
  const upTo = (random: Random, shortMs: number, longMs: number) => Math.round(shortMs * (longMs / shortMs) ** random())

  const minds = forkRandom(seed, 'minds of cars')
  /** A car comes; what it takes less than it may it takes again after a while. */
  function plug(atMs: number, key: string, car: WorldCar): WorldEvent[] {
    if (!options.carsOfMind) return [{ atMs, kind: 'plug', key, car }]
    const [leaves, modest, again] = [minds() < 0.4, minds() < 0.25, minds() < 0.5]
    const mind = { ...(leaves ? { departS: between(minds, 300, 14_400) } : {}), ...(modest ? { takesA: pick(minds, [6.5, 7, 9.2, 13.7]) } : {}) }
    const more: WorldEvent[] = modest && again ? [{ atMs: atMs + between(minds, 50_000, 240_000), kind: 'draws', key, amps: null }] : []
    return [{ atMs, kind: 'plug', key, car: { ...car, ...mind } }, ...more]
  }

  const start = forkRandom(seed, 'cars at the start')
  for (const { key, maxA } of connectors) if (start() < 0.7) events.push(...plug(between(start, 30_000, 55_000), key, drawCar(start, maxA, options.carsPerMinute > 0)))
  stream('cars', options.carsPerMinute, (atMs, random) => {
    const { key, maxA } = pick(random, connectors)
    return random() < 0.5 ? [{ atMs, kind: 'unplug', key }] : [{ atMs, kind: 'unplug', key }, ...plug(atMs + between(random, 1_000, 20_000), key, drawCar(random, maxA, true))]
  })
  stream('suspends', options.suspends, (atMs, random) => {
    const { key } = pick(random, connectors)
    return random() < 0.5 ? [{ atMs, kind: 'draws', key, amps: pick(random, [null, 6, 9.2, 13.7]) }]
      : [{ atMs, kind: 'suspend', key, suspended: true }, { atMs: atMs + upTo(random, 5_000, 120_000), kind: 'suspend', key, suspended: false }]
  })

  const fuseA = perPhase(site.fuseA).L1
  const share = (random: Random) => 0.3 + random() * 0.7
  const limitOf = (random: Random) => random() < 0.7 ? { currentA: Math.round(fuseA * share(random)) } : { powerW: Math.round(fuseA * site.voltage * 3 * share(random)) }
  stream('limit cuts', options.limitCuts, (atMs, random) => [{ atMs, kind: 'limit', ...limitOf(random) }])
  stream('limits with ttl', options.ttlLimits, (atMs, random) => {
    const [ttlS, limit, refreshed] = [between(random, 10, 60), limitOf(random), between(random, 0, 3)]
    return Array.from({ length: refreshed + 1 }, (_, turn): WorldEvent => ({ atMs: atMs + turn * ttlS * 500, kind: 'limit', ...limit, ttlS })).filter((event) => event.atMs < healMs)
  })
  stream('limit clears', options.limitClears, (atMs) => [{ atMs, kind: 'clear-limit' }])
  stream('curtailments', options.curtailments, (atMs, random) => {
    const [limit, forMs, liftedAfterMs] = [limitOf(random), Math.min(upTo(random, 5_000, 180_000), healMs + 20_000 - atMs), random() < 0.3 ? { liftedAfterMs: upTo(random, 1_000, 60_000) } : {}]
    return [{ atMs, kind: 'curtail', ...limit, forS: Math.ceil(forMs / 1000), ...liftedAfterMs }]
  })
  if (world.meter !== null) {
    stream('base', options.baseJumps, (atMs, random) => {
      const level = () => random() < 0.1 && site.baseLoad.creditExport ? -between(random, 0, 20) : between(random, 0, worstCaseA)
      return [{ atMs, kind: 'base', amps: { L1: level(), L2: level(), L3: level() } }]
    })
    stream('meter', options.meterSilences, (atMs, random) => [{ atMs, kind: 'meter', running: false }, { atMs: atMs + upTo(random, 5_000, 120_000), kind: 'meter', running: true }])
  }

  stream('patches', options.patches, (atMs, random) => [{ atMs, kind: 'patch', key: pick(random, connectors).key, priority: between(random, 0, 2), weight: between(random, 1, 3) }])
  stream('remote stops', options.remoteStops, (atMs, random) => [{ atMs, kind: 'remote-stop', key: pick(random, connectors).key }])
  stream('remote starts', options.remoteStarts, (atMs, random) => [{ atMs, kind: 'remote-start', key: pick(random, connectors).key }])
  stream('unlocks', options.unlocks, (atMs, random) => [{ atMs, kind: 'unlock', key: pick(random, connectors).key }])

  const weather = [['slow', options.slowLines], ['stall', options.stalls], ['cut', options.cuts], ['half-open', options.halfOpens], ['deaf', options.deafLines], ['mute', options.muteLines]] as const
  for (const [what, perMinute] of weather) stream(what, perMinute, (atMs, random) => [{ atMs, kind: 'weather', client: pick(random, clients), what, forMs: upTo(random, 500, 60_000) }])
  stream('intruders', options.intruders, (atMs, random) => [{ atMs, kind: 'intruder', client: pick(random, clients), forMs: upTo(random, 1_000, 40_000) }])
  const store = [['slow', options.storeSlow], ['failing', options.storeFailing], ['hanging', options.storeHanging], ['applied-but-timeout', options.storeTimeouts]] as const
  for (const [what, perMinute] of store) stream(`store ${what}`, perMinute, (atMs, random) => [{ atMs, kind: 'store', what, forMs: upTo(random, 200, 60_000) }])
  stream('kills', options.kills, (atMs, random) => {
    const [downMs, keeps, upon] = [upTo(random, 50, 30_000), random() < 0.5 ? 0 : Math.round(random() * 100) / 100, random() < 0.3 ? undefined : pick(random, killMoments)]
    return [{ atMs, kind: 'kill', downMs, keeps, ...(upon === undefined ? {} : { upon }) }]
  })
  stream('freezes', options.freezes, (atMs, random) => [{ atMs, kind: 'freeze', forMs: upTo(random, 100, 60_000) }])
  stream('wall steps', options.wallSteps, (atMs, random) => [{ atMs, kind: 'wall-step', byMs: pick(random, [-3_600_000, 3_600_000, -60_000, 60_000, 5_000]) }])
  stream('reboots', options.reboots, (atMs, random) => [{ atMs, kind: 'reboot', client: pick(random, clients) }])
  const away = (kind: 'offline' | 'silent') => (atMs: number, random: Random): WorldEvent[] => {
    const client = pick(random, clients)
    return [{ atMs, kind, client }, { atMs: atMs + upTo(random, 1_000, 180_000), kind: 'online', client }]
  }
  stream('outages', options.outages, away('offline'))
  stream('silences', options.silences, away('silent'))
  stream('disobediences', options.disobediences, (atMs, random) => {
    const client = pick(random, clients)
    return [{ atMs, kind: 'behave', client, names: ['ignores-profiles'] }, { atMs: atMs + upTo(random, 15_000, 150_000), kind: 'behave', client, names: [] }]
  })
  if (options.behaviours.length > 0) {
    stream('misbehaviours', options.misbehaviours, (atMs, random) => [{ atMs, kind: 'behave', client: pick(random, clients), names: random() < 0.3 ? [] : [pick(random, options.behaviours)] }])
  }
  return events.filter(({ atMs }) => atMs < healMs).sort((a, b) => a.atMs - b.atMs)
}

function drawCar(random: Random, maxA: number, fills: boolean): WorldCar {
  const phases = pick(random, [1, 1, 2, 3, 3, 3] as const)
  const small = random() < 0.2 && fills
  return {
    maxA: random() < 0.7 ? maxA : pick(random, [10, 13, 16, 20]), phases, followS: pick(random, [0, 2, 4, 8]), ...(random() < 0.4 ? { told: true } : {}),
    ...(small ? { energyNeededWh: between(random, 200, 1_500) } : {}),
  }
}
