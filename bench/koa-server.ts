// The yardstick of REST: Koa and nothing else, answering JSON of as many bytes as it was told for each path.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Koa from 'koa'

const bytesOf = JSON.parse(process.argv[2] ?? '{}') as Readonly<Record<string, number>>
const bodies = new Map(Object.entries(bytesOf).map(([path, bytes]) => [path, JSON.stringify('x'.repeat(bytes - 2))]))
const app = new Koa()
app.use((context) => {
  context.type = 'json'
  context.body = bodies.get(context.path)
})
const http = createServer(app.callback())
http.listen(0, '127.0.0.1', 1_024, () => {
  process.stderr.write(`koa on 127.0.0.1:${(http.address() as AddressInfo).port}\n`)
})
