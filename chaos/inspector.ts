// What a kwota holds, asked through its inspector: heap after a full collection, resident memory, timers and handles.
import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Product } from './product.ts'

export interface Held {
  readonly heapMiB: number
  /** Null where /proc does not tell. */
  readonly rssMiB: number | null
  /** What keeps its event loop busy, by kind: Timeout, TCPSocketWrap and so on. */
  readonly resources: Readonly<Record<string, number>>
}

export interface Inspector {
  /** After full collections, which stop it for as long as a second. */
  collected(): Promise<Held>
  close(): void
}

const mib = 1024 * 1024
const expression = `JSON.stringify({ heap: process.memoryUsage().heapUsed, resources: process.getActiveResourcesInfo().reduce((counts, name) => ({ ...counts, [name]: (counts[name] ?? 0) + 1 }), {}) })`

/** `product` was started with `--inspect=127.0.0.1:0`. */
export async function openInspector(product: Product): Promise<Inspector> {
  const address = /Debugger listening on (ws:\S+)/.exec(product.output())?.[1]
  if (address === undefined) throw new Error('kwota has no inspector')
  const socket = new WebSocket(address, { perMessageDeflate: false, maxPayload: 64 * mib })
  await once(socket, 'open')
  const waiting = new Map<number, (result: unknown) => void>()
  let ids = 0
  socket.on('message', (data: Buffer) => {
    const { id, result } = JSON.parse(data.toString('utf8')) as { id?: number; result?: unknown }
    if (id === undefined) return
    waiting.get(id)?.(result)
    waiting.delete(id)
  })
  const ask = (method: string, params: object = {}): Promise<unknown> => new Promise((resolve) => {
    waiting.set(++ids, resolve)
    socket.send(JSON.stringify({ id: ids, method, params }))
  })
  return {
    async collected() {
      // What the first one frees may hold more.
      for (let round = 0; round < 2; round++) await ask('HeapProfiler.collectGarbage')
      const { result } = await ask('Runtime.evaluate', { expression, returnByValue: true }) as { result: { value: string } }
      const { heap, resources } = JSON.parse(result.value) as { heap: number; resources: Record<string, number> }
      return { heapMiB: heap / mib, rssMiB: rssOf(product.pid), resources }
    },
    close: () => socket.terminate(),
  }
}

function rssOf(pid: number): number | null {
  try {
    const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kib === undefined ? null : Number(kib) / 1024
  } catch {
    return null
  }
}
