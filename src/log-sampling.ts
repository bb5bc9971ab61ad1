// What repeats itself in the log is counted instead of written, and summed up once a minute: a flood from outside cannot fill the disk.
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'

/** Lines of one kind a minute: about one charge point or address, and in all. */
const mostOfOne = 20
const mostOfAll = 1_000
/** Those told apart; the rest of a kind counts together. */
const mostKept = 5_000
const windowMs = 60_000

interface Kind { written: number; left: number; readonly about: Set<string> }

/**
 * The kind of a line is its message, which holds no data; whom it is about are its `clientID` and `remoteAddress`. Lines of `debug`
 * pass: who asked for them wants them. The sum is written before the first line after the minute.
 */
export function sampleLog(log: Log, clock: Clock): Log {
  const ofOne = new Map<string, number>()
  const kinds = new Map<string, Kind>()
  let beganMs = clock.mono()

  function sumUp(): void {
    for (const [message, { left, about }] of kinds) if (left > 0) log.warn({ event: 'log-lines-left-out', of: message, lines: left, about: [...about] }, 'repeated lines were left out of the log')
    ofOne.clear()
    kinds.clear()
  }

  function passes(fields: object, message: string): boolean {
    const nowMs = clock.mono()
    if (nowMs - beganMs >= windowMs) {
      beganMs = nowMs
      sumUp()
    }
    const kind: Kind = kinds.get(message) ?? { written: 0, left: 0, about: new Set() }
    kinds.set(message, kind)
    const who = whom(fields)
    const own = `${message}\n${who}`
    const key = ofOne.has(own) || ofOne.size < mostKept ? own : `${message}\n`
    const before = ofOne.get(key) ?? 0
    if (before >= mostOfOne || kind.written >= mostOfAll) {
      kind.left++
      if (kind.about.size < 5) kind.about.add(who)
      return false
    }
    ofOne.set(key, before + 1)
    kind.written++
    return true
  }

  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => { if (passes(fields, message)) log.info(fields, message) },
    warn: (fields, message) => { if (passes(fields, message)) log.warn(fields, message) },
    error: (fields, message) => { if (passes(fields, message)) log.error(fields, message) },
  }
}

function whom(fields: object): string {
  const clientID = 'clientID' in fields && typeof fields.clientID === 'string' ? fields.clientID : ''
  const remoteAddress = 'remoteAddress' in fields && typeof fields.remoteAddress === 'string' ? fields.remoteAddress : ''
  return clientID === '' ? remoteAddress : clientID
}
