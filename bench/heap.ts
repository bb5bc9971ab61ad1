// How much memory a server has, as it is or after a full collection, asked through its inspector.
import { readFileSync } from 'node:fs'
import { WebSocket } from 'ws'
import { once } from 'node:events'
import type { ServerProcess } from './server-process.ts'

export interface Memory { readonly rssMiB: number | null; readonly heapMiB: number }

const mib = 1024 * 1024

export interface Heap {
  /** After a full collection, which stops the server for as long as half a second and makes it slow for some more: never while answers are timed. */
  collected(): Promise<Memory>
  /** As it is, with what nobody needs any more. */
  glance(): Promise<Memory>
  close(): void
}

/** `server` was started with `--inspect=127.0.0.1:0`. */
export async function openHeap(server: ServerProcess): Promise<Heap> {
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
  const glance = async (): Promise<Memory> => {
    const rssMiB = rssOf(server.pid)
    const answer = await ask('Runtime.evaluate', { expression: 'process.memoryUsage().heapUsed', returnByValue: true }) as { result: { value: number } }
    return { rssMiB, heapMiB: answer.result.value / mib }
  }
  return {
    async collected() {
      await ask('HeapProfiler.collectGarbage')
      return glance()
    },
    glance,
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
