// The files of the pages: what is read, how it is sent, and what is there when they were not built.
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPages } from '../../src/api/pages.ts'
import { startServer, type TestServer } from './server.ts'

let server: TestServer
let folder: string
beforeAll(async () => {
  server = await startServer()
  folder = await mkdtemp(join(tmpdir(), 'kwota-pages-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'secret.js'), 'not for you')
  for (const [name, content] of [['index.html', '<p>'], ['assets/a-1.js', 'let a'], ['assets/a-1.css', 'a {}'], ['assets/notes.txt', 'no type']] as const) {
    await writeFile(join(folder, name), content)
    await writeFile(join(folder, `${name}.gz`), gzipSync(content))
  }
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

it('reads the document and the listed files, each with its gzip', async () => {
  const pages = createPages(folder)
  expect(await pages.document()).toMatchObject({ type: 'text/html', plain: Buffer.from('<p>') })
  const script = await pages.asset('a-1.js')
  expect(script).toMatchObject({ type: 'text/javascript', plain: Buffer.from('let a') })
  expect(gunzipSync(script?.gzip ?? '')).toEqual(Buffer.from('let a'))
})

it.each(['../secret.js', '..', '', 'a-1.js.gz', 'notes.txt', 'a-2.js', '__proto__'])('knows no file %j', async (name) => {
  expect(await createPages(folder).asset(name)).toBeNull()
})

it('says that nothing was built where nothing is', async () => {
  const pages = createPages(join(folder, 'nowhere'))
  expect(await pages.document()).toBeNull()
  expect(await pages.asset('a-1.js')).toBeNull()
})

it('sends the document fresh, its files for good, packed where that is understood', async () => {
  const page = await server.ask('GET', '/')
  expect(page.headers).toMatchObject({ 'cache-control': 'no-cache', 'content-type': 'text/html; charset=utf-8', vary: 'Accept-Encoding' })
  const [, script = ''] = /src="([^"]+\.js)"/.exec(page.text) ?? []
  expect(script).toMatch(/^\/assets\//)
  const plain = await server.ask('GET', script)
  expect(plain.headers).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable', 'x-content-type-options': 'nosniff' })
  expect(plain.headers['content-encoding']).toBeUndefined()
  const packed = await fetch(`http://127.0.0.1:${server.port}${script}`, { headers: { 'Accept-Encoding': 'gzip' } })
  expect(packed.headers.get('content-encoding')).toBe('gzip')
  expect(await packed.text()).toBe(plain.text)
})

it('tells a browser where no page is with a page, and programs with a problem', async () => {
  const at = (path: string, Accept: string) => fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { Accept } })
  const browser = 'text/html,application/xhtml+xml,*/*;q=0.8'
  const lost = await at('/charge-points', browser)
  expect([lost.status, lost.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
  expect(await lost.text()).toBe((await server.ask('GET', '/')).text)
  for (const [path, accept] of [['/charge-points', '*/*'], ['/charge-points', 'application/json'], ['/api/v1/charge-points', browser]] as const) {
    const answer = await at(path, accept)
    expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 404, 'application/problem+json'])
  }
})

it('names nothing outside its own origin, and holds no script or style that its policy refuses', async () => {
  const { text } = await server.ask('GET', '/')
  expect([...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, to]) => to).filter((to) => !/^\/(?:assets\/|api\/v1\/openapi\.json)/.test(to ?? ''))).toEqual([])
  expect(text).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)| on\w+=/)
})
