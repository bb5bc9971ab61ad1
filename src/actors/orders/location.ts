// Addresses that charge points are sent to: kwota itself never goes there, and only names schemes of OCPP 1.6 (SupportedFileTransferProtocols).
import { Refusal } from '../house.ts'

const schemes = ['ftp', 'ftps', 'http', 'https']
const allowed = new Set(schemes.map((scheme) => `${scheme}:`))
// URL parsers drop line breaks; what the charge point makes of them is another matter.
const unprintable = /[\u0000-\u0020\u007f-\u00a0\u2028\u2029]/

/** The location as it was given. Throws Refusal invalid `bad-location` that points at `pointer`. */
export function checkLocation(location: string, pointer: string): string {
  const problem = unprintable.test(location) ? 'no spaces and control characters; percent-encode them' : !URL.canParse(location) ? 'not a URL' : problemOf(new URL(location))
  if (problem === null) return location
  throw new Refusal('invalid', 'bad-location', `${pointer}: ${problem}`, { errors: [{ pointer, message: problem }], hint: `A location is a URL of one of the schemes ${schemes.join(', ')}.` })
}

function problemOf({ protocol, hostname }: URL): string | null {
  if (!allowed.has(protocol)) return `the scheme ${protocol.slice(0, 20)} is not allowed; use ${schemes.join(', ')}`
  return hostname === '' ? 'names no host' : null
}
