// What runs here: the version, this node, who owns which site, the store, and how much of everything there is.
import { z } from 'zod'
import { defineRoute, type Route } from '../route.ts'
import { base } from './identifiers.ts'

const at = z.iso.datetime()
const count = z.int().min(0)

const system = z.strictObject({
  version: z.string(),
  nodeID: z.string(),
  nodes: z.array(z.strictObject({ id: z.string(), address: z.string(), lastSeenAt: at })),
  sites: z.array(z.strictObject({ id: z.string(), owner: z.string(), epoch: z.int(), leaseEndsAt: at.nullable().describe('null: owned for as long as the owner lives, or, in Redis, not renewed in time.') })),
  store: z.strictObject({ kind: z.enum(['embedded', 'redis', 'memory']), ok: z.boolean(), detail: z.string() }),
  sizes: z.strictObject({
    connections: count, chargePoints: count, transactions: count, alerts: count,
    residentBytes: count.describe('Memory of the process.'), uptimeS: z.number().min(0),
  }),
})

export const systemRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/system`, operationId: 'getSystem', tag: 'operations', summary: 'Version, nodes, owners of sites, store and sizes', scope: 'read', reach: 'every-site',
    answers: { 200: { description: 'As it is now', content: { 'application/json': system } } },
    async handle({ room: { house, clock, node, version } }) {
      const { id, address, storeKind, residentBytes, uptimeS } = node()
      const { sites, ...counts } = house.inventory()
      const store = (await house.health()).checks.find(({ name }) => name === 'store')
      const json: z.output<typeof system> = {
        version, nodeID: id,
        nodes: [{ id, address, lastSeenAt: new Date(clock.wall()).toISOString() }],
        sites: sites.map(({ lostTo, ...site }) => ({ ...site, owner: lostTo === null ? id : lostTo.id ?? 'unknown' })),
        store: { kind: storeKind, ok: store?.ok ?? false, detail: store?.detail ?? 'not checked' },
        sizes: { ...counts, residentBytes, uptimeS },
      }
      return { status: 200, json }
    },
  }),
]
