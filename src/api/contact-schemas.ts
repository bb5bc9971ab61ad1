// The schemas of what is answered about contact with charge points: who is in the lobby, and what was said.
import { z } from 'zod'
import { changes, type LobbyEntry, type LobbyReason } from '../actors/lobby.ts'
import { messageStatuses, type MessageView } from '../actors/message-row.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] }

const at = z.iso.datetime()

export const lobbyReasons = Object.keys(changes) as [LobbyReason, ...LobbyReason[]]
export const lobbyVerdicts = ['refused', 'waiting'] as const
export const messageDirections = ['in', 'out'] as const

export const lobbyEntrySchema = z.strictObject({
  clientID: z.string(),
  verdict: z.enum(lobbyVerdicts),
  reason: z.enum(lobbyReasons),
  change: z.string().describe('What to change, and on which side.'),
  path: z.string(),
  remoteAddress: z.string(),
  subprotocols: z.array(z.string()),
  firstAt: at,
  lastAt: at,
  attempts: z.int(),
  boot: z.record(z.string(), z.unknown()).exactOptional().describe('What its BootNotification said.'),
}) satisfies z.ZodType<Writable<LobbyEntry>>

export const messageSchema = z.strictObject({
  id: z.string(),
  at,
  clientID: z.string(),
  siteID: z.string(),
  direction: z.enum(messageDirections).describe('in: the charge point asked; out: kwota did. Of an answer to nothing, the way it went.'),
  action: z.string().nullable(),
  messageId: z.string().nullable(),
  request: z.unknown().describe('The payload; the text as it came where it cannot be read.'),
  response: z.unknown(),
  error: z.strictObject({ code: z.string(), description: z.string(), details: z.unknown() }).nullable(),
  latencyMs: z.number().nullable(),
  status: z.enum(messageStatuses),
  bytes: z.int(),
  raw: z.strictObject({ request: z.string().nullable(), response: z.string().nullable() }).describe('Both texts as they came, without secrets, cut at 64 KiB.'),
}) satisfies z.ZodType<Writable<MessageView>>
