// Where charge points can reach this process: a URL for each server and each address that it listens on.
import type { NetworkInterfaceInfo } from 'node:os'
import { isOwnMachine } from '../addresses.ts'

export interface Endpoint {
  /** `eth0`; null = an address that no interface of this machine has. */
  readonly interface: string | null
  readonly address: string
  readonly secure: boolean
  /** Without the identity, which the charge point puts behind it. */
  readonly url: string
  /** Other machines can get there, as far as this one knows. */
  readonly reachable: boolean
}

const everywhere = new Set(['0.0.0.0', '::'])
const mostEndpoints = 32

/** Of a server that listens at every address: its URLs as they can be typed, plain and secure; empty where it has an address of its own. */
export function urlsOf({ url, secureUrl }: { readonly url: string; readonly secureUrl: string | null }, interfaces: Parameters<typeof endpointsOf>[1]): readonly string[] {
  const open = [url, secureUrl].filter((text) => text !== null).filter((text) => everywhere.has(new URL(text).hostname.replace(/^\[|\]$/g, '')))
  return endpointsOf(open, interfaces).map((endpoint) => endpoint.url.replace(/^ws/, 'http').replace(/\/ocpp\/$/, ''))
}

/** `urls` = of each server, `http://host:port`; those that others can reach first, then secure ones. */
export function endpointsOf(urls: readonly string[], interfaces: NodeJS.Dict<readonly Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal'>[]>): readonly Endpoint[] {
  const own = Object.entries(interfaces).flatMap(([name, infos = []]) => infos.map(({ address, family }) => ({ name, address, family }))).filter(({ address }) => !address.toLowerCase().startsWith('fe80'))
  return urls.flatMap((text): Endpoint[] => {
    const { protocol, hostname, port } = new URL(text)
    const host = hostname.replace(/^\[|\]$/g, '')
    const secure = protocol === 'https:'
    const wanted = everywhere.has(host) ? own.filter(({ family }) => host === '::' || family === 'IPv4') : [own.find(({ address }) => address === host) ?? { name: null, address: host }]
    const portText = port === '' ? '' : `:${port}`
    return wanted.map(({ name, address }) => ({
      interface: name, address, secure, url: `${secure ? 'wss' : 'ws'}://${address.includes(':') ? `[${address}]` : address}${portText}/ocpp/`, reachable: address !== 'localhost' && !isOwnMachine(address),
    }))
  }).sort((a, b) => Number(b.reachable) - Number(a.reachable) || Number(b.secure) - Number(a.secure) || a.url.localeCompare(b.url)).slice(0, mostEndpoints)
}
