// How many connections there may be, in all and from one address: whoever comes above that is cut before a byte of it is read.
import type { Server as HttpServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { isOwnMachine, networkOf } from '../addresses.ts'
import type { Clock } from '../clock.ts'
import type { Log } from './ports.ts'
import { TokenBucket } from './token-bucket.ts'

export interface SocketCaps {
  /** On all ports together. */
  readonly most: number
  /** A proxy in front is one address. Null: 1,000, and from this machine as many as come. */
  readonly perAddress: number | null
}

const usualPerAddress = 1_000
const toldPerSecond = 0.1
const toldAtOnce = 5

export function capSockets(servers: readonly (HttpServer | HttpsServer)[], { most, perAddress }: SocketCaps, { clock, log }: { readonly clock: Clock; readonly log: Log }): void {
  /** As many as are connected. */
  const open = new Map<string, number>()
  const bucket = new TokenBucket(clock, toldPerSecond, toldAtOnce)
  let total = 0
  const count = (socket: Socket) => {
    const { remoteAddress = '' } = socket
    const network = networkOf(remoteAddress)
    const already = open.get(network) ?? 0
    const cap = perAddress ?? (isOwnMachine(remoteAddress) ? Infinity : usualPerAddress)
    if (total >= most || already >= cap) {
      socket.destroy()
      const setting = total >= most ? 'connections.most' : 'connections.perAddress'
      if (bucket.take() === 0) log.warn({ event: 'too-many-connections', remoteAddress, connections: total, ofThisAddress: already, setting }, 'a connection was cut: there are too many; raise the setting if they are wanted')
      return
    }
    total++
    open.set(network, already + 1)
    socket.once('close', () => {
      total--
      const left = (open.get(network) ?? 1) - 1
      if (left === 0) open.delete(network)
      else open.set(network, left)
    })
  }
  for (const server of servers) server.prependListener('connection', count)
}
