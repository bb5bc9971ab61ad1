// The HTTPS server that charge points with security profile 2 or 3 come to, beside the plain one.
import { constants, X509Certificate } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Clock } from '../clock.ts'
import type { Log } from './ports.ts'
import { TokenBucket } from './token-bucket.ts'

export interface TlsMaterial {
  /** PEM; several for several kinds of key (RSA and ECDSA), each with its chain, in the order of `key`. */
  readonly cert: readonly string[]
  readonly key: readonly string[]
  /** PEM of the CAs that sign certificates of charge points; null = none is asked for. */
  readonly clientCa: string | null
}

export interface TlsOptions {
  readonly clock: Clock
  readonly log: Log
  /** How long a handshake may take. */
  readonly handshakeMs?: number
}

// What the security whitepaper asks for (profile 2), and the same with ephemeral keys for RSA certificates; TLS 1.3 in front.
const ciphers = [
  'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES128-GCM-SHA256',
  'AES256-GCM-SHA384', 'AES128-GCM-SHA256',
].join(':')

const soonMs = 14 * 86_400_000
const toldPerSecond = 0.1
const toldAtOnce = 20

/**
 * TLS 1.2 or newer, no compression, no renegotiation. A client certificate is asked for where `clientCa` says who signs them, and
 * never required here: the desk judges it per charge point. Throws when certificate and key do not fit.
 */
export function createTlsServer({ cert, key, clientCa }: TlsMaterial, { clock, log, handshakeMs = 5_000 }: TlsOptions, listener: RequestListener): Server {
  // A resumed session shows no certificate of its own, so that who must show one begins anew each time.
  const noResumption = clientCa === null ? 0 : constants.SSL_OP_NO_TICKET
  const server = createServer({
    cert: [...cert], key: [...key],
    minVersion: 'TLSv1.2', ciphers, honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_COMPRESSION | constants.SSL_OP_NO_RENEGOTIATION | noResumption,
    handshakeTimeout: handshakeMs, connectionsCheckingInterval: 1_000, requestTimeout: 30_000,
    ...(clientCa === null ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false }),
  }, (request, response) => {
    // Whoever came by TLS once is not to be led away from it; set before anybody answers.
    response.setHeader('Strict-Transport-Security', 'max-age=31536000')
    listener(request, response)
  })
  for (const text of cert) {
    const { subject, validTo } = new X509Certificate(text)
    if (Date.parse(validTo) < clock.wall() + soonMs) log.warn({ event: 'certificate-expires', subject, validTo }, 'the certificate that charge points are shown expires soon, or has expired')
  }
  const bucket = new TokenBucket(clock, toldPerSecond, toldAtOnce)
  server.on('tlsClientError', (error: Error & { readonly code?: string }, socket) => {
    if (bucket.take() === 0) log.warn({ event: 'tls-handshake-failed', remoteAddress: socket.remoteAddress, code: error.code, reason: reasonOf(error) }, 'a TLS handshake failed')
  })
  return server
}

function reasonOf(error: Error): string {
  return 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message.slice(0, 200)
}
