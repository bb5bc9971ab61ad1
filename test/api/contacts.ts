// What has happened before the tests ask: some who were refused, and some messages.
import type { Directory } from '../../src/actors/directory.ts'
import type { RefusalReason } from '../../src/protocol/session.ts'
import { Peer } from '../actors/site-stand.ts'
import { VirtualClock } from '../virtual-clock.ts'

/** NEW-1 and NEW-2 were unknown, CP1 had a wrong password; CP1 has said and been told something. */
export function makeContacts({ desk }: Directory): void {
  const refuse = (clientID: string, reason: RefusalReason) =>
    desk.refused({ clientID, path: `/ocpp/${clientID}`, remoteAddress: '127.0.0.1', loopback: true, secure: false, host: 'kwota.example', subprotocols: ['ocpp1.6'] }, reason)
  refuse('NEW-2', 'unknown-id')
  refuse('NEW-1', 'unknown-id')
  refuse('CP1', 'auth-wrong')
  const peer = new Peer(new VirtualClock(), 'CP1')
  for (const [direction, text] of [
    ['in', '[2,"1","Heartbeat",{"a":"b"}]'], ['out', '[3,"1",{"currentTime":"2026-11-22T12:00:00.000Z"}]'],
    ['out', '[2,"2","Reset",{"type":"Soft"}]'], ['in', '[4,"2","NotSupported","Sorry, not that",{}]'], ['in', 'hello'],
  ] as const) desk.frame?.(peer, direction, text)
}
