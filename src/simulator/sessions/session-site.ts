// Reads the site that sessions are played at: a site as in kwota.yaml, by itself, under `site:`, or as the only one of `sites:`.
import { z } from 'zod'
import { chargePointSchema, siteSchema, type ChargePointConfig, type SiteConfig } from '../../power/site.ts'
import { buildTree, TreeError } from '../../power/tree.ts'
import { readYaml } from '../../yaml-file.ts'

export interface SessionSite {
  readonly site: SiteConfig
  /** Null = made from the stations of the sessions. */
  readonly chargePoints: readonly ChargePointConfig[] | null
}

/** The site cannot be played at; the message names file, line, problem and fix. */
export class SessionSiteError extends Error {
  override readonly name = 'SessionSiteError'
}

const chargePoints = z.array(chargePointSchema.extend({ site: z.string().optional() })).min(1).max(10_000).optional()
const ignored = { name: z.unknown(), timeline: z.unknown(), expect: z.unknown() }
const wrapped = z.strictObject({ site: siteSchema, chargePoints, ...ignored }).partial({ name: true, timeline: true, expect: true })
const configured = z.looseObject({ sites: z.array(siteSchema).length(1, { error: 'not one site; sessions are played at one' }), chargePoints })

/** Throws SessionSiteError. `file` names the source in messages. */
export function readSessionSite(text: string, file: string): SessionSite {
  if (/^sites\s*:/m.test(text)) {
    const { sites, chargePoints: points } = parse(text, file, configured)
    return settle(sites[0]!, points)
  }
  if (/^site\s*:/m.test(text)) {
    const { site, chargePoints: points } = parse(text, file, wrapped)
    return settle(site, points)
  }
  return settle(parse(text, file, siteSchema), undefined)
}

/** The charge points for these stations, 32 A three-phase each where the file says none. Throws SessionSiteError. */
export function chargePointsFor({ site, chargePoints: given }: SessionSite, stations: readonly string[]): readonly ChargePointConfig[] {
  const points = given ?? stations.map((id) => chargePointSchema.parse({ id, site: site.id }))
  const known = new Set(points.filter((point) => point.connectors.some(({ id }) => id === 1)).map(({ id }) => id))
  const strangers = stations.filter((id) => !known.has(id))
  if (strangers.length > 0) throw new SessionSiteError(`The site has no charge point with a connector 1 for ${strangers.length} of the stations: ${strangers.slice(0, 5).join(', ')}. Add them to chargePoints, or leave chargePoints out and they are made.`)
  try {
    buildTree(site, points)
  } catch (error) {
    if (error instanceof TreeError) throw new SessionSiteError(`The site cannot be built: ${error.message}.`)
    throw error
  }
  return points
}

function parse<S extends z.ZodType>(text: string, file: string, schema: S): z.output<S> {
  const read = readYaml(text, schema)
  if (read.ok) return read.value
  throw new SessionSiteError(read.faults.map(({ line, pointer, problem, fix }) => `${file}:${line}: ${pointer === '' ? '' : `${pointer.slice(1).replaceAll('/', '.')}: `}${problem}; ${fix}`).join('\n'))
}

function settle(site: SiteConfig, points: z.output<typeof chargePoints>): SessionSite {
  return { site, chargePoints: points === undefined ? null : points.map((point) => ({ ...point, site: site.id })) }
}
