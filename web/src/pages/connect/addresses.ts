// The addresses that can be typed into a charger: which reach it, and how a name is put behind them.
export interface Address {
  /** Ends in `/ocpp/`. */
  readonly url: string
  /** Where it leads: `eth0`, `this machine`. */
  readonly name: string
  readonly loopback: boolean
}

/** As `GET /setup` says it. */
export interface Endpoint { readonly interface: string | null; readonly address: string; readonly secure: boolean; readonly url: string; readonly reachable: boolean }

/** Those that other machines reach come first. The one by which this page came is among them: behind a proxy nothing else may lead here. */
export function addressesOf(endpoints: readonly Endpoint[], page: { readonly protocol: string; readonly host: string; readonly hostname: string }): readonly Address[] {
  const told = endpoints.map(({ url, interface: name, secure, reachable }): Address => ({
    url: withSlash(url), name: `${reachable ? name ?? 'network' : 'this machine'}${secure ? ', TLS' : ''}`, loopback: !reachable,
  }))
  const own: Address = { url: `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}/ocpp/`, name: 'as this page', loopback: isLoopback(page.hostname) }
  if (told.some(({ url }) => url === own.url) || (own.loopback && told.length > 0)) return told
  return own.loopback ? [...told, own] : [own, ...told]
}

const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`)

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^127\.|^\[?::1\]?$/.test(hostname)
}

/** With the name behind it, as most chargers want it. */
export const withName = ({ url }: Address, name: string): string => `${url}${encodeURIComponent(name.trim())}`

/** Squares of a code as one SVG path, a unit each. */
export function pathOfSquares(rows: readonly (readonly boolean[])[]): string {
  return rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
}
