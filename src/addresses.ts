// What an address of a machine says about itself: this machine, an inner network, or which network counts as one stranger.
import { BlockList, isIP } from 'node:net'

function blockList(v4: readonly (readonly [net: string, prefix: number])[], v6: readonly (readonly [net: string, prefix: number])[]): BlockList {
  const list = new BlockList()
  for (const [net, prefix] of v4) list.addSubnet(net, prefix, 'ipv4')
  for (const [net, prefix] of v6) list.addSubnet(net, prefix, 'ipv6')
  return list
}

const inner = blockList(
  [['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.0.2.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 3]],
  [['::', 96], ['64:ff9b::', 96], ['64:ff9b:1::', 48], ['2002::', 16], ['fc00::', 7], ['fe80::', 10], ['ff00::', 8]],
)
/** Loopback, link-local (where clouds keep the keys of their machines), unspecified, multicast and reserved; and the other addresses that clouds keep such keys at. */
const nobodys = blockList(
  [['0.0.0.0', 8], ['127.0.0.0', 8], ['169.254.0.0', 16], ['224.0.0.0', 3], ['100.100.100.200', 32], ['168.63.129.16', 32], ['192.0.0.192', 32]],
  [['::', 96], ['64:ff9b::', 96], ['64:ff9b:1::', 48], ['2002::', 16], ['fe80::', 10], ['ff00::', 8], ['fd00:ec2::254', 128]],
)

function isIn(list: BlockList, address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return list.check(mapped, 'ipv4')
  return isIP(address) === 6 ? list.check(address, 'ipv6') : list.check(address, 'ipv4')
}

/** Loopback, link-local, private, documentation, reserved and multicast addresses; IPv4 in IPv6 as what it is, and no way to one through a translator. */
export function isInnerAddress(address: string): boolean {
  return isIn(inner, address)
}

/** Where no charge point may be sent: to itself, to its neighbours on the wire without a router, or to the keys of a cloud's machine. `host` in lower case. */
export function isNobodysHost(host: string): boolean {
  return isIP(host) === 0 ? /^(?:|.*\.)localhost$|^metadata(?:\.google\.internal)?$|^instance-data(?:\..*)?$/.test(host) : isIn(nobodys, host)
}

/** How an address is written without its zone, and IPv4 not as IPv6. */
function bareAddress(address: string): string {
  return address.toLowerCase().replace(/%.*$/, '').replace(/^::ffff:(?=[\d.]+$)/, '')
}

export function isOwnMachine(address: string): boolean {
  const bare = bareAddress(address)
  return bare === '::1' || bare.startsWith('127.')
}

/** Who has one address of IPv6 has its /64; of IPv4 each counts for itself, however it is written. */
export function networkOf(address: string): string {
  const bare = bareAddress(address)
  if (!bare.includes(':')) return bare
  const [head = '', tail] = bare.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = tail === undefined ? front : [...front, ...Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0'), ...back]
  return groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '')).join(':')
}
