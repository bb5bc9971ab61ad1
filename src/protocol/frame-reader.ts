// Reads the frames of one charge point: most are MeterValues of the form of its last ones, and those are not parsed.
import { readFrame, type Reading } from './frames.ts'
import { learnTemplate, type MeterTemplate } from './meter-template.ts'

/** Forms learnt in a row that no frame had; then only one frame in so many is learnt from. */
const mostInVain = 4
const thenOneIn = 256

export class FrameReader {
  /** Two, since connectors and kinds of samples take turns. */
  private newest: MeterTemplate | null = null
  private other: MeterTemplate | null = null
  private inVain = 0
  private passed = 0

  /** What `readFrame` says, with the payload of plain MeterValues in a form of its own. */
  read(text: string): Reading {
    const plain = this.newest?.read(text) ?? this.readOther(text)
    if (plain !== null) {
      this.inVain = 0
      return { type: 'call', id: plain.id, action: 'MeterValues', payload: plain.payload, sum: plain.sum }
    }
    const reading = readFrame(text)
    if (reading.type === 'call' && reading.sum !== undefined) this.learn(text)
    return reading
  }

  private readOther(text: string): ReturnType<MeterTemplate['read']> {
    const { other } = this
    const plain = other === null ? null : other.read(text)
    if (plain !== null) [this.newest, this.other] = [other, this.newest]
    return plain
  }

  private learn(text: string): void {
    if (this.inVain >= mostInVain && ++this.passed % thenOneIn !== 0) return
    this.inVain++
    const template = learnTemplate(text)
    if (template === null || template === this.newest) return
    [this.newest, this.other] = [template, this.newest]
  }
}
