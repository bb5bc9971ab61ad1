// Files that charge points have uploaded, diagnostics and logs: listed, downloaded, removed.
import { Readable, pipeline } from 'node:stream'
import { z } from 'zod'
import { uploadKinds, type UploadView } from '../../actors/uploads-record.ts'
import { page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { base, chargePointParams } from './identifiers.ts'

const tag = 'diagnostics'

const fileSchema: z.ZodType<UploadView> = z.strictObject({
  id: z.string(),
  clientID: z.string(),
  fileName: z.string().describe('As the charge point called it.'),
  bytes: z.int(),
  contentType: z.string().describe('As the charge point said; downloads are application/octet-stream all the same.'),
  kind: z.enum(uploadKinds),
  commandId: z.string().describe('The command that asked for it.'),
  uploadedAt: z.iso.datetime(),
  sha256: z.string().describe('Of the content, in hex.'),
})

const fileParams = chargePointParams.extend({ id: z.string().regex(/^[\w-]{1,64}$/, 'the id of a file, e.g. file_0123456789abcdef0123') })

export const diagnosticsRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/chargepoints/{clientID}/diagnostics`, operationId: 'listDiagnostics', tag, scope: 'read', reach: 'charge-point',
    summary: 'The files it has uploaded to kwota, newest first',
    params: chargePointParams, query: z.strictObject({ ...pageQuery, kind: z.enum(uploadKinds).optional() }),
    answers: { 200: { description: 'A page of files', content: { 'application/json': listOf(fileSchema) } } },
    handle({ params, query, room }) {
      const wanted = room.house.uploads.list(params.clientID).filter(({ kind }) => query.kind === undefined || kind === query.kind)
      return { status: 200, json: page(wanted, query, ({ uploadedAt, id }) => `${uploadedAt} ${id}`, 'descending') }
    },
  }),
  defineRoute({
    method: 'GET', path: `${base}/chargepoints/{clientID}/diagnostics/{id}`, operationId: 'downloadDiagnostics', tag, scope: 'read', reach: 'charge-point',
    summary: 'The content of one file, byte for byte',
    params: fileParams,
    answers: { 200: { description: 'The content, as an attachment', content: { 'application/octet-stream': z.string().meta({ format: 'binary' }) } } },
    problems: [503],
    async handle({ params, room }) {
      const { file, content } = await room.house.uploads.open(params.clientID, params.id)
      const readable = Readable.from(content, { objectMode: false })
      return {
        status: 200,
        headers: { 'Content-Disposition': disposition(file.fileName), 'Content-Length': String(file.bytes) },
        stream: { type: 'application/octet-stream', open: (response) => void pipeline(readable, response, () => undefined) },
      }
    },
  }),
  defineRoute({
    method: 'DELETE', path: `${base}/chargepoints/{clientID}/diagnostics/{id}`, operationId: 'deleteDiagnostics', tag, scope: 'commands:write', reach: 'charge-point',
    summary: 'Removes a file',
    params: fileParams,
    answers: { 204: { description: 'Removed' } },
    async handle({ params, room }) {
      await room.house.uploads.remove(params.clientID, params.id)
      return { status: 204 }
    },
  }),
]

/** RFC 6266: a name for every client, and the real one for those that can read it. */
function disposition(fileName: string): string {
  const plain = fileName.replace(/[^\x20-\x7e]|["\\%;]/g, '_')
  const exact = encodeURIComponent(Buffer.from(fileName).toString()).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`
}
