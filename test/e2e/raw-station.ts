// A charge point as a bare socket: it says whatever it is told to, takes what it is asked to do, and shows every answer.
import { once } from 'node:events'
import { WebSocket, type RawData } from 'ws'
import { until } from './yard.ts'

export class RawStation {
  readonly socket: WebSocket
  readonly frames: unknown[][] = []
  closedWith: number | null = null
  private readonly waiting = new Map<unknown, (frame: unknown[]) => void>()
  private next = 0

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.setMaxListeners(0)
    socket.on('message', (data: RawData) => {
      const frame = JSON.parse(String(data)) as unknown[]
      if (frame[0] === 2) socket.send(JSON.stringify([3, frame[1], frame[2] === 'GetConfiguration' ? { unknownKey: ['ChargeProfileMaxStackLevel'] } : { status: 'Accepted' }]))
      else {
        this.frames.push(frame)
        this.waiting.get(frame[1])?.(frame)
        this.waiting.delete(frame[1])
      }
    })
    socket.on('error', () => undefined)
    socket.on('close', (code) => { this.closedWith = code })
  }

  static async connect(ocppUrl: string, id: string): Promise<RawStation> {
    const socket = new WebSocket(`${ocppUrl}/${id}`, 'ocpp1.6')
    const station = new RawStation(socket)
    await once(socket, 'open')
    return station
  }

  send(data: string | Buffer): void { this.socket.send(data, { binary: typeof data !== 'string' }) }

  /** The answer to a frame given as text, or the close code. */
  async answer(data: string | Buffer): Promise<unknown> {
    const from = this.frames.length
    this.send(data)
    return until('an answer', () => this.frames[from] ?? this.closedWith)
  }

  /** The whole frame of the answer; rejects when the socket ends before it. */
  call(action: string, payload: unknown): Promise<unknown[]> {
    const id = `t${++this.next}`
    return new Promise((resolve, reject) => {
      this.waiting.set(id, resolve)
      this.socket.once('close', (code) => reject(new Error(`closed with ${code} before ${action} was answered`)))
      this.send(JSON.stringify([2, id, action, payload]))
    })
  }

  async boot(): Promise<this> {
    await until('an accepted boot', async () => JSON.stringify(await this.call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' })).includes('"Accepted"'))
    return this
  }

  /** The number of the transaction. */
  async start(meterStart: number, timestamp: string, connectorId = 1, idTag = 'TAG'): Promise<number> {
    const answer = await this.call('StartTransaction', { connectorId, idTag, meterStart, timestamp })
    return (answer[2] as { transactionId: number }).transactionId
  }
}
