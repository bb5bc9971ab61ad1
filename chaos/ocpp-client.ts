// One WebSocket of a charge point: CALLs with their answers, and what is asked of it handed on. Dialled anew by its owner.
import { WebSocket } from 'ws'

export type Reply = { readonly type: 'result'; readonly payload: Readonly<Record<string, unknown>> } | { readonly type: 'error'; readonly code: string } | { readonly type: 'cut' }

export interface OcppClientOptions {
  readonly url: string
  /** Answers a CALL of the central system. */
  readonly asked: (action: string, payload: Readonly<Record<string, unknown>>) => object
  readonly closed: (code: number) => void
  /** Told of each CALL as it leaves. */
  readonly sent?: () => void
  readonly authorization?: string | undefined
}

export interface OcppClient {
  readonly open: boolean
  call(action: string, payload: object, id?: string): Promise<Reply>
  terminate(): void
}

/** Why a connection was refused: the status, and how long to stay away, s. */
export class DialRefused extends Error {
  readonly status: number | null
  readonly retryAfterS: number | null
  constructor(status: number | null, retryAfterS: number | null, message: string) {
    super(message)
    this.status = status
    this.retryAfterS = retryAfterS
  }
}

const handshakeTimeoutMs = 20_000
let calls = 0

/** Rejects with DialRefused. */
export function dial({ url, asked, closed, sent = () => undefined, authorization }: OcppClientOptions): Promise<OcppClient> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ['ocpp1.6'], { perMessageDeflate: false, handshakeTimeout: handshakeTimeoutMs, ...(authorization === undefined ? {} : { headers: { authorization } }) })
    const pending = new Map<string, (reply: Reply) => void>()
    const client: OcppClient = {
      get open() { return socket.readyState === socket.OPEN },
      call(action, payload, id = `c${++calls}`) {
        if (socket.readyState !== socket.OPEN) return Promise.resolve({ type: 'cut' })
        return new Promise((answered) => {
          pending.set(id, answered)
          socket.send(JSON.stringify([2, id, action, payload]))
          sent()
        })
      },
      terminate: () => socket.terminate(),
    }
    socket.on('message', (data: Buffer) => {
      const [type, id, third, fourth] = JSON.parse(data.toString('utf8')) as [number, string, unknown, unknown]
      if (type === 2) return socket.send(JSON.stringify([3, id, asked(String(third), (fourth ?? {}) as Readonly<Record<string, unknown>>)]))
      const answered = pending.get(id)
      pending.delete(id)
      answered?.(type === 3 ? { type: 'result', payload: third as Readonly<Record<string, unknown>> } : { type: 'error', code: String(third) })
    })
    let refused = (error: DialRefused): void => reject(error)
    socket.on('unexpected-response', (request, response) => {
      const after = Number(response.headers['retry-after'])
      refused(new DialRefused(response.statusCode ?? null, Number.isFinite(after) ? after : null, `refused with ${response.statusCode}`))
      request.destroy()
    })
    socket.on('error', (error: Error) => refused(new DialRefused(null, null, error.message)))
    socket.on('open', () => {
      refused = () => undefined
      resolve(client)
    })
    socket.on('close', (code) => {
      refused(new DialRefused(null, null, `closed with ${code}`))
      for (const answered of pending.values()) answered({ type: 'cut' })
      pending.clear()
      closed(code)
    })
  })
}
