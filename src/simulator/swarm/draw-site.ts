// The site of a seed: a tree of circuits with its charge points, such that the fallbacks fit.
import { chargePointSchema, perPhase, policies, siteSchema, type ChargePointConfig, type SiteConfig } from '../../power/site.ts'
import { between, type Random } from '../random.ts'
import type { SwarmOptions } from './draw-options.ts'
import { hardwareA as mostA, startWallMs } from './world.ts'

export interface DrawnSite { readonly site: SiteConfig; readonly configs: readonly ChargePointConfig[]; readonly worstCaseA: number }

const rotations = [['L1', 'L2', 'L3'], ['L2', 'L3', 'L1'], ['L3', 'L1', 'L2'], ['L1', 'L3', 'L2']] as const
const voltage = 230

function pick<T>(random: Random, list: readonly T[]): T {
  const chosen = list[between(random, 0, list.length - 1)]
  if (chosen === undefined) throw new Error('nothing to choose from')
  return chosen
}

/** `more` draws what a site can have besides. */
export function drawSite(random: Random, more: Random, options: SwarmOptions): DrawnSite {
  const circuits = Array.from({ length: Math.min(between(random, 0, 3), Math.ceil(options.stations / 2)) }, (_, at) => ({
    id: `c${at}`,
    ...(at > 0 && random() < 0.4 ? { parent: `c${at - 1}` } : {}),
    ...(random() < 0.4 ? { rotation: [...pick(random, rotations)] } : {}),
  }))
  const fallbacks = random() < 0.4
  const direct = () => options.direct && more() < 0.4 ? { current: 'DC' as const, maxW: pick(more, [11_000, 22_000, 50_000]), efficiency: pick(more, [0.9, 0.95, 1]) } : {}
  const configs = Array.from({ length: options.stations }, (_, at) => {
    const connectors = Array.from({ length: random() < 0.2 ? 2 : 1 }, (_each, index) => ({
      id: index + 1, maxA: pick(random, [16, 20, 32, 32, 32, 63]), minA: pick(random, [6, 6, 6, 7, 8]), stepA: pick(random, [1, 1, 1, 0.1, 0.5]),
      ...direct(),
    }))
    return chargePointSchema.parse({
      id: `CP${at + 1}`, site: 'main', ...(circuits.length > 0 && random() < 0.8 ? { circuit: pick(random, circuits).id } : {}),
      fallbackA: fallbacks && !options.imbalance ? pick(random, [0, 0, 8]) : 0, obeysLease: random() < 0.5, keepsProfiles: random() < 0.5,
      control: random() < 0.04 && !options.imbalance ? 'none' : 'engine', connectors,
    })
  })
  const worstCaseA = options.hasMeter || random() < 0.5 ? between(random, 5, 40) : 0
  const hardwareA = (of: readonly ChargePointConfig[]) => of.flatMap(({ connectors }) => connectors).reduce((sum, each) => sum + mostA(each, voltage), 0)
  const floorA = (of: readonly ChargePointConfig[]) => of.reduce((sum, config) => sum + config.connectors.reduce((own, each) => own + (config.control === 'none' ? mostA(each, voltage) : Math.min(mostA(each, voltage), config.fallbackA)), 0), 0)
  const tight = 0.25 + random() * 0.6
  const below = (id: string): ChargePointConfig[] => configs.filter((config) => {
    for (let at = config.circuit; at !== undefined; at = circuits.find((each) => each.id === at)?.parent) if (at === id) return true
    return false
  })
  const failsafeA = Math.ceil(pick(random, [0, 10]) + worstCaseA + floorA(configs))
  const fuseA = Math.ceil(options.crowded ? floorA(configs) + worstCaseA + between(more, 7, 16) : Math.max(floorA(configs) + worstCaseA + 7, worstCaseA + hardwareA(configs) * tight))
  const site = siteSchema.parse({
    id: 'main', voltage, failsafeA: Math.min(failsafeA, fuseA), fuseA,
    policy: options.anyPolicy ? pick(more, policies) : pick(random, ['equal', 'equal', 'weighted']),
    baseLoad: { worstCaseA, staleAfterS: pick(random, [10, 15, 15, 30]), creditExport: random() < 0.2 && !options.imbalance },
    // The worst base load on one phase alone leaves something.
    ...(options.imbalance && more() < 0.7 ? { imbalanceLimitA: worstCaseA + between(more, 7, 24) } : {}),
    circuits: circuits.map((circuit) => {
      const own = below(circuit.id)
      const limitA = Math.ceil(Math.max(floorA(own) + 7, hardwareA(own) * (0.3 + random() * 0.8)))
      const imbalance = options.imbalance && more() < 0.5 ? { imbalanceLimitA: between(more, 8, 32) } : {}
      return { ...circuit, ...imbalance, ...(random() < 0.8 ? { limitA } : {}), ...(random() < 0.25 ? { limitW: Math.round(limitA * voltage * 3 * (0.7 + random() * 0.4)) } : {}) }
    }).map((circuit) => ('limitW' in circuit && circuit.limitW < floorA(below(circuit.id)) * voltage * 3 ? { ...circuit, limitW: floorA(below(circuit.id)) * voltage * 3 + 5_000 } : circuit)),
  })
  const target = options.demandWindow ? { demandWindow: { targetW: Math.round(perPhase(site.fuseA).L1 * voltage * 3 * (0.3 + more() * 0.5)) } } : {}
  return { site: { ...site, ...target }, configs, worstCaseA }
}

/** One to three blocks of the week or single times between `fromMs` and `untilMs`; none lasts beyond that. */
export function drawSchedules(random: Random, site: SiteConfig, fromMs: number, untilMs: number): NonNullable<SiteConfig['limitSchedules']> {
  const fuseA = perPhase(site.fuseA).L1
  const amount = (share: number) => random() < 0.6 ? { currentA: Math.round(fuseA * share) } : { limitW: Math.round(fuseA * site.voltage * 3 * share) }
  const schedules = Array.from({ length: between(random, 1, 3) }, () => {
    const [startMs, share] = [between(random, fromMs, untilMs), 0.25 + random() * 0.7]
    if (random() < 0.4) {
      const [from, to] = [Math.ceil(startMs / 60_000), Math.floor(Math.min(untilMs, startMs + between(random, 60_000, 240_000)) / 60_000)]
      return to <= from ? [] : [{ weekly: [{ days: ['thu' as const], from: clockTime(from), to: clockTime(to), ...amount(share) }] }]
    }
    const durationS = Math.floor(Math.min(between(random, 10_000, 240_000), untilMs - startMs) / 1000)
    return durationS < 1 ? [] : [{ startsAt: new Date(startWallMs + startMs).toISOString(), durationS, ...amount(share) }]
  })
  return schedules.flat()
}

function clockTime(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}
