// A load in a process of its own: it says a word a line, and is told a word a line.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface LoadProcess<Word> {
  tell(word: string): void
  /** The next word it says; rejects when it ends. */
  next(): Promise<Word>
  stop(): void
}

/** `file` is one of ours, like `storm-load.js`, or `../bench/wire-load.js`. */
export function startLoad<Word>(file: string, order: object): LoadProcess<Word> {
  const child = spawn(process.execPath, ['--max-semi-space-size=32', fileURLToPath(new URL(`./${file}`, import.meta.url)), JSON.stringify(order)], { stdio: ['pipe', 'pipe', 'inherit'] })
  process.on('exit', () => child.kill('SIGKILL'))
  const said: Word[] = []
  const waiting: { readonly resolve: (word: Word) => void; readonly reject: (error: Error) => void }[] = []
  let ended: Error | null = null
  createInterface({ input: child.stdout }).on('line', (line) => {
    const word = JSON.parse(line) as Word
    const waits = waiting.shift()
    if (waits === undefined) said.push(word)
    else waits.resolve(word)
  })
  child.once('exit', (code) => {
    ended = new Error(`${file} ended with ${code}`)
    for (const { reject } of waiting.splice(0)) reject(ended)
  })
  child.stdin.on('error', () => undefined)
  return {
    tell: (word) => void child.stdin.write(`${word}\n`),
    next() {
      const word = said.shift()
      if (word !== undefined) return Promise.resolve(word)
      return ended === null ? new Promise((resolve, reject) => waiting.push({ resolve, reject })) : Promise.reject(ended)
    },
    stop: () => void child.kill('SIGKILL'),
  }
}
