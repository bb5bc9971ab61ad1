// The MeterValues of one charge point as a frame laid out once: id, time and register are written into it each time, for next to nothing.
import { meterFrame } from './meter-frame.ts'
import { frameOf, maskedAt } from './wire.ts'

const idDigits = 8
const registerDigits = 9
const firstRegisterWh = 100_000_000
const drawnA = 31.5

export class MeterTemplate {
  readonly bytes: Buffer
  /** As it was laid out, before it was masked. */
  readonly plain: string
  readonly payloadBytes: number
  /** Of the frame that was written last. */
  id = ''
  private readonly from: number
  private readonly idAt: number
  private readonly timeAt: number
  private readonly registerAt: number
  private count = 0

  constructor(transactionId: number) {
    const id = '0'.repeat(idDigits)
    const payload = meterFrame(id, transactionId, firstRegisterWh, drawnA)
    this.plain = payload
    this.payloadBytes = payload.length
    this.idAt = payload.indexOf(id)
    this.timeAt = payload.indexOf(/"timestamp":"([^"]+)"/.exec(payload)![1]!)
    this.registerAt = payload.indexOf(String(firstRegisterWh))
    const { bytes, from } = frameOf(Buffer.from(payload))
    this.bytes = bytes
    this.from = from
  }

  /** The next frame: another id, a risen register, that time. The bytes are always the same ones. */
  next(iso: string): Buffer {
    this.count++
    this.id = String(this.count).padStart(idDigits, '0')
    this.put(this.idAt, this.id)
    this.put(this.timeAt, iso)
    this.put(this.registerAt, String(firstRegisterWh + this.count).padStart(registerDigits, '0'))
    return this.bytes
  }

  private put(at: number, word: string): void {
    for (let index = 0; index < word.length; index++) this.bytes[this.from + at + index] = maskedAt(word.charCodeAt(index), at + index)
  }
}
