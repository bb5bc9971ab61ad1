// The smallest words of LevelDB's files: numbers of as many bytes as they need, and blocks that Snappy has made smaller.

/** Reads from the beginning; RangeError behind the end. */
export class Bytes {
  private readonly bytes: Buffer
  private at = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  get atEnd(): boolean { return this.at >= this.bytes.length }

  varint(): number {
    let value = 0
    for (let factor = 1; factor < 2 ** 56; factor *= 128) {
      const byte = this.take(1)[0]!
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    throw new RangeError('a number that does not end')
  }

  take(size: number): Buffer {
    if (this.at + size > this.bytes.length) throw new RangeError('the end of the bytes')
    this.at += size
    return this.bytes.subarray(this.at - size, this.at)
  }

  /** A length, and so many bytes. */
  slice(): Buffer {
    return this.take(this.varint())
  }
}

const largestBlock = 256 * 1024 * 1024

/** RangeError when it is not what Snappy writes. */
export function uncompressed(content: Buffer): Buffer {
  const bytes = new Bytes(content)
  const size = bytes.varint()
  if (size > largestBlock) throw new RangeError('a block that is too large')
  const out = Buffer.alloc(size)
  let at = 0
  while (!bytes.atEnd) {
    const tag = bytes.take(1)[0]!
    const upper = tag >>> 2
    if ((tag & 3) === 0) {
      const literal = bytes.take((upper < 60 ? upper : little(bytes.take(upper - 59))) + 1)
      if (at + literal.length > size) throw new RangeError('more than was said')
      literal.copy(out, at)
      at += literal.length
      continue
    }
    // A copy of what came `back` bytes earlier, which may run into itself.
    const length = (tag & 3) === 1 ? (upper & 7) + 4 : upper + 1
    const back = (tag & 3) === 1 ? ((tag >>> 5) << 8) | bytes.take(1)[0]! : little(bytes.take((tag & 3) === 2 ? 2 : 4))
    if (back === 0 || back > at || at + length > size) throw new RangeError('a copy of nothing')
    for (const end = at + length; at < end; at++) out[at] = out[at - back]!
  }
  if (at !== size) throw new RangeError('less than was said')
  return out
}

function little(bytes: Buffer): number {
  return bytes.readUIntLE(0, bytes.length)
}
