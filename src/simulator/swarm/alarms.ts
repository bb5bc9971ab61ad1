// The alerts of kwota as somebody outside reads them: does an open one speak of this limit, or of whoever breaks it?
import type { House } from '../../actors/house.ts'
import type { On } from './grid-witness.ts'

/** These say that a limit does not hold. */
const ofLimits: ReadonlySet<string> = new Set(['over-limit', 'unenforceable'])
/** These say who breaks it. */
const ofConnectors: ReadonlySet<string> = new Set(['disobeying', 'profile-rejected'])

/** `below` = keys of the connectors under `node`. A quarantined engine speaks of everything. */
export function speaksOf(house: House | null, node: string, on: On, below: readonly string[]): boolean {
  return house?.alerts().some(({ code, resolvedAt, message, clientID, connectorId }) => {
    if (resolvedAt !== null) return false
    if (ofLimits.has(code)) return names(message, node, on)
    return code === 'quarantined' || (ofConnectors.has(code) && below.includes(`${clientID ?? ''}/${connectorId ?? ''}`))
  }) ?? false
}

/** `main L1`, `main in total` or `main L1 over L2`: too much on a phase says enough of the sum, and the other way round. */
function names(message: string, node: string, on: On): boolean {
  const [one = '', other] = on.split('-')
  if (other !== undefined) return message.includes(`${node} ${one} over ${other}`)
  return message.includes(`${node} in total`) || (on === 'W' ? message.includes(`${node} L`) : message.includes(`${node} ${on} lacks`) || tooMuch(message, node, on))
}

/** `main L1, L2 and L3 could be 4 A over its limit`. */
function tooMuch(message: string, node: string, on: On): boolean {
  return message.split('; ').some((part) => part.startsWith(`${node} L`) && part.includes(' could be ') && part.slice(node.length + 1, part.indexOf(' could be ')).split(/, | and /).includes(on))
}
