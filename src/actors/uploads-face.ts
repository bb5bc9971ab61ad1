// Uploaded files as REST and people ask for them: listed, read, removed; and the door through which charge points bring them.
import type { Estate } from './estate.ts'
import { Refusal } from './house.ts'
import { pointEntry } from './lookup.ts'
import type { Upload } from './uploads.ts'
import { uploadView, type UploadView } from './uploads-record.ts'

export interface UploadFace {
  /** Newest first. */
  list(clientID: string): readonly UploadView[]
  /** Refused (not-found, `unknown-file`) also when the file has gone from the disk. */
  open(clientID: string, id: string): Promise<{ readonly file: UploadView; readonly content: AsyncIterable<Uint8Array> }>
  /** Gone from list and disk. */
  remove(clientID: string, id: string): Promise<void>
  /** From a charge point that knows the token; see Uploads.receive for the refusals. */
  receive(token: string, upload: Upload): Promise<void>
}

export class UploadOffice implements UploadFace {
  private readonly estate: Estate

  constructor(estate: Estate) {
    this.estate = estate
  }

  list(clientID: string): readonly UploadView[] {
    const { id } = pointEntry(this.estate, clientID).record.config
    return this.estate.uploads.record(id).files.map((file) => uploadView(id, file))
  }

  async open(clientID: string, id: string): Promise<{ file: UploadView; content: AsyncIterable<Uint8Array> }> {
    const file = this.list(clientID).find((one) => one.id === id)
    const content = file === undefined ? null : await this.estate.uploads.read(id)
    if (file === undefined || content === null) throw unknownFile(clientID, id)
    return { file, content }
  }

  async remove(clientID: string, id: string): Promise<void> {
    const { id: known } = pointEntry(this.estate, clientID).record.config
    if (!await this.estate.uploads.remove(known, id)) throw unknownFile(known, id)
  }

  receive(token: string, upload: Upload): Promise<void> {
    return this.estate.uploads.receive(token, upload)
  }
}

function unknownFile(clientID: string, id: string): Refusal {
  return new Refusal('not-found', 'unknown-file', `There is no file ${id} of ${clientID}.`, { hint: `GET /api/v1/chargepoints/${encodeURIComponent(clientID)}/diagnostics lists them.` })
}
