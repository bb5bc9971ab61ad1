// Files that charge points upload: taken through a one-time address, listed, and kept for as long and as many as is set.
import type { Estate } from './estate.ts'
import { Refusal } from './house.ts'
import { write } from './records.ts'
import type { Scope } from './scope.ts'
import { AddressBook, digestOf, noUploadAddresses, type UploadAddresses } from './uploads-addresses.ts'
import { metered, mib, newMeter, tooLarge } from './uploads-meter.ts'
import { endAddresses, isFileName, noUploadsYet, retain, uploadsKey, uploadsPrefix, type UploadsRecord } from './uploads-record.ts'

/** Where the contents lie; see store/files.ts for what it promises. */
export interface UploadFiles {
  write(name: string, content: AsyncIterable<Uint8Array>): Promise<void>
  read(name: string): Promise<AsyncIterable<Uint8Array> | null>
  remove(name: string): Promise<void>
  list(underWay?: ReadonlySet<string>): Promise<readonly string[]>
}

export interface UploadOptions {
  readonly files: UploadFiles
  /** Of one file. */
  readonly maxMiB: number
  readonly keepDays: number
  readonly keepFilesPerChargePoint: number
  /** What charge points put before `/uploads/`; undefined = the origin they came through. */
  readonly publicUrl?: string | undefined
}

export interface Upload {
  /** '' = it named none. */
  readonly fileName: string
  readonly contentType: string
  /** What the sender says beforehand; nothing is read when that is too long already. */
  readonly announcedBytes?: number
  readonly content: AsyncIterable<Uint8Array>
}

const dayMs = 86_400_000
const tidyEveryMs = 3_600_000
const mostAtOnce = 16
const mostOfOneChargePoint = 2

export class Uploads {
  private readonly estate: Estate
  private readonly book: AddressBook
  /** Files that are being written, by id: one through an address. */
  private readonly underWay = new Map<string, { readonly clientID: string; readonly digest: string }>()
  private cancelTidy: () => void = () => undefined
  private stopped = false

  constructor(estate: Estate) {
    this.estate = estate
    this.book = new AddressBook(estate)
  }

  of(clientID: string, scope: Scope): UploadAddresses {
    const { uploads } = this.estate.options
    return uploads === undefined ? noUploadAddresses : this.book.of(clientID, scope, uploads.publicUrl)
  }

  /** What is kept of a charge point. */
  record(clientID: string): UploadsRecord {
    const scope = this.book.scopeOf(clientID)
    return scope === undefined ? noUploadsYet : this.book.recordIn(scope, clientID)
  }

  /**
   * Takes one file through an address: durable and listed when it resolves. Rejects with Refusal, and then nothing is kept and the
   * address is as good as before: unknown-upload-address, upload-address-ended, upload-under-way, too-many-uploads, upload-too-large, upload-cut-short,
   * upload-empty, files-unavailable, store-down.
   */
  async receive(token: string, { fileName, contentType, announcedBytes = 0, content }: Upload): Promise<void> {
    const { clock, ids, log } = this.estate.options
    const digest = digestOf(token)
    const { clientID, address: { commandId, kind } } = this.book.open(digest)
    this.checkRoom(digest, clientID)
    const { files, maxMiB } = this.keeping()
    if (announcedBytes > maxMiB * mib) throw tooLarge(maxMiB)
    const id = `file_${ids.opaque()}`
    const meter = newMeter()
    this.underWay.set(id, { clientID, digest })
    try {
      await files.write(id, metered(content, meter, maxMiB)).catch((error: unknown) => { throw meter.fault ?? this.diskTrouble(error) })
      // Another upload may have come through the same address meanwhile, or the charge point gone.
      const { scope } = this.book.open(digest)
      const name = fileName === '' ? this.nameFor(commandId) ?? `${kind}-${clientID}` : fileName
      const before = this.book.recordIn(scope, clientID)
      const file = { id, fileName: name, bytes: meter.bytes, contentType, kind, commandId, uploadedAtMs: clock.wall(), sha256: meter.hash.digest('hex') }
      const after = this.retained(endAddresses({ ...before, files: [file, ...before.files] }, clock.wall(), (one) => one.digest === digest))
      await write(scope, { [uploadsKey(clientID)]: after })
      log.info({ clientID, fileName: name, bytes: meter.bytes, commandId }, 'a file was uploaded')
      await this.removeAll(before.files.filter((old) => !after.files.some((one) => one.id === old.id)))
    } catch (error) {
      await files.remove(id).catch(() => undefined)
      throw error
    } finally {
      this.underWay.delete(id)
    }
  }

