// What is kept of a charge point's uploads: the addresses it was given and the files that came, and how they are shown.
import { z } from 'zod'

export const uploadKinds = ['diagnostics', 'log'] as const
export type UploadKind = (typeof uploadKinds)[number]

const addressSchema = z.object({
  /** SHA-256 of the token, hex: the token itself is nowhere but at the charge point. */
  digest: z.string(),
  kind: z.enum(uploadKinds),
  commandId: z.string(),
  expiresAtMs: z.number(),
  /** Used or withdrawn; null = it still takes one file. */
  endedAtMs: z.number().nullable(),
})
export type UploadAddress = Readonly<z.infer<typeof addressSchema>>

const fileSchema = z.object({
  /** Also its name on disk. */
  id: z.string(),
  fileName: z.string(),
  bytes: z.int(),
  contentType: z.string(),
  kind: z.enum(uploadKinds),
  commandId: z.string(),
  uploadedAtMs: z.number(),
  sha256: z.string(),
})
export type UploadedFile = Readonly<z.infer<typeof fileSchema>>

/** Newest first, both. */
export const uploadsRecordSchema = z.object({ v: z.literal(1), addresses: z.array(addressSchema), files: z.array(fileSchema) })
export type UploadsRecord = Readonly<z.infer<typeof uploadsRecordSchema>>

export const noUploadsYet: UploadsRecord = { v: 1, addresses: [], files: [] }

const prefix = 'uploads:'

export function uploadsKey(clientID: string): string {
  return `${prefix}${clientID}`
}

export const uploadsPrefix = prefix

export interface UploadView {
  readonly id: string
  readonly clientID: string
  readonly fileName: string
  readonly bytes: number
  /** As the charge point said; it is served as application/octet-stream all the same. */
  readonly contentType: string
  readonly kind: UploadKind
  readonly commandId: string
  readonly uploadedAt: string
  /** Hex. */
  readonly sha256: string
}

export function uploadView(clientID: string, { uploadedAtMs, ...file }: UploadedFile): UploadView {
  return { ...file, clientID, uploadedAt: new Date(uploadedAtMs).toISOString() }
}

/** Beyond these the oldest addresses are forgotten. */
const mostAddresses = 50

export function withAddress(record: UploadsRecord, address: UploadAddress, nowMs: number): UploadsRecord {
  // Ended and expired ones stay a while, so that whoever comes twice is told why.
  const remembered = record.addresses.filter(({ expiresAtMs }) => expiresAtMs > nowMs - 86_400_000)
  return { ...record, addresses: [address, ...remembered].slice(0, mostAddresses) }
}

/** The addresses that `fits` take nothing any more; the same record when none did. */
export function endAddresses(record: UploadsRecord, nowMs: number, fits: (address: UploadAddress) => boolean): UploadsRecord {
  const concerned = record.addresses.some((address) => address.endedAtMs === null && fits(address))
  return concerned ? { ...record, addresses: record.addresses.map((address) => (address.endedAtMs === null && fits(address) ? { ...address, endedAtMs: nowMs } : address)) } : record
}

/** Without what is too old or too many; the same record when all may stay. */
export function retain(record: UploadsRecord, keep: { readonly nowMs: number; readonly keepMs: number; readonly most: number }): UploadsRecord {
  const files = record.files.filter(({ uploadedAtMs }) => uploadedAtMs > keep.nowMs - keep.keepMs).slice(0, keep.most)
  return files.length === record.files.length ? record : { ...record, files }
}

/** A name as people may see it, from the last part of a path; null when it could mean a place instead. */
export function fileNameFrom(segment: string): string | null {
  let name: string
  try {
    name = decodeURIComponent(segment)
  } catch {
    return null
  }
  return isFileName(name) ? name : null
}

export function isFileName(name: string): boolean {
  return name !== '.' && name !== '..' && name.length <= 255 && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029/\\]/.test(name)
}
