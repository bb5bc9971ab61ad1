// Measures a file as it streams by: how long, its SHA-256, and why it was not taken.
import { createHash, type Hash } from 'node:crypto'
import { Refusal } from './house.ts'

export interface Meter {
  bytes: number
  readonly hash: Hash
  /** Why the content itself was not to be had; null while it is well. */
  fault: Refusal | null
}

export function newMeter(): Meter {
  return { bytes: 0, hash: createHash('sha256'), fault: null }
}

export const mib = 1_048_576

export function tooLarge(maxMiB: number): Refusal {
  return new Refusal('invalid', 'upload-too-large', `A file may have at most ${maxMiB} MiB.`, { hint: 'Raise uploads.maxMiB in kwota.yaml.' })
}

/** The same content, counted; it fails beyond the cap, when the sender fails, and when there is none. */
export async function* metered(content: AsyncIterable<Uint8Array>, meter: Meter, maxMiB: number): AsyncGenerator<Uint8Array> {
  const refuse = (code: string, detail: string): Refusal => (meter.fault ??= new Refusal('invalid', code, detail))
  try {
    for await (const chunk of content) {
      meter.bytes += chunk.length
      if (meter.bytes > maxMiB * mib) throw (meter.fault = tooLarge(maxMiB))
      meter.hash.update(chunk)
      yield chunk
    }
  } catch (error) {
    throw refuse('upload-cut-short', `The upload ended early: ${error instanceof Error ? error.message : String(error)}.`)
  }
  if (meter.bytes === 0) throw refuse('upload-empty', 'The upload has no content.')
}
