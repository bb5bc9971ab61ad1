// Backups of all that kwota holds, made while it runs: listed, downloaded, removed.
import { Readable, pipeline } from 'node:stream'
import { z } from 'zod'
import { Refusal } from '../../actors/house.ts'
import type { Backups, BackupView } from '../../backups.ts'
import { page, pageQuery } from '../paging.ts'
import { defineRoute, listOf, type Room, type Route } from '../route.ts'
import { viewOf } from '../view-of.ts'
import { base } from './identifiers.ts'

const tag = 'backups'
const at = `${base}/backups`
const params = z.strictObject({ backupID: z.string().regex(/^[\w-]{1,58}$/, 'the id of a backup, e.g. backup_0123456789abcdef0123') })

const view = viewOf<BackupView>()(z.strictObject({
  id: z.string(),
  madeAt: z.iso.datetime(),
  bytes: z.int().describe('Of its content.'),
  sha256: z.string().describe('Of its content, in hex.'),
  kwotaVersion: z.string().describe('The kwota that made it.'),
  withoutHistory: z.boolean(),
  scopes: z.int().describe('Sites, and what belongs to none.'),
  records: z.int(),
  seriesEntries: z.int(),
}))
const one = { description: 'The backup', content: { 'application/json': view } } as const

export const backupRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: at, operationId: 'listBackups', tag, summary: 'The backups that were made here, newest first', scope: 'admin', reach: 'every-site',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'A page of backups', content: { 'application/json': listOf(view) } } },
    async handle({ query, room }) {
      return { status: 200, json: page(await backupsOf(room).list(), query, ({ madeAt, id }) => `${madeAt} ${id}`, 'descending') }
    },
  }),
  defineRoute({
    method: 'POST', path: at, operationId: 'createBackup', tag, scope: 'admin', reach: 'every-site',
    summary: 'Makes a backup of everything in the store, in the directory `backups` beside the data; answered when it is whole. The newest 10 are kept: the oldest goes before one more comes',
    body: { types: ['application/json'], optional: true, schema: z.strictObject({ withoutHistory: z.boolean().default(false).describe('Leave out readings, messages, decisions and the like; transactions and the audit log are always in it.') }) },
    answers: { 201: { ...one, headers: ['Location'] } },
    problems: [409, 503],
    async handle({ body, room }) {
      const made = await backupsOf(room).make(body)
      return { status: 201, headers: { Location: `${at}/${made.id}` }, json: made }
    },
  }),
  defineRoute({
    method: 'GET', path: `${at}/{backupID}`, operationId: 'getBackup', tag, summary: 'What a backup is', scope: 'admin', reach: 'every-site',
    params,
    answers: { 200: one },
    async handle({ params: { backupID }, room }) {
      return { status: 200, json: await backupsOf(room).get(backupID) }
    },
  }),
  defineRoute({
    method: 'GET', path: `${at}/{backupID}/content`, operationId: 'downloadBackup', tag, summary: 'The file of a backup, byte for byte, for kwota restore; it holds all secrets', scope: 'admin', reach: 'every-site',
    params,
    answers: { 200: { description: 'The file, as an attachment', content: { 'application/gzip': z.string().meta({ format: 'binary' }) } } },
    async handle({ params: { backupID }, room }) {
      const { view: { madeAt, bytes }, content } = await backupsOf(room).open(backupID)
      const readable = Readable.from(content, { objectMode: false })
      return {
        status: 200,
        headers: { 'Content-Disposition': `attachment; filename="kwota-${madeAt.replace(/[-:]|\.\d+/g, '')}.kwota-backup.gz"`, 'Content-Length': String(bytes) },
        stream: { type: 'application/gzip', open: (response) => void pipeline(readable, response, () => undefined) },
      }
    },
  }),
  defineRoute({
    method: 'DELETE', path: `${at}/{backupID}`, operationId: 'deleteBackup', tag, summary: 'Removes a backup', scope: 'admin', reach: 'every-site',
    params,
    answers: { 204: { description: 'Removed' } },
    async handle({ params: { backupID }, room }) {
      await backupsOf(room).remove(backupID)
      return { status: 204 }
    },
  }),
]

function backupsOf({ backups }: Room): Backups {
  if (backups === undefined) throw new Refusal('conflict', 'no-backups', 'This kwota makes no backups.', { hint: 'Make one with kwota backup.' })
  return backups
}
