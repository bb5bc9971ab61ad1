// What every request passes before its route: where it comes from, under which name, and what its answer must forbid browsers.
import { isIP } from 'node:net'
import { Problem } from './problem.ts'

const reading = new Set(['GET', 'HEAD', 'OPTIONS'])
const saneRequestId = /^[\x21-\x7e]{1,128}$/

/** On every answer. */
export const secureHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Content-Security-Policy': "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

/** The caller's X-Request-Id when it is printable and at most 128 characters, otherwise a new one. */
export function requestIdOf(given: string, ids: () => string): string {
  return saneRequestId.test(given) ? given : ids()
}

/**
 * Problem 403 `foreign-origin` when a page of another host wants to change something, 403 `unknown-host` when the Host is
 * none of ours: IP addresses and localhost always are, `hosts` adds names; null accepts every name. `origins` (in lower case) are let in beside our own.
 */
export function guard(request: { method: string; host: string; origin: string }, hosts: readonly string[] | null, origins: readonly string[] = []): void {
  if (hosts !== null && !isOurs(request.host, hosts)) {
    throw new Problem(403, 'unknown-host', 'This host name is not one of this server\'s.', { hint: 'Use its IP address or localhost, or add the name to hosts in kwota.yaml.' })
  }
  if (reading.has(request.method) || request.origin === '') return
  if (hostOf(request.origin) !== request.host.toLowerCase() && !origins.includes(request.origin.toLowerCase())) {
    throw new Problem(403, 'foreign-origin', 'Pages of other origins may not change anything here.', { hint: 'Add the origin to allowedOrigins in kwota.yaml if the page is yours.' })
  }
}

function isOurs(host: string, hosts: readonly string[]): boolean {
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')
  return isIP(name) !== 0 || name === 'localhost' || hosts.some((known) => known.toLowerCase() === name)
}

/** `http://a:80` → `a`; null for `null` and what is no URL. */
function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host
  } catch {
    return null
  }
}
