// One who knocks: what is told of it, and whether accepting it is all that is missing.
import type { LobbyEntry } from '../../../../src/actors/lobby.ts'
import { ago } from '../../data/words.ts'

const reasons: Readonly<Record<LobbyEntry['reason'], string>> = {
  'no-subprotocol': 'It does not say that it speaks OCPP 1.6', 'wrong-subprotocol': 'It speaks another version of OCPP', 'bad-path': 'Its address has the wrong path', 'empty-id': 'It has no name',
  'id-invalid-chars': 'Its name cannot be used', 'unknown-id': 'Nobody knows it here yet', 'duplicate-id': 'Another one with this name is connected', 'auth-missing': 'A password is missing, in it or here', 'auth-wrong': 'It came with the wrong password',
  'auth-bad-length': 'Its password is too short or too long', 'tls-required': 'It came without TLS', 'tls-client-cert': 'Its certificate is missing or not ours', 'rate-limited': 'It comes too often', 'upgrade-missing': 'It does not speak WebSocket',
  'not-owner': 'Another kwota has its site', 'boot-pending': 'It waits to be accepted', 'boot-rejected': 'It was told to stay away',
}
export const reasonWords = (reason: LobbyEntry['reason']): string => reasons[reason]

/** What to change, without the addresses of REST: the page has buttons for them. */
export const changeWords = (change: string): string => change.replaceAll(/ \((?:GET|POST|PUT|PATCH) [^)]*\)/g, '').replaceAll(/\bPUT the\b/g, 'set the')

/** `new`: it needs to be described; `held`: a yes is enough; null: something else has to change first. */
export function acceptable({ reason }: Pick<LobbyEntry, 'reason'>): 'new' | 'held' | null {
  if (reason === 'unknown-id') return 'new'
  return reason === 'boot-pending' || reason === 'boot-rejected' ? 'held' : null
}

export const nameOf = ({ clientID }: Pick<LobbyEntry, 'clientID'>): string => (clientID === '' ? 'without a name' : clientID)

export function attemptsWords({ attempts, firstAt, lastAt }: Pick<LobbyEntry, 'attempts' | 'firstAt' | 'lastAt'>, nowMs: number): string {
  return attempts <= 1 ? `once, ${ago(lastAt, nowMs)}` : `${attempts} times since ${ago(firstAt, nowMs)}, last ${ago(lastAt, nowMs)}`
}

export const isLocal = ({ remoteAddress }: Pick<LobbyEntry, 'remoteAddress'>): boolean => /^(?:::ffff:)?127\.|^::1$/.test(remoteAddress)
