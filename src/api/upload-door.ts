// The door for files of charge points: PUT or POST to a one-time address, streamed away as it comes. No key, no other route behind it.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { UploadFace } from '../actors/uploads-face.ts'
import { fileNameFrom } from '../actors/uploads-record.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { requestIdOf, secureHeaders } from './guard.ts'
import { internalProblem, Problem, problemBody, toProblem } from './problem.ts'

export interface UploadDoorPorts {
  readonly uploads: UploadFace
  readonly clock: Clock
  readonly log: Log
  /** A new request id. */
  readonly ids: () => string
}

/** Nothing came for so long, or it is not whole after so long. */
const silentMs = 30_000
const longestMs = 30 * 60_000
/** How long who was refused may go on sending before he is cut off: he would not read the answer otherwise. */
const lingerMs = 2_000

/** True for what `createUploadDoor` takes: its bodies may take their time. */
export function isUpload(request: IncomingMessage): boolean {
  return /^\/uploads(?:[/?]|$)/.test(request.url ?? '')
}

/** For the `request` event: answers everything under `/uploads` (true) and leaves the rest alone (false). */
export function createUploadDoor(ports: UploadDoorPorts): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { clock, log, ids } = ports
  return (request, response) => {
    if (!isUpload(request)) return false
    const requestId = requestIdOf(String(request.headers['x-request-id'] ?? ''), ids)
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    take(ports, request).then(
      () => end(response, 201, requestId),
      (error: unknown) => {
        const problem = problemOf(error)
        // Never the path: it is the key.
        if (problem.status >= 500) log.error({ err: error, requestId }, 'an upload failed')
        else log.debug({ requestId, code: problem.code, remoteAddress: request.socket.remoteAddress }, 'an upload was refused')
        end(response, problem.status, requestId, problem)
        dismiss(request, clock)
      },
    )
    return true
  }
}

async function take({ uploads, clock }: UploadDoorPorts, request: IncomingMessage): Promise<void> {
  const [, token, segment = ''] = /^\/uploads\/([^/?]+)(?:\/([^/?]*))?(?:\?.*)?$/.exec(request.url ?? '') ?? []
  if (token === undefined) throw new Problem(404, 'not-found', 'There is nothing at this address.')
  if (request.method !== 'PUT' && request.method !== 'POST') throw new Problem(405, 'method-not-allowed', 'Offered here: PUT, POST.', { headers: { Allow: 'PUT, POST' } })
  const fileName = fileNameFrom(segment)
  if (fileName === null) throw new Problem(400, 'bad-file-name', 'The last part of the address is no name for a file.')
  const contentType = (request.headers['content-type'] ?? '').slice(0, 255)
  const announcedBytes = Number(request.headers['content-length'] ?? 0)
  const watch = watchOver(request, clock)
  try {
    await uploads.receive(token, { fileName, contentType, announcedBytes, content: watch.content })
  } finally {
    watch.stop()
  }
}

/** The body as it comes; who falls silent or never ends is cut off. Reading may stop early without closing the connection. */
function watchOver(request: IncomingMessage, clock: Clock): { content: AsyncIterable<Uint8Array>; stop(): void } {
  const cut = (): void => void request.destroy(new Error('it took too long'))
  let cancelSilence = clock.after(silentMs, cut)
  const cancelEnd = clock.after(longestMs, cut)
  const stop = (): void => {
    cancelSilence()
    cancelEnd()
  }
  async function* content(): AsyncGenerator<Uint8Array> {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      cancelSilence()
      yield chunk
      cancelSilence = clock.after(silentMs, cut)
    }
  }
  return { content: content(), stop }
}

const statusOf: Readonly<Record<string, number>> = { 'upload-address-ended': 410, 'upload-too-large': 413, 'upload-cut-short': 400, 'upload-empty': 400, 'too-many-uploads': 503, 'upload-under-way': 503 }

function problemOf(error: unknown): Problem {
  const problem = toProblem(error) ?? internalProblem()
  const status = statusOf[problem.code] ?? problem.status
  const headers = problem.code === 'too-many-uploads' || problem.code === 'upload-under-way' ? { 'Retry-After': '60' } : problem.headers
  return new Problem(status, problem.code, problem.message, { hint: problem.hint, errors: problem.errors, headers })
}

function end(response: ServerResponse, status: number, requestId: string, problem?: Problem): void {
  if (response.headersSent || response.destroyed) return
  const body = problem === undefined ? '' : JSON.stringify(problemBody(problem, requestId))
  response.writeHead(status, {
    ...secureHeaders, 'X-Request-Id': requestId, 'Cache-Control': 'no-store', 'Content-Length': Buffer.byteLength(body),
    ...(problem === undefined ? {} : { 'Content-Type': 'application/problem+json', Connection: 'close', ...problem.headers }),
  }).end(body)
}

function dismiss(request: IncomingMessage, clock: Clock): void {
  if (request.complete || request.destroyed) return
  request.resume()
  const cancel = clock.after(lingerMs, () => request.destroy())
  request.once('close', cancel)
}
