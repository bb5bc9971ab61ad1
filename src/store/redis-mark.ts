// How far Redis had come when it was last heard, kept outside of it: by this a Redis that comes back older is known after a restart.
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { Files } from './files.ts'

/** What Redis has acknowledged of a scope. */
export interface Acknowledged {
  readonly epoch: number
  readonly sequence: number
  /** It was seen to have lost something, and nothing was acknowledged since. */
  readonly lost?: true
}

/** Never waited for by a write: at most a second behind. */
export interface Mark {
  of(scope: string): Acknowledged | undefined
  note(scope: string, epoch: number, sequence: number): void
  /** Durable when it resolves; stands until the scope is noted again. */
  lose(scope: string): Promise<void>
  close(): Promise<void>
}

const name = 'redis-mark'
const keptEveryMs = 1_000
const fileSchema = z.object({
  v: z.literal(1),
  scopes: z.array(z.tuple([z.string(), z.object({ epoch: z.int().nonnegative(), sequence: z.int().nonnegative(), lost: z.literal(true).exactOptional() })])),
})

/** One that cannot be read counts as none; `onFailure` is told why it cannot be read, or not be written any more. */
export async function openMark({ files, clock, onFailure }: { readonly files: Pick<Files, 'read' | 'write'>; readonly clock: Clock; readonly onFailure: (error: unknown) => void }): Promise<Mark> {
  const scopes = new Map(await read(files).catch((error: unknown) => {
    onFailure(error)
    return []
  }))
  let changed = false
  let cancel: (() => void) | null = null
  let failing = false
  let writing: Promise<void> = Promise.resolve()

  function write(): Promise<void> {
    changed = false
    const text = JSON.stringify({ v: 1, scopes: [...scopes] })
    writing = writing.then(() => files.write(name, (async function* () { yield Buffer.from(text) })())).then(() => { failing = false }, (error: unknown) => {
      if (!failing) onFailure(error)
      failing = true
    })
    return writing
  }

  return {
    of: (scope) => scopes.get(scope),
    note(scope, epoch, sequence) {
      scopes.set(scope, { epoch, sequence })
      changed = true
      cancel ??= clock.after(keptEveryMs, () => {
        cancel = null
        if (changed) void write()
      })
    },
    lose(scope) {
      scopes.set(scope, { ...(scopes.get(scope) ?? { epoch: 0, sequence: 0 }), lost: true })
      return write()
    },
    async close() {
      cancel?.()
      if (changed) void write()
      await writing
    },
  }
}

async function read(files: Pick<Files, 'read'>): Promise<[string, Acknowledged][]> {
  const content = await files.read(name)
  if (content === null) return []
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return fileSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8'))).scopes
}
