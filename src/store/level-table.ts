// A table of LevelDB, held to its own checksums: neither the database nor its binding looks at them when it reads.
import { maskedCrc } from './crc32c.ts'
import { Bytes, uncompressed } from './level-bytes.ts'

interface Stretch { readonly offset: number; readonly size: number }

const footerBytes = 48
const trailerBytes = 5
const magic = Buffer.from('57fb808b247547db', 'hex')

/** What is wrong with a table; null when every byte of its blocks is what was written. They lie one behind the other: those of data, the filter, the table of both, the index, the footer. */
export function faultOfTable(bytes: Buffer): string | null {
  const footerAt = bytes.length - footerBytes
  if (footerAt < 0 || !bytes.subarray(-magic.length).equals(magic)) return 'it does not end as a table does'
  try {
    const footer = new Bytes(bytes.subarray(footerAt))
    const [meta, index] = [stretch(footer), stretch(footer)]
    if (index.offset !== endOf(meta) || endOf(index) !== footerAt) return 'its last bytes are not what was written'
    const fault = faultOfBlock(bytes, index) ?? faultOfBlock(bytes, meta)
    if (fault !== null) return fault
    let at = 0
    for (const block of blocksOf(contentOf(bytes, index))) {
      if (block.offset !== at) return `nothing is known of the bytes from ${at}`
      const found = faultOfBlock(bytes, block)
      if (found !== null) return found
      at = endOf(block)
    }
    return at === meta.offset ? null : faultOfBlock(bytes, { offset: at, size: meta.offset - at - trailerBytes })
  } catch (error) {
    if (error instanceof RangeError) return `its index cannot be read (${error.message})`
    throw error
  }
}

function faultOfBlock(bytes: Buffer, { offset, size }: Stretch): string | null {
  const end = offset + size + 1
  if (size < 0 || end + 4 > bytes.length) return `the block at byte ${offset} lies outside of it`
  return maskedCrc(bytes, offset, end) === bytes.readUInt32LE(end) ? null : `the block at byte ${offset} is not what was written`
}

function endOf({ offset, size }: Stretch): number {
  return offset + size + trailerBytes
}

function contentOf(bytes: Buffer, { offset, size }: Stretch): Buffer {
  const content = bytes.subarray(offset, offset + size)
  return bytes[offset + size] === 0 ? content : uncompressed(content)
}

/** Each entry of an index has a key, of which only what differs from the one before is there, and a stretch. */
function* blocksOf(index: Buffer): Generator<Stretch> {
  const end = index.length - 4 - 4 * index.readUInt32LE(index.length - 4)
  const bytes = new Bytes(index.subarray(0, end))
  while (!bytes.atEnd) {
    bytes.varint()
    const [own, size] = [bytes.varint(), bytes.varint()]
    bytes.take(own)
    yield stretch(new Bytes(bytes.take(size)))
  }
}

function stretch(bytes: Bytes): Stretch {
  return { offset: bytes.varint(), size: bytes.varint() }
}
