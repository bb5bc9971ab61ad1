// A log of LevelDB, read as strictly as it can be: what is sound from its beginning, where that ends, and whether anything sound follows.
import { maskedCrc } from './crc32c.ts'

export interface LogReading {
  /** Up to `brokenAt`. */
  readonly records: readonly Buffer[]
  /** Where the first record begins that is not whole; null when all are. */
  readonly brokenAt: number | null
  /** Where a later record begins that is whole: then it is no torn end. */
  readonly soundAgainAt: number | null
}

/** A log is made of blocks; a record lies in one of them, or in pieces at the end of one, in all of the next and at the beginning of another. */
const blockBytes = 32_768
const headerBytes = 7
const [full, first, last] = [1, 2, 4] as const

/** Of logs and of MANIFEST, which is one. */
export function readLog(bytes: Buffer): LogReading {
  const records: Buffer[] = []
  let pieces: Buffer[] = []
  let beganAt = 0
  const broken = (from: number): LogReading => ({ records, brokenAt: beganAt, soundAgainAt: nextSound(bytes, from) })
  for (let at = 0; at < bytes.length;) {
    const room = blockBytes - at % blockBytes
    if (room < headerBytes) {
      at += room
      continue
    }
    if (pieces.length === 0) beganAt = at
    const end = endOfSound(bytes, at)
    if (end === null) return broken(at + 1)
    const type = bytes[at + 6]!
    if ((type === full || type === first) !== (pieces.length === 0)) return broken(at)
    pieces.push(bytes.subarray(at + headerBytes, end))
    if (type === full || type === last) {
      records.push(type === full ? pieces[0]! : Buffer.concat(pieces))
      pieces = []
    }
    at = end
  }
  return pieces.length === 0 ? { records, brokenAt: null, soundAgainAt: null } : broken(bytes.length)
}

/** Where the piece ends that begins at `at`; null when there is none. */
function endOfSound(bytes: Buffer, at: number): number | null {
  if (at + headerBytes > bytes.length) return null
  const type = bytes[at + 6]!
  if (type < full || type > last) return null
  const end = at + headerBytes + bytes.readUInt16LE(at + 4)
  if (end > bytes.length || end > at - at % blockBytes + blockBytes) return null
  return maskedCrc(bytes, at + 6, end) === bytes.readUInt32LE(at) ? end : null
}

/** Anywhere, for a length that is wrong says nothing of where the next one begins. */
function nextSound(bytes: Buffer, from: number): number | null {
  for (let at = from; at + headerBytes <= bytes.length; at++) {
    const type = bytes[at + 6]!
    if ((type === full || type === first) && endOfSound(bytes, at) !== null) return at
  }
  return null
}
