// One question to a route, and what its answer must be.
import type { Ask } from '../server.ts'

export interface Case extends Ask { readonly path: string; readonly status: number; readonly code?: string; readonly json?: unknown; readonly says?: string }
/** By operationId, in the order of the table, on one server: what one case makes, a later one may use. */
export type Cases = Readonly<Record<string, readonly Case[]>>
