// The page at `/`, run on a small document against the real REST room: what one connector cannot say blanks its row alone.
import { afterEach, beforeEach, expect, it } from 'vitest'
import { pageScript } from '../../src/api/page.ts'
import { startServer, type TestServer } from './server.ts'

let server: TestServer
beforeEach(async () => { server = await startServer() })
afterEach(() => server.close())

/** What the page asks of an element. */
class Node {
  readonly name: string
  children: (Node | string)[] = []
  readonly dataset: Record<string, string> = {}
  readonly classList = { toggle: () => undefined }
  className = ''
  textContent = ''
  constructor(name: string) { this.name = name }
  append(...nodes: (Node | string)[]): void { this.children.push(...nodes) }
  replaceChildren(...nodes: (Node | string)[]): void { this.children = nodes }
  remove(): void { this.children = [] }
  querySelector(selector: string): Node | undefined { return this.all().find(({ className }) => `.${className}` === selector) }
  all(): Node[] { return [this, ...this.children.flatMap((child) => (typeof child === 'string' ? [] : child.all()))] }
  text(): string { return this.children.map((child) => (typeof child === 'string' ? child : child.text())).join('|') }
}

/** Lets the page read once; what its rows and its state line say. */
async function look(): Promise<{ rows: string[]; state: string; asked: string[] }> {
  const named = new Map(['sites', 'state', 'entry'].map((id) => [id, new Node(id)]))
  const asked: string[] = []
  const document = { body: new Node('body'), getElementById: (id: string) => named.get(id), createElement: (name: string) => new Node(name) }
  const ask = (path: string, options: RequestInit) => {
    asked.push(path)
    return fetch(`http://127.0.0.1:${server.port}${path}`, options)
  }
  class Stream { addEventListener(): void { /* Nothing happens while the test looks. */ } }
  await new Promise<void>((resolve) => {
    const run: unknown = new Function('document', 'fetch', 'EventSource', 'setTimeout', 'setInterval', pageScript)
    // It sets a timer when it has read everything.
    if (typeof run === 'function') run(document, ask, Stream, resolve, () => 0)
  })
  const rows = (named.get('sites')?.all() ?? []).filter(({ name }) => name === 'tr').map((row) => row.text())
  return { rows: rows.slice(1), state: named.get('state')?.textContent ?? '', asked }
}

it('has a row for every connector, whatever the identity', async () => {
  await server.send('POST', '/api/v1/chargepoints', { id: 'RDAM 123/a?', connectors: [{ id: 1 }] })
  const { rows, state, asked } = await look()
  expect(rows).toEqual(['CP1/1|Charging|16|15.5|16 A: the grid limit.', 'CP1/2|Charging|16|15.5|16 A: the grid limit.', 'RDAM 123/a?/1|Charging|16|15.5|16 A: the grid limit.'])
  expect(state).toBe('Up to date.')
  expect(asked).toContain('/api/v1/chargepoints/RDAM%20123%2Fa%3F/connectors/1/allocation')
})

it('leaves one reason blank when it cannot be had, and shows the rest', async () => {
  const { allocation } = server.house
  server.house.allocation = (clientID, connectorId) => {
    if (connectorId === 1) throw new TypeError('broken')
    return allocation(clientID, connectorId)
  }
  const { rows, state } = await look()
  expect(rows).toEqual(['CP1/1|Charging|16|15.5|–', 'CP1/2|Charging|16|15.5|16 A: the grid limit.'])
  expect(state).toBe('Up to date.')
})
