// A receiver of webhooks on a real socket: keeps what comes, and answers as it is told.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

export interface Received { readonly headers: Record<string, string>; readonly body: string; readonly event: { readonly id: string; readonly type: string; readonly siteID: string; readonly data: Record<string, unknown> } }

export interface Receiver {
  readonly url: string
  readonly got: Received[]
  /** How each one is answered; left alone: 204. */
  answer: (response: ServerResponse, count: number) => void
  /** Resolves when `condition` holds; `turn` runs meanwhile. Rejects after 20 s. */
  until(condition: () => boolean, turn?: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

export async function openReceiver(): Promise<Receiver> {
  const got: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => { body += chunk.toString() })
    request.on('end', () => {
      got.push({ headers: single(request.headers), body, event: JSON.parse(body) as Received['event'] })
      receiver.answer(response, got.length)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got,
    answer: (response) => void response.writeHead(204).end(),
    async until(condition, turn = () => Promise.resolve()) {
      for (let turns = 0; !condition(); turns++) {
        if (turns > 4_000) throw new Error(`it did not come: ${got.length} received`)
        await turn()
        await wait(5)
      }
    },
    close: () => new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
  }
  return receiver
}

function single(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
