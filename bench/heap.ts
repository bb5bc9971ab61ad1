// How much memory a server has, as it is and after a full collection, asked through its inspector.
import { readFileSync } from 'node:fs'
import { WebSocket } from 'ws'
import { once } from 'node:events'
import type { ServerProcess } from './server-process.ts'

export interface Memory { readonly rssMiB: number | null; readonly heapMiB: number }

const mib = 1024 * 1024

/** `server` was started with `--inspect=127.0.0.1:0`. */
export async function openHeap(server: ServerProcess): Promise<{ look(): Promise<Memory>; close(): void }> {
  const address = /Debugger listening on (ws:\S+)/.exec(server.preamble)?.[1]
  if (address === undefined) throw new Error('the server has no inspector')
  const socket = new WebSocket(address, { perMessageDeflate: false })
  await once(socket, 'open')
  const waiting = new Map<number, (result: unknown) => void>()
  let ids = 0
  socket.on('message', (data: Buffer) => {
    const { id, result } = JSON.parse(data.toString('utf8')) as { id?: number; result?: unknown }
    if (id === undefined) return
    waiting.get(id)?.(result)
    waiting.delete(id)
  })
  const ask = (method: string, params: object = {}) => new Promise<unknown>((resolve) => {
    waiting.set(++ids, resolve)
    socket.send(JSON.stringify({ id: ids, method, params }))
  })
  return {
    async look() {
      const rssMiB = rssOf(server.pid)
      await ask('HeapProfiler.collectGarbage')
      const answer = await ask('Runtime.evaluate', { expression: 'process.memoryUsage().heapUsed', returnByValue: true }) as { result: { value: number } }
      return { rssMiB, heapMiB: answer.result.value / mib }
    },
    close: () => socket.terminate(),
  }
}

/** Null where /proc does not tell. */
function rssOf(pid: number): number | null {
  try {
    const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kib === undefined ? null : Number(kib) / 1024
  } catch {
    return null
  }
}
