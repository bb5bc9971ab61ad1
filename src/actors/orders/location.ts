// Addresses that charge points are sent to: kwota itself never goes there, and lets through only schemes and hosts that are allowed.
import { isNobodysHost } from '../../addresses.ts'
import { Refusal } from '../house.ts'

/** What an address may be, as the file says. */
export interface LocationRule {
  /** In lower case, without the colon. */
  readonly schemes: readonly string[]
  /** Names and addresses; `*.` before a name stands for everything below it. Undefined: any but those of `isNobodysHost`. */
  readonly hosts?: readonly string[] | undefined
}

/** What OCPP 1.6 names (SupportedFileTransferProtocols). */
const usualLocations: LocationRule = { schemes: ['ftp', 'ftps', 'http', 'https', 'sftp'] }

// URL parsers drop line breaks; what the charge point makes of them is another matter.
const unprintable = /[\u0000-\u0020\u007f-\u00a0\u2028\u2029]/

/** The location as it was given. Throws Refusal invalid `bad-location` that points at `pointer`; never shows a user name or password. */
export function checkLocation(location: string, pointer: string, rule: LocationRule = usualLocations): string {
  const problem = unprintable.test(location) ? 'no spaces and control characters; percent-encode them' : !URL.canParse(location) ? 'not a URL' : problemOf(new URL(location), rule)
  if (problem === null) return location
  throw new Refusal('invalid', 'bad-location', `${pointer}: ${problem}`, { errors: [{ pointer, message: problem }], hint: `A location is a URL of one of the schemes ${rule.schemes.join(', ')}; chargePointUrls in kwota.yaml says which schemes and hosts.` })
}

function problemOf({ protocol, hostname }: URL, { schemes, hosts }: LocationRule): string | null {
  const scheme = protocol.replace(/:$/, '')
  if (!schemes.includes(scheme)) return `the scheme ${scheme.slice(0, 20)} is not allowed; use ${schemes.join(', ')}`
  if (hostname === '') return 'names no host'
  const host = plainHost(hostname)
  if (host === null) return 'the host cannot be read'
  if (hosts === undefined) return isNobodysHost(host) ? `the host ${host.slice(0, 100)} is not allowed: it would send the charge point to itself or to its own network card` : null
  return hosts.some((allowed) => covers(allowed.toLowerCase(), host)) ? null : `the host ${host.slice(0, 100)} is not allowed`
}

/** 127.1, 0x7f000001 and 2130706433 are one address; only for some schemes does the parser of URLs say so. Null = nothing that is a host. */
function plainHost(hostname: string): string | null {
  const url = `http://${hostname}/`
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '').toLowerCase() : null
}

function covers(allowed: string, host: string): boolean {
  return allowed.startsWith('*.') ? host.endsWith(allowed.slice(1)) : allowed === host
}
