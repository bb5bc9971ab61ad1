// Reads an HTTP upgrade request of a charge point: who it says it is, and with which credentials.
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { isOwnMachine } from '../addresses.ts'
import type { Attempt, ClientCertificate, RefusalReason } from './session.ts'

export const maxClientIdLength = 48

export type Approach =
  | { readonly type: 'attempt'; readonly attempt: Attempt }
  | { readonly type: 'refused'; readonly attempt: Attempt; readonly reason: RefusalReason }
  /** The path is not below `/ocpp/`. */
  | { readonly type: 'elsewhere'; readonly attempt: Attempt }

function decodeOnce(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

// Controls, lone surrogates, and characters that change how the text around them is shown.
const forbidden = /[\p{Cc}\p{Cs}\p{Cf}\p{Zl}\p{Zp}]/u

function isIdentity(text: string | undefined): text is string {
  return text !== undefined && text !== '' && text === text.trim() && text.length <= maxClientIdLength && !forbidden.test(text)
}

/** As it stood in the request line, safe to show and to log. */
function shown(text: string, max: number): string {
  return text.slice(0, max).replace(/[^\x21-\x7e]/g, '?')
}

function readCredentials(header: string | undefined): Attempt['credentials'] {
  const match = /^Basic +([A-Za-z0-9+/_-]+={0,2}) *$/i.exec(header ?? '')
  if (match === null) return undefined
  const bytes = Buffer.from(match[1] ?? '', 'base64')
  // Bytes, because the password may hold anything, a ':' included.
  const colon = bytes.indexOf(0x3a)
  if (colon < 0) return undefined
  return { username: bytes.toString('utf8', 0, colon), password: bytes.subarray(colon + 1) }
}

function isLoopback({ headers, socket: { remoteAddress = '' } }: IncomingMessage): boolean {
  // A proxy on this machine brings strangers.
  if ((headers['x-forwarded-for'] ?? headers.forwarded ?? headers.via) !== undefined) return false
  return isOwnMachine(remoteAddress)
}

function readHost({ headers, socket: { localAddress = 'localhost', localPort } }: IncomingMessage): string {
  const said = /^[\w.:[\]-]{1,255}$/.exec(headers.host ?? '')?.[0]
  return said ?? `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}${localPort === undefined ? '' : `:${localPort}`}`
}

/** What was shown in the TLS handshake. */
export function readCertificate(socket: IncomingMessage['socket']): ClientCertificate | undefined {
  const shownCertificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  if (!(socket instanceof TLSSocket) || shownCertificate === undefined) return undefined
  const { CN, O } = shownCertificate.toLegacyObject().subject
  const names = [CN ?? []].flat()
  const verified = socket.authorized
  return {
    commonName: names.length === 1 ? names[0] ?? null : null,
    organisations: [O ?? []].flat(),
    verified,
    ...(verified ? {} : { fault: String(socket.authorizationError) }),
  }
}

/**
 * Identity = the last path segment, percent-decoded once (`%2F` is no separator), after a segment `ocpp`; any prefix may come
 * before it, and one slash behind it. OCPP-J 3.1. An identity that is not accepted stays encoded in the attempt.
 */
export function readApproach(request: IncomingMessage, clientCertificate: ClientCertificate | undefined = readCertificate(request.socket)): Approach {
  const path = (request.url ?? '').split(/[?#]/, 1)[0] ?? ''
  const segments = path.split('/')
  if (segments.length > 2 && segments.at(-1) === '' && segments.at(-2)?.toLowerCase() !== 'ocpp') segments.pop()
  const last = segments.at(-1) ?? ''
  const below = segments.at(-2)?.toLowerCase() === 'ocpp'
  const bare = !below && last.toLowerCase() === 'ocpp'
  const decoded = bare ? '' : decodeOnce(last)
  const credentials = readCredentials(request.headers.authorization)
  const remoteAddress = request.socket.remoteAddress ?? ''
  const attempt: Attempt = {
    clientID: isIdentity(decoded) ? decoded : shown(bare ? '' : last, maxClientIdLength),
    path: shown(path, 256),
    remoteAddress,
    loopback: isLoopback(request),
    secure: request.socket instanceof TLSSocket,
    host: readHost(request),
    subprotocols: (request.headers['sec-websocket-protocol'] ?? '').split(',').map((token) => token.trim()).filter((token) => token !== '').slice(0, 16),
    ...(credentials === undefined ? {} : { credentials }),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
  }
  if (!bare && !below) return { type: 'elsewhere', attempt }
  if (decoded === '') return { type: 'refused', attempt, reason: 'empty-id' }
  if (!isIdentity(decoded)) return { type: 'refused', attempt, reason: 'id-invalid-chars' }
  return { type: 'attempt', attempt }
}