  /** One address, and one charge point, cannot keep the others waiting. */
  private checkRoom(digest: string, clientID: string): void {
    const now = [...this.underWay.values()]
    const hint = 'Repeat the upload in a minute.'
    if (now.some((one) => one.digest === digest)) throw new Refusal('conflict', 'upload-under-way', 'A file is coming through this address already.', { hint })
    if (now.filter((one) => one.clientID === clientID).length >= mostOfOneChargePoint) throw new Refusal('conflict', 'too-many-uploads', `${mostOfOneChargePoint} uploads of ${clientID} are under way already.`, { hint })
    if (now.length >= mostAtOnce) throw new Refusal('conflict', 'too-many-uploads', `${mostAtOnce} uploads are under way already.`, { hint })
  }

  /** The content of a listed file; null when it has gone. */
  read(id: string): Promise<AsyncIterable<Uint8Array> | null> {
    return this.keeping().files.read(id).catch((error: unknown) => { throw this.diskTrouble(error) })
  }

  /** Takes a file off the list, durably, and then off the disk. False when there is none. */
  async remove(clientID: string, id: string): Promise<boolean> {
    const scope = this.book.scopeOf(clientID)
    const before = this.record(clientID)
    const file = before.files.find((one) => one.id === id)
    if (scope === undefined || file === undefined) return false
    await write(scope, { [uploadsKey(clientID)]: { ...before, files: before.files.filter((one) => one !== file) } })
    await this.removeAll([file])
    return true
  }

  /** Once every site is open: list and disk are brought in step, now and every hour. */
  async begin(): Promise<void> {
    const { uploads, clock, log } = this.estate.options
    if (uploads === undefined) return
    await this.tidy().catch((error: unknown) => log.error({ error }, 'the uploaded files could not be looked through'))
    if (!this.stopped) this.cancelTidy = clock.after(tidyEveryMs, () => void this.begin())
  }

  stop(): void {
    this.stopped = true
    this.cancelTidy()
  }

  private async tidy(): Promise<void> {
    const { log } = this.estate.options
    const { files } = this.keeping()
    this.learnAddresses()
    const listed = new Set(this.records().flatMap(({ record }) => record.files.map(({ id }) => id)))
    const onDisk = await files.list(new Set(this.underWay.keys()))
    const there = new Set(onDisk)
    for (const { scope, clientID, record } of this.records()) {
      // What came while the disk was read is no loss.
      const left = record.files.filter(({ id }) => there.has(id) || !listed.has(id))
      if (left.length < record.files.length) log.warn({ clientID, files: record.files.length - left.length }, 'uploaded files that were listed are not on disk any more')
      const after = this.retained({ ...record, files: left })
      const home = this.book.scopeOf(clientID)
      if (home !== scope) scope.delete(uploadsKey(clientID))
      if (home !== undefined && (home !== scope || after.files.length < record.files.length)) home.put(uploadsKey(clientID), after)
    }
    this.learnAddresses()
    const kept = new Set([...this.underWay.keys(), ...this.records().flatMap(({ record }) => record.files.map(({ id }) => id))])
    for (const id of onDisk) if (!kept.has(id)) await files.remove(id)
  }

  private learnAddresses(): void {
    this.book.learn(this.records().flatMap(({ clientID, record }) => record.addresses.map(({ digest }) => [digest, clientID] as const)))
  }

  private records(): { scope: Scope; clientID: string; record: UploadsRecord }[] {
    return [...this.estate.sites.values()].flatMap(({ scope }) => scope.entries(uploadsPrefix).map(([key]) => {
      const clientID = key.slice(uploadsPrefix.length)
      return { scope, clientID, record: this.book.recordIn(scope, clientID) }
    }))
  }

  private retained(record: UploadsRecord): UploadsRecord {
    const { keepDays, keepFilesPerChargePoint } = this.keeping()
    return retain(record, { nowMs: this.estate.options.clock.wall(), keepMs: keepDays * dayMs, most: keepFilesPerChargePoint })
  }

  private async removeAll(files: readonly { readonly id: string }[]): Promise<void> {
    // What stays behind is removed by the next look through the disk.
    for (const { id } of files) await this.keeping().files.remove(id).catch(() => undefined)
  }

  /** What the charge point said that it would be called. */
  private nameFor(commandId: string): string | undefined {
    const response = this.estate.commands.get(commandId)?.response
    const name = response?.['fileName'] ?? response?.['filename']
    const last = typeof name === 'string' ? name.replace(/^.*[/\\]/s, '') : ''
    return last !== '' && isFileName(last) ? last : undefined
  }

  private keeping(): UploadOptions {
    const { uploads } = this.estate.options
    if (uploads === undefined) throw new Refusal('not-found', 'unknown-upload-address', 'This kwota keeps no uploaded files.')
    return uploads
  }

  private diskTrouble(error: unknown): Refusal {
    this.estate.options.log.error({ error }, 'uploaded files cannot be written or read')
    return new Refusal('store-down', 'files-unavailable', `Files cannot be kept now: ${error instanceof Error && 'code' in error ? String(error.code) : 'the disk does not answer'}.`)
  }
}
