// A charge point's WebSocket on a plain socket with hand-made frames: ten thousand of a library would cost more than the servers they load.
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

/** Any key but zeros, with which servers save themselves the work. */
const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d])
const [text, close, ping, pong] = [0x1, 0x8, 0x9, 0xa]
const shortest = 126
const longest = 65_536
const nothing = Buffer.alloc(0)

export const maskedAt = (byte: number, offset: number): number => byte ^ mask[offset & 3]!

/** A whole masked frame, and where in it the payload begins. */
export function frameOf(payload: Buffer, opcode = text): { readonly bytes: Buffer; readonly from: number } {
  if (payload.length >= longest) throw new Error(`a frame of ${payload.length} bytes is more than the bench sends`)
  const from = payload.length < shortest ? 6 : 8
  const bytes = Buffer.allocUnsafe(from + payload.length)
  bytes[0] = 0x80 | opcode
  bytes[1] = 0x80 | Math.min(payload.length, shortest)
  if (from === 8) bytes.writeUInt16BE(payload.length, 2)
  mask.copy(bytes, from - 4)
  for (let at = 0; at < payload.length; at++) bytes[from + at] = maskedAt(payload[at]!, at)
  return { bytes, from }
}

export class Wire {
  /** Gets the payload of each text frame; it is only good until the call returns. */
  heard: (payload: Buffer) => void = () => undefined
  lost: () => void = () => undefined
  private readonly socket: Socket
  private rest = nothing

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => this.read(chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => this.lost())
  }

  send(message: string): void {
    this.socket.write(frameOf(Buffer.from(message)).bytes)
  }

  /** A frame that is laid out already; it must stay as it is until its answer is here. */
  write(frame: Buffer): void {
    this.socket.write(frame)
  }

  close(): void {
    this.socket.destroy()
  }

  /** `chunk` = what came, from a border of frames on or behind what is left of the last. */
  read(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    let at = 0
    for (; ;) {
      const end = endOf(bytes, at)
      if (end === null || end.to > bytes.length) break
      at = end.to
      const opcode = bytes[end.head]! & 0xf
      const payload = bytes.subarray(end.from, end.to)
      if (opcode === text) this.heard(payload)
      else if (opcode === ping) this.socket.write(frameOf(payload, pong).bytes)
      else if (opcode === close) this.socket.destroy()
    }
    this.rest = at === bytes.length ? nothing : Buffer.from(bytes.subarray(at))
  }
}

/** Where a frame of a server's begins and ends; null where not even that has come. */
function endOf(bytes: Buffer, head: number): { readonly head: number; readonly from: number; readonly to: number } | null {
  if (bytes.length < head + 2) return null
  const short = bytes[head + 1]! & 0x7f
  if (short < shortest) return { head, from: head + 2, to: head + 2 + short }
  if (bytes.length < head + 10) return null
  const from = head + (short === shortest ? 4 : 10)
  return { head, from, to: from + (short === shortest ? bytes.readUInt16BE(head + 2) : Number(bytes.readBigUInt64BE(head + 2))) }
}

/** Rejects with the answer of a server that does not let it in. */
export async function openWire(url: string, protocol: string | null): Promise<Wire> {
  const { hostname, port, pathname } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  const named = protocol === null ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: a2lsb3dhdHQgLyBiZW5jaA==\r\n${named}\r\n`)
  let said = nothing
  for (; ;) {
    const [chunk] = await once(socket, 'data') as [Buffer]
    said = Buffer.concat([said, chunk])
    const end = said.indexOf('\r\n\r\n')
    if (end < 0) continue
    socket.pause()
    if (!said.toString('latin1', 0, 12).endsWith(' 101')) throw new Error(`not let in: ${said.toString('latin1', 0, 200)}`)
    const wire = new Wire(socket)
    // What came behind the handshake waits until its owner listens.
    setImmediate(() => {
      wire.read(said.subarray(end + 4))
      socket.resume()
    })
    return wire
  }
}
