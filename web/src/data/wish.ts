// A change as the request that makes it: sent, or tried without anything changing.
import { callTagged } from './call.ts'

/** A request under `/api/v1`; `ifMatch` = the ETag of what was read. */
export interface Wish { readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'; readonly path: string; readonly body?: unknown; readonly ifMatch?: string }

/** For the version that was read, where it is known. */
export const matching = (wish: Wish, etag: string | null): Wish => (etag === null ? wish : { ...wish, ifMatch: etag })

export function send<T>({ method, path, body, ifMatch }: Wish): Promise<{ readonly data: T; readonly etag: string | null }> {
  return callTagged<T>(path, { method, ...(body !== undefined && { body }), ...(ifMatch !== undefined && { headers: { 'If-Match': ifMatch } }) })
}

/** What it would come to; whoever else has changed it meanwhile is told when it is sent. */
export async function tryOut<T>(wish: Wish): Promise<T> {
  const { ifMatch: _, ...loose } = wish
  return (await send<T>({ ...loose, path: `${loose.path}?dryRun=true` })).data
}
