// The site of a seed: a tree of circuits with its charge points, such that the fallbacks fit.
import { chargePointSchema, siteSchema, type ChargePointConfig, type SiteConfig } from '../../power/site.ts'
import { between, type Random } from '../random.ts'
import type { SwarmOptions } from './draw-options.ts'

export interface DrawnSite { readonly site: SiteConfig; readonly configs: readonly ChargePointConfig[]; readonly worstCaseA: number }

const rotations = [['L1', 'L2', 'L3'], ['L2', 'L3', 'L1'], ['L3', 'L1', 'L2'], ['L1', 'L3', 'L2']] as const
const voltage = 230

function pick<T>(random: Random, list: readonly T[]): T {
  const chosen = list[between(random, 0, list.length - 1)]
  if (chosen === undefined) throw new Error('nothing to choose from')
  return chosen
}

export function drawSite(random: Random, options: SwarmOptions): DrawnSite {
  const circuits = Array.from({ length: Math.min(between(random, 0, 3), Math.ceil(options.stations / 2)) }, (_, at) => ({
    id: `c${at}`,
    ...(at > 0 && random() < 0.4 ? { parent: `c${at - 1}` } : {}),
    ...(random() < 0.4 ? { rotation: [...pick(random, rotations)] } : {}),
  }))
  const fallbacks = random() < 0.4
  const configs = Array.from({ length: options.stations }, (_, at) => {
    const connectors = Array.from({ length: random() < 0.2 ? 2 : 1 }, (_each, index) => ({
      id: index + 1, maxA: pick(random, [16, 20, 32, 32, 32, 63]), minA: pick(random, [6, 6, 6, 7, 8]), stepA: pick(random, [1, 1, 1, 0.1, 0.5]),
    }))
    return chargePointSchema.parse({
      id: `CP${at + 1}`, site: 'main', ...(circuits.length > 0 && random() < 0.8 ? { circuit: pick(random, circuits).id } : {}),
      fallbackA: fallbacks ? pick(random, [0, 0, 8]) : 0, obeysLease: random() < 0.5, keepsProfiles: random() < 0.5,
      control: random() < 0.04 ? 'none' : 'engine', connectors,
    })
  })
  const worstCaseA = options.hasMeter || random() < 0.5 ? between(random, 5, 40) : 0
  const hardwareA = (of: readonly ChargePointConfig[]) => of.flatMap(({ connectors }) => connectors).reduce((sum, { maxA }) => sum + maxA, 0)
  const floorA = (of: readonly ChargePointConfig[]) => of.reduce((sum, config) => sum + config.connectors.reduce((own, { maxA }) => own + (config.control === 'none' ? maxA : Math.min(maxA, config.fallbackA)), 0), 0)
  const tight = 0.25 + random() * 0.6
  const below = (id: string): ChargePointConfig[] => configs.filter((config) => {
    for (let at = config.circuit; at !== undefined; at = circuits.find((each) => each.id === at)?.parent) if (at === id) return true
    return false
  })
  const site = siteSchema.parse({
    id: 'main', voltage, failsafeA: Math.ceil(pick(random, [0, 10]) + worstCaseA + floorA(configs)),
    fuseA: Math.ceil(Math.max(floorA(configs) + worstCaseA + 7, worstCaseA + hardwareA(configs) * tight)),
    policy: pick(random, ['equal', 'equal', 'weighted']),
    baseLoad: { worstCaseA, staleAfterS: pick(random, [10, 15, 15, 30]), creditExport: random() < 0.2 },
    circuits: circuits.map((circuit) => {
      const own = below(circuit.id)
      const limitA = Math.ceil(Math.max(floorA(own) + 7, hardwareA(own) * (0.3 + random() * 0.8)))
      return { ...circuit, ...(random() < 0.8 ? { limitA } : {}), ...(random() < 0.25 ? { limitW: Math.round(limitA * voltage * 3 * (0.7 + random() * 0.4)) } : {}) }
    }).map((circuit) => ('limitW' in circuit && circuit.limitW < floorA(below(circuit.id)) * voltage * 3 ? { ...circuit, limitW: floorA(below(circuit.id)) * voltage * 3 + 5_000 } : circuit)),
  })
  return { site, configs, worstCaseA }
}
