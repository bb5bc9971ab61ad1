// The addresses that can be typed into a charger: which reach it, and how a name is put behind them.
export interface Address {
  /** Ends in `/ocpp/`. */
  readonly url: string
  /** Where it leads: `eth0`, `this machine`. */
  readonly name: string
  readonly loopback: boolean
}

/** The one by which the pages came here, where nothing better is known. */
export function ownAddress({ protocol, host, hostname }: { readonly protocol: string; readonly host: string; readonly hostname: string }): Address {
  return { url: `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/ocpp/`, name: 'as this page', loopback: isLoopback(hostname) }
}

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^127\.|^\[?::1\]?$/.test(hostname)
}

/** With the name behind it, as most chargers want it. */
export const withName = ({ url }: Address, name: string): string => `${url}${encodeURIComponent(name.trim())}`

/** Squares of a code as one SVG path, a unit each. */
export function pathOfSquares(rows: readonly (readonly boolean[])[]): string {
  return rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
}
