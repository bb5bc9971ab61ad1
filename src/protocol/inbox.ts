// The incoming side of a connection: CALLs are answered one at a time and in order, and reading stops while there are too many.
import type { Clock } from '../clock.ts'
import { isErrorCode } from './errors.ts'
import type { Frame, Reading } from './frames.ts'
import { maxIdLength, writeEmptyResult, writeError, writeResult } from './frames.ts'
import { compose, judge, type Judgement } from './judge.ts'
import type { Counters, Limits, Log } from './ports.ts'
import { ReplyMemory, type Digest } from './reply-memory.ts'
import { CallError } from './session.ts'
import { TokenBucket } from './token-bucket.ts'

type Call = Extract<Frame, { type: 'call' }>
const none: readonly string[] = []

export interface InboxOptions {
  readonly clock: Clock
  readonly limits: Limits
  readonly counters: Counters
  readonly log: Log
  readonly strict: boolean
  /** Who sends us these CALLs. */
  readonly from: 'station' | 'central'
  /** The response, or a promise of it. */
  handle(action: string, payload: unknown, faults: readonly string[]): unknown
  /** A CALL was refused before anybody handled it; '' when it cannot be read. */
  unhandled?(action: string): void
  send(text: string): void
  pause(): void
  resume(): void
  /** Over its bounds for too long. */
  overrun(reason: string): void
}

/**
 * One token pays for each frame that is taken up; when they run out the queue fills, and a full queue stops the reading, so a
 * charge point that waits for its answers is only slowed down. What the transport had read before it stopped is kept too,
 * up to `bufferedBytes`.
 */
export class Inbox {
  private readonly options: InboxOptions
  private readonly bucket: TokenBucket
  private readonly memory: ReplyMemory
  private waiting: { readonly reading: Reading; readonly size: number }[] = []
  private waitingSize = 0
  private busy = false
  private isWaiting = false
  private stopped = false
  private cancelOverrun: (() => void) | undefined
  private cancelToken: (() => void) | undefined
  paused = false

  constructor(options: InboxOptions) {
    this.options = options
    this.bucket = new TokenBucket(options.clock, options.limits.messagesPerSecond, options.limits.burst)
    this.memory = new ReplyMemory(options.limits.rememberedReplies)
  }

  /** `size` is the length of the frame's text. */
  push(reading: Reading, size: number): void {
    if (this.stopped) return
    this.waiting.push({ reading, size })
    this.waitingSize += size
    if (this.waitingSize > this.options.limits.bufferedBytes) return this.give('too much data')
    this.work()
    if (!this.paused && this.waiting.length >= this.options.limits.incomingQueue) this.pause()
  }

  /** Nothing is answered after this. */
  stop(): void {
    this.stopped = true
    this.waiting = []
    this.cancelOverrun?.()
    this.cancelToken?.()
  }

  private pause(): void {
    this.paused = true
    this.options.counters.pauses++
    this.options.pause()
    this.cancelOverrun ??= this.options.clock.after(this.options.limits.overrunMs, () => this.give('too many messages'))
  }

  private give(reason: string): void {
    this.options.counters.overruns++
    this.options.overrun(reason)
  }

  private settle(): void {
    if (this.paused && this.waiting.length < this.options.limits.incomingQueue) {
      this.paused = false
      this.options.resume()
    }
    // Only an empty queue ends an overrun: a flood makes room and fills it again at once.
    if (!this.paused && this.waiting.length === 0) {
      this.cancelOverrun?.()
      this.cancelOverrun = undefined
    }
  }

  /** Takes up what waits until something has to be waited for. */
  private work(): void {
    if (this.busy || this.cancelToken !== undefined) return
    this.busy = true
    try {
      while (!this.stopped) {
        const next = this.waiting[0]
        if (next === undefined) break
        const waitMs = this.bucket.take()
        if (waitMs > 0) {
          this.cancelToken = this.options.clock.after(waitMs, () => { this.cancelToken = undefined; this.work() })
          break
        }
        this.waiting.shift()
        this.waitingSize -= next.size
        const taken = this.take(next.reading)
        if (taken !== null) return this.wait(taken)
        if (!this.stopped) this.settle()
      }
    } finally {
      if (!this.isWaiting) this.busy = false
    }
  }

