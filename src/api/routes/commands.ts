// Commands: one address for each action a charge point can be sent, and what became of them.
import { z } from 'zod'
import type { CommandView } from '../../actors/command-record.ts'
import { commandStatuses } from '../../actors/command.ts'
import { clientIDSchema, siteSchema } from '../../power/site.ts'
import { messages } from '../../protocol/messages/index.ts'
import { commandNames, type CommandName } from '../command-names.ts'
import { commandBody, commandSchema, splitBody } from '../command-schemas.ts'
import { page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Answer, type Route } from '../route.ts'
import { views } from '../schemas.ts'
import { base, chargePointParams } from './identifiers.ts'

const tag = 'commands'
const content = { 'application/json': views.Command }
export const commandAnswers = {
  200: { description: 'It has ended, and this is how (with Prefer: wait)', content, headers: ['Location', 'Preference-Applied'] },
  202: { description: 'It is recorded and on its way, or waits', content, headers: ['Location', 'Preference-Applied'] },
} as const
const id = z.string().regex(/^cmd_[A-Za-z0-9-]{1,64}$/, 'an id such as cmd_55')
const bodiless = new Set<CommandName>(['clear-cache', 'get-local-list-version', 'get-configuration'])

/** A configuration key is configuration, however it is sent. */
export function commandScope(operation: string): 'config:write' | 'commands:write' {
  return operation === 'change-configuration' || operation === 'configuration' ? 'config:write' : 'commands:write'
}

/** 200 when it has ended within the wait, 202 otherwise. */
export function commandAnswer(command: CommandView, waitMs: number): Answer {
  const finished = waitMs > 0 && command.status !== 'queued' && command.status !== 'sent'
  const headers = { Location: `${base}/commands/${command.id}`, ...(waitMs > 0 && { 'Preference-Applied': `wait=${waitMs / 1000}` }) }
  return { status: finished ? 200 : 202, headers, json: command }
}

/** They have addresses of their own: they can be tried before they are sent. */
const tried = new Set<CommandName>(['set-charging-profile', 'clear-charging-profile'])

const issuing = (Object.entries(commandNames) as [CommandName, (typeof commandNames)[CommandName]][]).filter(([name]) => !tried.has(name)).map(([name, action]) => defineRoute({
  method: 'POST', path: `${base}/chargepoints/{clientID}/${name}`, operationId: `command${action}`, tag, summary: messages[action].summary, scope: commandScope(name), reach: 'charge-point',
  params: chargePointParams,
  body: { types: ['application/json'], schema: commandBody(action), ...(bodiless.has(name) && { optional: true as const }) },
  waits: true, answers: commandAnswers, problems: [409], ...(name === 'remote-start' && { paced: 'remote-start' as const }),
  async handle({ params, body, waitMs, caller, room }) {
    const { fields, expiresAt } = splitBody(body)
    return commandAnswer(await room.house.commands.issue(params.clientID, action, fields, { expiresAt, waitMs }, caller), waitMs)
  },
}))

const query = z.strictObject({
  ...pageQuery,
  status: z.enum(['pending', ...commandStatuses]).optional().describe('`pending` = queued or sent.'),
  siteID: siteSchema.shape.id.optional(),
  clientID: clientIDSchema.optional(),
  action: z.enum(Object.values(commandNames)).optional(),
  batchId: z.string().max(64).optional(),
})

function fits(command: CommandView, { status, siteID, clientID, action, batchId }: z.output<typeof query>): boolean {
  if (status === 'pending' ? command.status !== 'queued' && command.status !== 'sent' : status !== undefined && command.status !== status) return false
  return (siteID === undefined || command.siteID === siteID) && (clientID === undefined || command.clientID.toLowerCase() === clientID.toLowerCase())
    && (action === undefined || command.action === action) && (batchId === undefined || command.batchId === batchId)
}

export const commandRoutes: readonly Route[] = [
  ...issuing,
  defineRoute({
    method: 'GET', path: `${base}/commands`, operationId: 'listCommands', tag, summary: 'Commands, newest first', scope: 'read', reach: 'filtered',
    query,
    answers: { 200: { description: 'A page of commands', content: { 'application/json': listOf(commandSchema) } } },
    handle: ({ query: asked, principal, room }) => ({
      status: 200, json: page(room.house.commands.list().filter((command) => principal.covers(command.siteID) && fits(command, asked)), asked, (command) => `${command.createdAt} ${command.id}`, 'descending'),
    }),
  }),
  defineRoute({
    method: 'GET', path: `${base}/commands/{commandID}`, operationId: 'getCommand', tag, summary: 'One command: the request, the answer, how long it took', scope: 'read', reach: 'command',
    params: z.strictObject({ commandID: id }),
    answers: { 200: { description: 'The command', content } },
    handle: ({ params, room }) => ({ status: 200, json: room.house.commands.get(params.commandID) }),
  }),
  defineRoute({
    method: 'POST', path: `${base}/commands/{commandID}/cancel`, operationId: 'cancelCommand', tag, summary: 'Cancels a command that was not sent yet', scope: 'commands:write', reach: 'command',
    params: z.strictObject({ commandID: id }),
    answers: { 200: { description: 'The cancelled command', content } },
    problems: [409],
    handle: async ({ params, room }) => ({ status: 200, json: await room.house.commands.cancel(params.commandID) }),
  }),
]
