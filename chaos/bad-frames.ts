// Frames that no charge point should send: by number, so that each can be made again from the seed and its index.
import type { Broken } from './broken-payloads.ts'
import { createRandom, type Random } from './random.ts'

export interface BadFrame {
  readonly text: string
  /** As it is named in a report. */
  readonly kind: string
  /** How often it must be answered where the connection stays open. */
  readonly answers: 0 | 1
  /** The id that an answer must carry; null = there is none, or none that anybody could give back. */
  readonly id: string | null
}

export interface BadFrames { at(index: number): BadFrame }

const longestEchoedId = 128
const mostBytes = 60_000

/** `index` counts from 0. Every text is one that must be refused: none is a request that could be meant. */
export function badFrames(seed: number, broken: readonly Broken[]): BadFrames {
  return { at: (index) => draw(createRandom(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)), index, broken) }
}

function draw(random: Random, index: number, broken: readonly Broken[]): BadFrame {
  const id = `f${index.toString(36)}`
  const kind = random.next()
  if (kind < 0.45) return withBrokenPayload(random, id, broken)
  if (kind < 0.53) return cut(random, id, broken)
  if (kind < 0.6) return smeared(random, id, broken)
  if (kind < 0.68) return wrongAction(random, id)
  if (kind < 0.76) return wrongArray(random, id)
  if (kind < 0.82) return wrongId(random, id)
  if (kind < 0.88) return deep(random, id)
  if (kind < 0.95) return foreignAnswer(random)
  return noFrame(random)
}

function withBrokenPayload(random: Random, id: string, broken: readonly Broken[]): BadFrame {
  const { action, how, text } = random.pick(broken)
  return { text: `[2,"${id}","${action}",${text}]`, kind: `${action}: ${how}`, answers: 1, id }
}

/** An unfinished text is never a frame; where it breaks off decides whether its id can still be read. */
function cut(random: Random, id: string, broken: readonly Broken[]): BadFrame {
  const whole = `[2,"${id}","${random.pick(broken).action}",${random.pick(broken).text}]`
  const text = whole.slice(0, random.between(0, whole.length - 1))
  return { text, kind: 'cut off', ...readable(text, id) }
}

/** Bytes that no JSON holds outside of strings, put in behind the id. */
function smeared(random: Random, id: string, broken: readonly Broken[]): BadFrame {
  const head = `[2,"${id}",`
  const dirt = random.pick(['\u0000', '\ufeff', '}', ']', '{', '\\', '\'', '#', '//', 'NaN', 'undefined', '\u2028x', '0x1', '+1', '01', '1e', '.5', '\u0007'])
  const text = `${head}${dirt}"${random.pick(broken).action}",${random.pick(broken).text}]`
  return { text, kind: `dirt ${JSON.stringify(dirt)}`, ...readable(text, id) }
}

const noActions = ['FlyToTheMoon', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '', ' ', 'heartbeat', 'HEARTBEAT', 'Heartbeat ', '\\u0000', '\\ud800', '\\u202eHeartbeat', 'StartTransaction\\r\\nX: y', '../../etc/passwd', '${7*7}']
const ours = ['SetChargingProfile', 'RemoteStartTransaction', 'Reset', 'ChangeConfiguration', 'CertificateSigned', 'UpdateFirmware', 'GetConfiguration', 'ClearCache']
const noStrings = ['1', 'null', '{}', '[]', 'true', '["Heartbeat"]', '1e999']

function wrongAction(random: Random, id: string): BadFrame {
  const action = random.chance(0.15) ? random.pick(noStrings) : `"${random.chance(0.4) ? random.pick(ours) : random.chance(0.2) ? 'A'.repeat(random.between(100, 5_000)) : random.pick(noActions)}"`
  return { text: `[2,"${id}",${action},{"connectorId":1}]`, kind: `action ${action.slice(0, 40)}`, answers: 1, id }
}

function wrongArray(random: Random, id: string): BadFrame {
  const parts = [`"${id}"`, '"Heartbeat"', '{}', '{}', '{}', 'null', '[]']
  const count = random.pick([1, 2, 4, 5, 6])
  const text = `[2,${parts.slice(0, count).join(',')}]`
  return { text, kind: `a CALL of ${count + 1} elements`, answers: 1, id }
}

function wrongId(random: Random, id: string): BadFrame {
  const odd = random.pick(['1', 'null', '{}', '[]', 'true', '""', '["x"]', '1e999'])
  if (random.chance(0.5)) return { text: `[2,${odd},"Heartbeat",{}]`, kind: `id ${odd}`, answers: 0, id: null }
  const long = id + 'x'.repeat(random.between(37, 600))
  const echoed = long.length <= longestEchoedId
  return { text: `[2,"${long}","Heartbeat",{}]`, kind: 'a long id', answers: echoed ? 1 : 0, id: echoed ? long : null }
}

function deep(random: Random, id: string): BadFrame {
  const levels = random.chance(0.05) ? random.pick([5_000, 20_000]) : random.pick([12, 13, 14, 50, 500])
  const [open, close] = random.chance(0.5) ? ['[', ']'] : ['{"a":', '}']
  const inner = open.repeat(levels) + (open === '[' ? '' : '1') + (random.chance(0.7) ? close.repeat(levels) : '')
  const text = `[2,"${id}","DataTransfer",{"vendorId":"V","data":${inner}}]`.slice(0, mostBytes)
  return { text, kind: `${levels} levels of ${open}`, answers: 1, id }
}

/** Answers to nothing. */
function foreignAnswer(random: Random): BadFrame {
  const id = random.pick(['nobody', '', '__proto__', 'constructor', `c${random.between(1, 99)}`, 'x'.repeat(300)])
  const text = random.pick([
    `[3,"${id}",{"status":"Accepted"}]`, `[3,"${id}"]`, `[3,"${id}",{},{}]`, `[3,${random.between(0, 9)},{}]`, `[3,"${id}",${'['.repeat(200)}]`, `[4,"${id}","InternalError","",{}]`, `[4,"${id}"]`, `[4,"${id}",1,2,3,4,5]`,
    `[4,"${id}","${'E'.repeat(2_000)}","${'d'.repeat(5_000)}",{}]`, `[4,null,null,null,null]`,
  ])
  return { text, kind: 'an answer to nothing', answers: 0, id: null }
}

function noFrame(random: Random): BadFrame {
  const text = random.pick([
    '', ' ', '\u0000', '\ufeff', 'null', 'true', '17', '1e999', '"2"', '{}', '[]', '[[]]', '[2]', '[-2]', '[2.5,"x","Heartbeat",{}]', '["2","x","Heartbeat",{}]', '[9,"x","Heartbeat",{}]', '[null,"x"]', '{"0":2,"1":"x","2":"Heartbeat","3":{},"length":4}',
    '[1e999,"x",{}]', 'GET / HTTP/1.1\r\n\r\n', '<xml/>', '\ud800', '[2,', '[,]', '"'.repeat(random.between(1, 999)), '[2,"\\',
    ...(random.chance(0.05) ? ['['.repeat(random.between(100, 50_000)), '{"a":'.repeat(random.between(100, 9_000)), 'x'.repeat(random.between(1, mostBytes))] : []),
  ])
  return { text, kind: `no frame ${JSON.stringify(text.slice(0, 20))}`, answers: 0, id: null }
}

/** With its type and its id whole it is answered, otherwise dropped. */
function readable(text: string, id: string): Pick<BadFrame, 'answers' | 'id'> {
  const whole = text.startsWith(`[2,"${id}"`)
  return { answers: whole ? 1 : 0, id: whole ? id : null }
}
