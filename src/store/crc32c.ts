// CRC-32C as LevelDB writes it beside every record of a log and every block of a table, eight bytes at a time.

const polynomial = 0x82f63b78
/** Table `n` is for a byte with `n` more behind it. */
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables()

function tables() {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    return crc
  })
  const behind = (table: Int32Array) => table.map((crc) => (crc >>> 8) ^ first[crc & 255]!)
  const [second, third, fourth] = [behind(first), behind(behind(first)), behind(behind(behind(first)))]
  const fifth = behind(fourth)
  const sixth = behind(fifth)
  const seventh = behind(sixth)
  return [first, second, third, fourth, fifth, sixth, seventh, behind(seventh)] as const
}

/** Of `bytes` from `from` up to `to`, masked: what stands in the file, as a number from 0. */
export function maskedCrc(bytes: Uint8Array, from: number, to: number): number {
  let crc = -1
  let at = from
  for (; at + 8 <= to; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    crc = t7[crc & 255]! ^ t6[(crc >>> 8) & 255]! ^ t5[(crc >>> 16) & 255]! ^ t4[crc >>> 24]! ^ t3[bytes[at + 4]!]! ^ t2[bytes[at + 5]!]! ^ t1[bytes[at + 6]!]! ^ t0[bytes[at + 7]!]!
  }
  for (; at < to; at++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]!) & 255]!
  crc = ~crc
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
