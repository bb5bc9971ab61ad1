// Text messages of a WebSocket as the bytes of their frames, all in one piece: a library that writes header and text of each for itself costs several times as much.

const [short, long] = [126, 65_536]

/** Unmasked, unfragmented and not compressed, as a server sends them (RFC 6455, section 5.2). */
export function textFrames(texts: readonly string[]): Buffer {
  const sizes = texts.map((text) => Buffer.byteLength(text))
  const frames = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + headerOf(size) + size, 0))
  let at = 0
  for (const [index, text] of texts.entries()) {
    const size = sizes[index] ?? 0
    // The whole message, and text.
    frames[at] = 0x81
    if (size < short) frames[at + 1] = size
    else if (size < long) {
      frames[at + 1] = 126
      frames.writeUInt16BE(size, at + 2)
    } else {
      frames[at + 1] = 127
      frames.writeBigUInt64BE(BigInt(size), at + 2)
    }
    at += headerOf(size)
    at += frames.write(text, at)
  }
  return frames
}

function headerOf(bytes: number): number {
  return bytes < short ? 2 : bytes < long ? 4 : 10
}
