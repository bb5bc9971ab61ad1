// The WebSocket of inspection in the words of OpenAPI, which has none of its own for it: the request that opens it.
import { z } from 'zod'
import { watchSchema } from './inspection-query.ts'

/** `refused` = the answer with a problem. */
export function inspectOperation(tag: string, refused: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { properties = {} } = z.toJSONSchema(watchSchema, { io: 'input' })
  return {
    operationId: 'watchInspection',
    tags: [tag],
    summary: 'What the actors do, live, over a WebSocket, in the format that Stately\'s inspector reads',
    description: 'Needs the scope `inspect`: the key as a bearer, or from our own pages the cookie of the session. Only what the sites of the key see. A viewer that does not keep up is cut.',
    security: [{ key: [] }],
    parameters: Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema })),
    responses: {
      101: { description: 'The stream begins: one JSON object in each message, of the type @xstate.actor, @xstate.event or @xstate.snapshot; with `include` also @kwota.frame and @kwota.decision.' },
      ...Object.fromEntries(['400', '401', '403', '422', '429', '503'].map((status) => [status, refused])),
    },
  }
}
