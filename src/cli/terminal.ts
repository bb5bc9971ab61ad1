// What every command is given: where it writes and reads, the environment, time, and the wish that it ends.
import type { Clock } from '../clock.ts'

interface Output {
  write(content: string | Uint8Array): boolean
  once(event: 'drain', then: () => void): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

export interface Terminal {
  readonly stdout: Output
  readonly stderr: Output
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly clock: Clock
  /** Resolves at the first signal from now on; the next ends the process at once, as it does by itself. */
  interrupted(): Promise<void>
}

/** How a command says its exit code, where that is not 0. */
export type Finish = (code: number) => void

/** The terminal of this process. */
export function processTerminal(clock: Clock): Terminal {
  return { stdout: process.stdout, stderr: process.stderr, stdin: process.stdin, env: process.env, cwd: process.cwd(), clock, interrupted }
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM'] as const
    const stop = (): void => {
      for (const signal of signals) process.off(signal, stop)
      resolve()
    }
    for (const signal of signals) process.on(signal, stop)
  })
}
