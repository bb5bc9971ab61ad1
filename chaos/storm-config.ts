// The sites and charge points of a storm: one site that is told limits meanwhile, and many whose charge points all come back at once.

export const stormSite = 'main'
export const stormName = (at: number): string => `STORM-${String(at + 1).padStart(5, '0')}`
export const healthyName = (at: number): string => `HEALTHY-${String(at + 1).padStart(3, '0')}`
/** 20 bytes, another for each. */
export const passwordOf = (name: string): string => `${name}-of-the-chaos-storm`.slice(0, 20)
export const grantA = 32

const perSite = 100

export function stormConfig({ stations, healthy, passwords }: { readonly stations: number; readonly healthy: number; readonly passwords: boolean }): object {
  const names = Array.from({ length: stations }, (_, at) => stormName(at))
  const siteOf = (at: number): string => `storm-${1 + Math.floor(at / perSite)}`
  const secret = (name: string): object => (passwords ? { password: passwordOf(name) } : {})
  return {
    unknownChargePoints: 'reject',
    sites: [{ id: stormSite, fuseA: grantA * Math.max(1, healthy) }, ...Array.from({ length: Math.ceil(stations / perSite) }, (_, at) => ({ id: siteOf(at * perSite), fuseA: grantA * perSite }))],
    chargePoints: [
      ...Array.from({ length: healthy }, (_, at) => ({ id: healthyName(at), site: stormSite, ...secret(healthyName(at)) })),
      ...names.map((id, at) => ({ id, site: siteOf(at), ...secret(id) })),
    ],
  }
}
