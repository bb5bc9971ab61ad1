// The OCPP client of somebody else (`ocpp-rpc`, which brings no types), as the tests use it.
import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'

export interface RpcClient extends EventEmitter {
  connect(): Promise<unknown>
  close(options?: { readonly force?: boolean }): Promise<unknown>
  call(action: string, payload: object): Promise<Record<string, unknown>>
  handle(action: string, handler: (call: { readonly params: Record<string, unknown> }) => unknown): void
}

export const { RPCClient } = createRequire(import.meta.url)('ocpp-rpc') as { RPCClient: new (options: object) => RpcClient }
