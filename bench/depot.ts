// The kwota that is measured: what it is told, and nothing else than what `npm start` tells it.

/** What a charge point may draw, A. */
export const grantA = 32
export const connectors = 2
const perSite = 100

export const siteName = (at: number): string => `site-${Math.floor(at / perSite) + 1}`
export const pointName = (at: number): string => `BENCH-${String(at + 1).padStart(5, '0')}`
export const pointNames = (count: number): string[] => Array.from({ length: count }, (_, at) => pointName(at))

/** kwota.yaml of so many charge points with two connectors each, a hundred to a site, all of which may charge at once. Everything is as it comes, but for the number of messages that one charge point may send in a second. */
export function depotConfig(count: number): object {
  return {
    messagesPerSecond: 0,
    sites: Array.from({ length: Math.ceil(count / perSite) }, (_, index) => ({ id: siteName(index * perSite), fuseA: grantA * connectors * perSite })),
    chargePoints: Array.from({ length: count }, (_, at) => ({ id: pointName(at), site: siteName(at), connectors: Array.from({ length: connectors }, (_connector, index) => ({ id: index + 1, maxA: grantA })) })),
  }
}