  private wait(taken: Promise<void>): void {
    this.isWaiting = true
    const goOn = (): void => {
      this.isWaiting = this.busy = false
      if (!this.stopped) this.settle()
      this.work()
    }
    void taken.then(goOn, goOn)
  }

  /** Null = it is done with. */
  private take(reading: Reading): Promise<void> | null {
    const { counters, log } = this.options
    if (reading.type === 'call') return this.answer(reading)
    if (reading.type === 'ignored') counters.ignoredFrames++
    else if (reading.type === 'result' || reading.type === 'error') {
      counters.unknownAnswers++
      log.warn({ messageId: reading.id.slice(0, maxIdLength) }, 'answer to no call of ours')
    } else {
      counters.badFrames++
      log.warn({ description: reading.description }, 'frame cannot be read')
      this.options.unhandled?.('')
      if (reading.type === 'bad-call' && reading.id !== undefined) this.refuse(reading.id, 'FormationViolation', reading.description)
    }
    return null
  }

  private refuse(id: string, code: Parameters<typeof writeError>[1], description: string): void {
    this.options.counters.callErrorsSent++
    this.options.send(writeError(id, code, description))
  }

  private answer(call: Call): Promise<void> | null {
    const { counters, log, strict, from } = this.options
    const { id, action, payload } = call
    counters.callsIn++
    const plain = this.plainSum(call)
    const digest = plain ?? ReplyMemory.digest(action, payload)
    const recalled = this.memory.recall(id, digest)
    if (recalled.type !== 'new') {
      counters.duplicateCalls++
      if (recalled.type === 'other') this.refuse(id, 'FormationViolation', 'message id was used before on this connection')
      else this.options.send(recalled.reply ?? writeEmptyResult(id))
      return null
    }
    if (plain !== null) return this.handOver(call, payload, none, digest)
    const judged: Judgement = judge(action, payload, { strict, from })
    if (!judged.ok) {
      this.options.unhandled?.(action)
      this.refuse(id, judged.code, judged.description)
      return null
    }
    if (judged.faults.length > 0) {
      counters.softFaults += judged.faults.length
      log.warn({ action, faults: judged.faults }, 'let through in spite of faults')
    }
    return this.handOver(call, judged.value, judged.faults, digest)
  }

  /** Stands for the content of what comes by the thousand. */
  private plainSum({ sum }: Call): number | null {
    return this.options.from === 'station' && sum !== undefined ? sum : null
  }

  private handOver(call: Call, payload: unknown, faults: readonly string[], digest: Digest): Promise<void> | null {
    try {
      const answer = this.options.handle(call.action, payload, faults)
      if (answer instanceof Promise) return answer.then((value) => this.reply(call, value, digest)).catch((cause: unknown) => this.fail(call, cause))
      this.reply(call, answer, digest)
    } catch (cause) {
      this.fail(call, cause)
    }
    return null
  }

  private reply({ id, action, payload }: Call, answer: unknown, digest: Digest): void {
    const isPlain = typeof digest === 'number' && isEmpty(answer)
    const text = isPlain ? writeEmptyResult(id) : writeResult(id, compose(action, 'response', answer))
    if (this.stopped) return
    if (isPlain) this.memory.rememberEmpty(id, digest)
    else this.memory.remember(id, typeof digest === 'string' ? digest : ReplyMemory.digest(action, payload), text)
    this.options.send(text)
  }

  private fail({ id, action }: Call, cause: unknown): void {
    if (this.stopped) return
    if (cause instanceof CallError && isErrorCode(cause.code)) return this.refuse(id, cause.code, cause.message)
    this.options.counters.handlerFailures++
    this.options.log.error({ err: cause, action }, 'handler failed')
    this.refuse(id, 'InternalError', 'the message could not be processed')
  }
}

/** What MeterValues are answered with. */
function isEmpty(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return false
  for (const _ in answer) return false
  return true
}
