// What somebody needs who stands before a charge point: the URL it is to be told, and where it takes it.
import { z } from 'zod'
import { defineRoute, type Route } from '../route.ts'
import { vendorNotes } from '../vendor-notes.ts'
import { base } from './identifiers.ts'

const setup = z.strictObject({
  path: z.string().describe('Behind the address, with the identity of the charge point in the place of {clientID}; most charge points put it there themselves.'),
  subprotocol: z.string(),
  endpoints: z.array(z.strictObject({
    interface: z.string().nullable(), address: z.string(), secure: z.boolean(), url: z.string().describe('What to tell a charge point, without its identity.'),
    reachable: z.boolean().describe('false: only from this machine. Behind a proxy, or in a container, other addresses may hold as well.'),
  })).describe('One for each server and address; those that other machines can reach first.'),
  vendors: z.array(z.strictObject({ vendor: z.string(), models: z.string(), where: z.string(), note: z.string().nullable(), source: z.string() })).describe('Where charge points of some vendors take the URL, each with its source.'),
})

export const setupRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/setup`, operationId: 'getSetup', tag: 'operations', summary: 'How to connect a charge point: the URLs to tell it, and where some vendors take them', scope: 'read', reach: 'anyone',
    answers: { 200: { description: 'As this machine is reachable now', content: { 'application/json': setup } } },
    handle({ room }) {
      const json: z.output<typeof setup> = { path: '/ocpp/{clientID}', subprotocol: 'ocpp1.6', endpoints: [...room.node().endpoints], vendors: [...vendorNotes] }
      return { status: 200, json }
    },
  }),
]
