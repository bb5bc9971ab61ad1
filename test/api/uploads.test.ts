// Uploaded files as they are downloaded: always an attachment of bytes, whatever the charge point said they are.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from './server.ts'
import { content } from './uploads.ts'

let server: TestServer
beforeAll(async () => { server = await startServer() })
afterAll(() => server.close())

test.each([
  ['file_1', 'attachment; filename="diag.txt"; filename*=UTF-8\'\'diag.txt'],
  ['file_2', 'attachment; filename="s_curit_ _1___txt.log"; filename*=UTF-8\'\'s%C3%A9curit%C3%A9%20%221%22%3B%E2%80%AFtxt.log'],
])('%s', async (id, disposition) => {
  for (const method of ['GET', 'HEAD']) {
    const reply = await server.ask(method, `/api/v1/chargepoints/CP1/diagnostics/${id}`)
    expect(reply).toMatchObject({
      status: 200, text: method === 'HEAD' ? '' : content,
      headers: { 'content-type': 'application/octet-stream', 'content-length': '14', 'content-disposition': disposition, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' },
    })
  }
})

test('the list is newest first, page by page', async () => {
  const ids: string[] = []
  for (let path: string | null = '?limit=1'; path !== null;) {
    const page = (await server.ask('GET', `/api/v1/chargepoints/CP1/diagnostics${path}`)).json() as { data: { id: string }[]; nextCursor: string | null }
    ids.push(...page.data.map(({ id }) => id))
    path = page.nextCursor === null ? null : `?limit=1&cursor=${encodeURIComponent(page.nextCursor)}`
  }
  expect(ids).toEqual(['file_lost', 'file_2', 'file_1'])
})
