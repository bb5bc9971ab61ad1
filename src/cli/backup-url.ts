// Has a running kwota make a backup of itself, over REST.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../config.ts'
import { Ended, type BackupIo } from './backup-io.ts'

const viewSchema = z.object({ id: z.string(), bytes: z.int(), sha256: z.string(), scopes: z.int(), records: z.int(), seriesEntries: z.int() })

export interface AskedBackup {
  readonly view: z.output<typeof viewSchema>
  content(): Promise<AsyncIterable<Uint8Array>>
  /** It is not kept there. */
  forget(): Promise<void>
}

/** Rejects with Ended, or with ConfigError when nobody answers at `url`. */
export async function askBackup(url: string, withoutHistory: boolean, { env, cwd }: Pick<BackupIo, 'env' | 'cwd'>): Promise<AskedBackup> {
  const base = `${url.replace(/\/+$/, '')}/api/v1/backups`
  const file = env['KWOTA_API_KEY_FILE']
  const key = env['KWOTA_API_KEY'] ?? (file === undefined ? undefined : readFileSync(resolve(cwd, file), 'utf8').trim())
  const ask = async (method: string, path: string, body?: object): Promise<Response> => {
    const reply = await fetch(base + path, {
      method, headers: { ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }), ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new ConfigError([{ where: url, problem: `cannot be reached (${error instanceof Error ? error.message : String(error)})`, fix: 'name the address that kwota serve has printed' }])
    })
    if (reply.ok) return reply
    const told = z.object({ detail: z.string(), hint: z.string() }).safeParse(await reply.json().catch(() => null))
    const words = told.success ? `${told.data.detail} ${told.data.hint}` : 'Name the address of a running kwota.'
    if (reply.status === 401 || reply.status === 403) throw new Ended(4, `${url} answers ${reply.status}: put a key with the scope admin, for every site, into KWOTA_API_KEY or KWOTA_API_KEY_FILE.`)
    throw new Ended(reply.status === 409 ? 5 : 1, `${url} answers ${reply.status}: ${words}`)
  }
  const view = viewSchema.parse(await (await ask('POST', '', { withoutHistory })).json())
  return {
    view,
    async content() {
      const { body } = await ask('GET', `/${view.id}/content`)
      return (async function* () { for await (const chunk of body ?? []) yield chunk })()
    },
    async forget() {
      await ask('DELETE', `/${view.id}`)
    },
  }
}
