// How kwota ends: the exit codes, and what a person is told who has to mend it.
import { Refusal } from './actors/house.ts'
import { ConfigError } from './config.ts'
import type { Log } from './log.ts'
import { ownerInWords, StoreOwned, StoreUnavailable } from './store/port.ts'

/** 0 = as asked. A loop that stands still is ended by the watchdog with SIGKILL (137). */
export const exitCodes = { failure: 1, configuration: 2, unforeseen: 70 } as const

/** An error nobody foresaw ends kwota: what was acknowledged is durable, and a fresh start knows it. */
export function failFast(log: Log): void {
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (error: unknown) => {
      log.error({ event, err: error }, 'kwota ends after an error nobody foresaw; what was acknowledged is stored')
      process.exit(exitCodes.unforeseen)
    })
  }
}

export function exitCodeOf(error: unknown): number {
  return error instanceof ConfigError || error instanceof Refusal ? exitCodes.configuration : exitCodes.failure
}

/** Its fix, where there is one. */
export function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof Refusal) return error instanceof Refusal && error.hint !== undefined ? `${error.message} ${error.hint}` : error.message
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return `${error instanceof Error ? error.message : ''}: another program listens there. Choose another port with --port (tls.port in kwota.yaml for the TLS one), or 0 for a free one.`
  if (code === 'EACCES') return `${error instanceof Error ? error.message : ''}: this user may not listen there. Choose a port above 1023 with --port.`
  if (error instanceof StoreOwned) return `This Redis is in use by ${ownerInWords(error.owner)}. Stop that one, or use another database: the number at the end of its address, redis://…/1.`
  if (error instanceof StoreUnavailable) return `The store cannot be opened: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}
