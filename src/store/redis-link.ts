// One connection to Redis on which nothing waits for ever: deadlines, fail-fast while it is silent, reconnecting by itself.
import { Redis } from 'ioredis'
import type { Clock } from '../clock.ts'
import { asUnavailable } from './batch.ts'
import { StoreUnavailable } from './port.ts'
import type { Script } from './redis-scripts.ts'

export interface LinkOptions {
  readonly url: string
  readonly clock: Clock
  /** For writes and checks. */
  readonly commandTimeoutMs: number
  /** For reads, which may be large. */
  readonly readTimeoutMs: number
  /** For the first connection. */
  readonly openTimeoutMs: number
  /** Told when a connection takes the place of one that broke. */
  readonly onReconnected?: () => void
}

const slowestRetryMs = 2_000
const deadSocketMs = 5_000

export class RedisLink {
  private readonly options: LinkOptions
  private readonly redis: Redis
  private readonly place: string
  private state: 'down' | 'up' | 'silent' | 'closed' = 'down'
  private lastError = 'not connected'

  constructor(options: LinkOptions) {
    this.options = options
    this.place = placeOf(options.url)
    this.redis = new Redis(options.url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: options.openTimeoutMs,
      socketTimeout: Math.max(deadSocketMs, options.readTimeoutMs),
      retryStrategy: times => Math.min(50 * 2 ** Math.min(times, 10), slowestRetryMs),
      reconnectOnError: error => error.message.startsWith('READONLY'),
    })
    this.redis.on('error', (error: Error) => { this.lastError = error.message })
    this.redis.on('connect', () => { this.lastError = 'it takes connections, but is not ready: it loads its data, or hangs' })
    let before = false
    this.redis.on('ready', () => {
      if (this.state === 'closed') return
      this.state = 'up'
      if (before) options.onReconnected?.()
      before = true
    })
    this.redis.on('close', () => { if (this.state !== 'closed') this.state = 'down' })
  }

  /** Waits for the first connection; rejects with StoreUnavailable when it fails or takes too long. */
  async open(): Promise<void> {
    try {
      await this.within(this.options.openTimeoutMs, 'connect', () => this.redis.connect(), () => undefined)
    } catch (error) {
      this.close()
      throw new StoreUnavailable(`${this.place} cannot be reached: ${this.lastError}`, { cause: error })
    }
  }

  /** A command within the write deadline. Rejects with StoreUnavailable: not sent, refused, or outcome unknown. */
  write<T>(doing: string, command: (redis: Redis) => Promise<T>): Promise<T> {
    return this.call(this.options.commandTimeoutMs, doing, command)
  }

  /** A command within the read deadline. */
  read<T>(doing: string, command: (redis: Redis) => Promise<T>): Promise<T> {
    return this.call(this.options.readTimeoutMs, doing, command)
  }

  /** Throws StoreUnavailable while nothing is sent anyway: whoever has much to make ready asks before. */
  demandUp(): void {
    if (this.state === 'closed') throw new StoreUnavailable('the store is closed')
    if (this.state === 'down') throw new StoreUnavailable(`${this.place} is not connected: ${this.lastError}`)
    if (this.state === 'silent') throw new StoreUnavailable(`${this.place} does not answer`)
  }

  close(): void {
    this.state = 'closed'
    this.redis.disconnect()
  }

  private async call<T>(deadlineMs: number, doing: string, command: (redis: Redis) => Promise<T>): Promise<T> {
    this.demandUp()
    return this.within(deadlineMs, doing, () => command(this.redis), () => this.listen())
  }

  private within<T>(deadlineMs: number, doing: string, run: () => Promise<T>, late: () => void): Promise<T> {
    const { clock } = this.options
    return new Promise<T>((resolve, reject) => {
      const expire = () => {
        late()
        reject(new StoreUnavailable(`${doing}: ${this.place} did not answer within ${deadlineMs} ms, the outcome is unknown`))
      }
      // One more turn: after a pause of our own process the answer may be in the socket already.
      let cancel = clock.after(deadlineMs, () => { cancel = clock.after(0, expire) })
      run().then(
        value => { cancel(); resolve(value) },
        (error: unknown) => { cancel(); reject(asUnavailable(`${doing} at ${this.place}`, error)) },
      )
    })
  }

  // Nothing more is sent until a PING behind the unanswered command is answered, which also settles that command.
  private listen(): void {
    if (this.state !== 'up') return
    this.state = 'silent'
    this.redis.ping().then(
      () => { if (this.state === 'silent') this.state = 'up' },
      (error: unknown) => { this.lastError = error instanceof Error ? error.message : String(error) },
    )
  }
}

/** Runs a script by its hash, sending the text only to a Redis that does not know it yet. */
export async function run(redis: Redis, script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
  try {
    return await redis.evalsha(script.sha, keys.length, ...keys, ...args)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return redis.eval(script.source, keys.length, ...keys, ...args)
  }
}

export interface ScriptCall { readonly keys: readonly string[]; readonly args: readonly (string | number)[] }

/** The same script for many keys, each by itself, sent together; of one that failed the answer is undefined. */
export async function runAll(redis: Redis, script: Script, calls: readonly ScriptCall[]): Promise<unknown[]> {
  const send = async (): Promise<[Error | null, unknown][]> => {
    const pipeline = redis.pipeline()
    for (const { keys, args } of calls) pipeline.evalsha(script.sha, keys.length, ...keys, ...args)
    return await pipeline.exec() ?? []
  }
  let answers = await send()
  if (answers.some(([error]) => error?.message.startsWith('NOSCRIPT') === true)) {
    await redis.script('LOAD', script.source)
    answers = await send()
  }
  return answers.map(([error, answer]) => (error === null ? answer : undefined))
}

/** Host and port only: the address may carry a password. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) throw new TypeError('the Redis address is not a URL such as redis://host:6379')
  const { protocol, host } = new URL(url)
  if (protocol !== 'redis:' && protocol !== 'rediss:') throw new TypeError(`the Redis address must start with redis:// or rediss://, not ${protocol}//`)
  return `Redis at ${host}`
}
