// Reads a request's body within bounds: how long, how encoded, and what it says.
import type { IncomingMessage } from 'node:http'
import { Problem } from './problem.ts'

/** Longer bodies are answered 413. */
export const longestBodyBytes = 256 * 1024

/**
 * The body as text. Problem 413 over `longestBytes`, 256 KiB unless the route says otherwise (the rest is discarded unread), 400 when it is not UTF-8 or ends early,
 * 415 for a compressed body.
 */
export async function readBody(request: IncomingMessage, longestBytes: number = longestBodyBytes): Promise<string> {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new Problem(415, 'unsupported-encoding', 'The body must not be compressed.')
  }
  const bytes = await readBytes(request, longestBytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Problem(400, 'not-utf-8', 'The body is not UTF-8 text.')
  }
}

/** The value a JSON text stands for (of a key given twice, the last); Problem 400 `not-json` otherwise. */
export function parseJson(text: string): unknown {
  if (text.trim() === '') throw new Problem(400, 'not-json', 'The body is empty; JSON is expected.')
  try {
    return JSON.parse(text)
  } catch {
    throw new Problem(400, 'not-json', 'The body is not JSON.')
  }
}

function readBytes(request: IncomingMessage, longestBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const finish = (): void => {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      request.resume()
    }
    const onData = (chunk: Buffer): void => {
      length += chunk.length
      if (length <= longestBytes) return void chunks.push(chunk)
      finish()
      reject(tooLarge(longestBytes))
    }
    const onEnd = (): void => {
      finish()
      resolve(Buffer.concat(chunks))
    }
    const onClose = (): void => {
      finish()
      reject(new Problem(400, 'body-cut-short', 'The connection ended within the body.'))
    }
    if (Number(request.headers['content-length'] ?? 0) > longestBytes) {
      request.resume()
      reject(tooLarge(longestBytes))
      return
    }
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  })
}

function tooLarge(longestBytes: number): Problem {
  return new Problem(413, 'body-too-large', `A body may have at most ${longestBytes} bytes.`)
}
